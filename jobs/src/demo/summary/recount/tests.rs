//! The recount's own questions over small tables: right ones agree, and each lie is counted.

use super::{causes, sides};
use connectors_warehouse::FolderWarehouse;
use formats::tables::{
    AchEntries, AchEntry, AllocationShare, Allocations, Journal, JournalLine, PaymentEvent,
    PaymentEvents, Table, to_bytes,
};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use settlement::bank::netted::NettedTerms;
use settlement::money::{Cents, SignedCents};
use std::fs;
use tempfile::TempDir;

const DAY: Date = date(2026, 11, 24);
const BATCH: &str = "261124A0000001";

/// A batch of debits, of which something was said.
struct Tables {
    folder: TempDir,
}

impl Tables {
    fn of(entries: &[i64]) -> Tables {
        let folder = tempfile::tempdir().expect("a folder");
        let tables = Tables { folder };
        tables.put::<AchEntries>(
            (1..)
                .zip(entries)
                .map(|(trace, cents)| entry(trace, *cents)),
        );
        tables
    }

    fn put<'a, T: Table>(&self, rows: impl IntoIterator<Item = T::Row<'a>>) {
        let folder = self.folder.path().join(T::INFO.name).join("day=1");
        fs::create_dir_all(&folder).expect("a folder");
        let (bytes, _) = to_bytes::<T>(rows).expect("a table");
        fs::write(folder.join("part.parquet"), bytes).expect("written");
    }

    /// So many cents of the batch are allocated and booked, and these payments have settled.
    fn settled(&self, allocated: i64, booked: i64, payments: &[(i64, i64)]) {
        self.put::<Allocations>([AllocationShare {
            allocation_date: DAY,
            allocation_id: "a".into(),
            line_no: 1,
            pass: "named".into(),
            rules: 1,
            item: "expectation".into(),
            item_id: format!("{BATCH}/debit").into(),
            amount: SignedCents::new(-allocated),
            evidence: "".into(),
            reverses: None,
            decided_by: "".into(),
            currency: None,
        }]);
        let all: i64 = payments.iter().map(|(_, cents)| cents).sum();
        let opened = journal("D", all.max(allocated));
        self.put::<Journal>([opened, journal("C", booked)]);
        self.put::<PaymentEvents>(payments.iter().map(|(key, cents)| event(*key, *cents)));
    }

    fn warehouse(&self) -> FolderWarehouse {
        FolderWarehouse::new(self.folder.path())
    }
}

fn entry(trace: i64, cents: i64) -> AchEntry<'static> {
    AchEntry {
        cut_date: DAY,
        cut_id: "".into(),
        file: "A".into(),
        window: "standard".into(),
        batch: BATCH.into(),
        batch_key: 1,
        trace,
        payment_id: trace.to_string().into(),
        payment_key: trace,
        direction: "debit".into(),
        transaction_code: 27,
        routing: 76_401_251,
        account_token: "".into(),
        account_last4: "".into(),
        amount: SignedCents::new(cents),
        sec: "PPD".into(),
        company_id: "".into(),
        company_name: "".into(),
        description: "".into(),
        individual_name: "".into(),
        effective_date: DAY,
        settles_on: DAY,
        originator: "billing".into(),
        remittance: None,
        last_return_day: None,
        currency: None,
        reference: None,
        name_commitment: None,
    }
}

fn event(key: i64, cents: i64) -> PaymentEvent<'static> {
    PaymentEvent {
        event_date: DAY,
        at: Timestamp::UNIX_EPOCH,
        payment_id: key.to_string().into(),
        payment_key: key,
        version: 4,
        event: "settled".into(),
        from_state: "PENDING".into(),
        to_state: "SUCCESS".into(),
        direction: "debit".into(),
        amount: SignedCents::new(cents),
        originator: "billing".into(),
        trace: Some(key),
        batch: Some(BATCH.into()),
        detail: "".into(),
        currency: None,
        reference: None,
    }
}

fn journal(side: &'static str, cents: i64) -> JournalLine<'static> {
    JournalLine {
        ledger_date: DAY,
        effective_date: DAY,
        posted_at: Timestamp::UNIX_EPOCH,
        journal_id: side.into(),
        line_no: 1,
        posting: "".into(),
        account: "1110".into(),
        key: BATCH.into(),
        side: side.into(),
        amount: SignedCents::new(cents),
        source: "".into(),
        corrects: None,
        currency: None,
    }
}

/// Sides that stand apart from their money, and from the books.
async fn apart(allocated: i64, booked: i64, payments: &[(i64, i64)]) -> (i64, i64) {
    let tables = Tables::of(&[100, 250]);
    tables.settled(allocated, booked, payments);
    let warehouse = tables.warehouse();
    let standing = sides::standing_apart(&warehouse).await.expect("counted");
    let books = sides::booked_apart(&warehouse).await.expect("counted");
    (standing, books)
}

#[tokio::test]
async fn payments_stand_where_their_money_and_the_books_are() {
    let both = [(1, 100), (2, 250)];
    assert_eq!(apart(350, 350, &both).await, (0, 0));
    assert_eq!(
        apart(350, 350, &both[..1]).await,
        (1, 0),
        "one is left behind"
    );
    assert_eq!(
        apart(250, 250, &both).await,
        (1, 0),
        "nobody has paid for one"
    );
    assert_eq!(apart(350, 349, &both).await, (0, 1), "the books lag behind");
}

#[tokio::test]
async fn causes_are_counted_by_trying_all() {
    let side = format!("{BATCH}/debit");
    let count = async |entries: &[i64], fees: &[u64], off| {
        let tables = Tables::of(entries);
        let fees: Vec<_> = fees
            .iter()
            .map(|fee| NettedTerms::Cents(Cents::new(*fee)))
            .collect();
        let count = causes::of(&tables.warehouse(), &fees, &side, off).await;
        count.expect("counted")
    };
    assert_eq!(count(&[100, 250, 77], &[], -250).await, 1);
    assert_eq!(
        count(&[100, 250, 250], &[], -250).await,
        2,
        "two of one amount"
    );
    assert_eq!(
        count(&[972, 1_528, 77], &[2_500], -2_500).await,
        2,
        "a pair, or the fee"
    );
    assert_eq!(
        count(&[972, 1_528, 77], &[2_500], 2_500).await,
        0,
        "more came, not less"
    );
    assert_eq!(count(&[50, 50, 50], &[], -100).await, 3, "each pair once");
}
