//! Traces that recur: the original is chosen among all entries of a trace, whatever their age, and
//! only what can hold it is read.

use crate::days::world::{begin, block, desk};
use crate::tree::scratch;
use connectors::Name;
use desk::{Desk, names};
use formats::tables::{AchEntries, AchEntry};
use jiff::civil::{Date, date};
use jobs::records::frozen::{FrozenCut, FrozenHeader};
use jobs::{originals, parts, records};
use settlement::ids::{CutId, Direction, PaymentId, TraceNumber};
use settlement::money::SignedCents;
use settlement::returns::{Answer, AnswerKind, Original, original_of};
use settlement::windows::Window;
use std::collections::BTreeMap;

const SEQUENCE: u32 = 4_711;

fn trace(desk: &Desk) -> TraceNumber {
    TraceNumber::new(desk.bank.odfi, SEQUENCE).expect("a trace")
}

/// An entry of the one trace, in the cut of a day.
fn entry(desk: &Desk, on: Date, payment: i64, rdfi: i64, cents: i64) -> AchEntry<'static> {
    AchEntry {
        cut_date: on,
        cut_id: "cut".into(),
        file: "A.ach".into(),
        window: "standard".into(),
        batch: "261124A0000001".into(),
        batch_key: 1,
        trace: trace(desk).key(),
        payment_id: PaymentId::from_key(payment)
            .expect("an id")
            .to_string()
            .into(),
        payment_key: payment,
        direction: "debit".into(),
        transaction_code: 27,
        routing: rdfi * 10,
        account_token: "".into(),
        account_last4: "".into(),
        amount: SignedCents::new(cents),
        sec: "PPD".into(),
        company_id: "1234567890".into(),
        company_name: "".into(),
        description: "".into(),
        individual_name: "".into(),
        effective_date: on,
        settles_on: on,
        originator: "billing".into(),
        remittance: None,
        last_return_day: None,
        currency: None,
        reference: None,
        name_commitment: None,
    }
}

/// A chain of cuts, a day each, all of which took the same traces but for those without entries.
async fn chain(desk: &Desk, cuts: &[(Date, Vec<AchEntry<'static>>)]) {
    let objects = &*desk.ports.objects;
    let mut previous = None;
    for (seq, (on, rows)) in (1u64..).zip(cuts) {
        let rows: Vec<_> = rows.to_vec();
        let holds = !rows.is_empty();
        let part = parts::put_part::<AchEntries>(objects, *on, "standard", rows).await;
        let name = names::frozen(desk.bank.odfi, seq);
        let (first_after, last_sequence) = if holds {
            (4_000, 5_000)
        } else {
            (5_000, 4_000)
        };
        let cut = FrozenCut {
            seq,
            cut: CutId(format!("{on}/standard/{}", desk.bank.odfi)),
            date: *on,
            window: Window::Standard,
            first_after,
            last_sequence,
            header: header(),
            stuck: BTreeMap::new(),
            entries: part.expect("a part"),
            names: None,
            files: Vec::new(),
            previous: previous.take(),
        };
        records::put(objects, &name, &cut).await.expect("frozen");
        let read = records::read::<FrozenCut>(objects, &name).await;
        previous = read.expect("a record").map(|read| read.source);
    }
}

fn header() -> FrozenHeader {
    let text = String::new;
    FrozenHeader {
        destination: text(),
        destination_name: text(),
        origin: text(),
        origin_name: text(),
        time: jiff::civil::time(20, 0, 0, 0),
        line_end: Default::default(),
        account: text(),
    }
}

fn answer(desk: &Desk, code: &str, rdfi: u32, cents: i64, on: Date) -> Answer {
    Answer {
        id: "one".to_owned(),
        kind: AnswerKind::Return,
        code: code.to_owned(),
        by: TraceNumber::from_number(9).expect("a trace"),
        original_trace: trace(desk),
        original_rdfi: settlement::ids::DfiId::new(rdfi).expect("a bank"),
        company: "1234567890".to_owned(),
        cents: Direction::Debit
            .on_our_account(SignedCents::new(cents).magnitude())
            .expect("cents"),
        settled: on,
        received: on,
        payment: None,
        account_last4: None,
    }
}

/// The payments of the candidates that are found, and which of them is the original.
async fn found(desk: &Desk, answer: &Answer) -> (Vec<i64>, Original) {
    let answers = std::slice::from_ref(answer);
    let rows = originals::candidates(desk, answer.received, answers).await;
    let rows = rows.expect("candidates");
    let entries: Vec<_> = rows
        .iter()
        .map(|row| parts::sent(row).expect("sound"))
        .collect();
    let keys = rows.iter().map(|row| row.payment_key).collect();
    (keys, original_of(answer, entries.iter().enumerate()))
}

#[test]
fn a_trace_that_recurs_names_the_entry_that_its_answer_repeats_at_any_age() {
    let dir = scratch();
    let desk = desk(dir.path());
    block(async {
        begin(&desk).await;
        let row = |on, payment, rdfi, cents| entry(&desk, on, payment, rdfi, cents);
        let days = [
            date(2025, 1, 6),
            date(2026, 9, 14),
            date(2026, 11, 2),
            date(2026, 11, 23),
            date(2026, 11, 24),
        ];
        let cuts = [
            (days[0], vec![row(days[0], 1, 7_640_125, 700)]),
            (days[1], vec![row(days[1], 2, 7_640_125, 500)]),
            (days[2], vec![row(days[2], 3, 7_640_125, 500)]),
            (days[3], vec![row(days[3], 4, 9_100_001, 500)]),
            (days[4], Vec::new()),
        ];
        chain(&desk, &cuts).await;
        let on = date(2026, 11, 25);
        // Two of a trace, bank, company and amount: one of them can still come back so.
        let r10 = answer(&desk, "R10", 7_640_125, 500, on);
        assert_eq!(
            found(&desk, &r10).await,
            (vec![2, 3, 4], Original::Entry(1))
        );
        let settled = date(2026, 11, 3);
        let r01 = Answer {
            settled,
            ..answer(&desk, "R01", 7_640_125, 500, on)
        };
        assert_eq!(found(&desk, &r01).await.1, Original::Entry(1));
        // Neither can: nobody picks.
        let late = answer(&desk, "R01", 7_640_125, 500, on);
        assert_eq!(found(&desk, &late).await.1, Original::Several);
        let other_bank = answer(&desk, "R01", 9_100_001, 500, on);
        assert_eq!(found(&desk, &other_bank).await.1, Original::Entry(2));
        // Of a cut of two years ago, past every cut that can be answered in time.
        let old = answer(&desk, "R10", 7_640_125, 700, on);
        assert_eq!(
            found(&desk, &old).await,
            (vec![1, 2, 3, 4], Original::Entry(0))
        );
        let nobody = answer(&desk, "R10", 8_000_001, 700, on);
        assert_eq!(found(&desk, &nobody).await.1, Original::Unknown);
    });
}

#[test]
fn a_gap_in_the_chain_that_is_read_stops_the_search() {
    let dir = scratch();
    let at = dir.path();
    let desk = desk(at);
    block(async {
        begin(&desk).await;
        let days = [date(2026, 11, 20), date(2026, 11, 23), date(2026, 11, 24)];
        let cuts = days.map(|on| (on, vec![entry(&desk, on, 1, 7_640_125, 500)]));
        chain(&desk, &cuts).await;
        let gone: Name = names::frozen(desk.bank.odfi, 2);
        std::fs::remove_file(at.join("objects").join(&*gone)).expect("removed");
        let answers = [answer(&desk, "R10", 8_000_001, 700, date(2026, 11, 25))];
        let failed = originals::candidates(&desk, date(2026, 11, 25), &answers).await;
        let failed = failed.expect_err("a gap");
        assert!(failed.message.contains("has a gap"), "{failed}");
    });
}
