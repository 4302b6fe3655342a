//! Named questions over tables in which what they must find was planted by hand.

use super::{Asked, NAMED, columns, named, parameters};
use connectors::{Addresses, Name};
use connectors_warehouse::{FolderWarehouse, KnownTable, Value, Warehouse};
use formats::tables::{AchEntries, AchEntry, AchReturn, AchReturns, TABLES, Table, to_bytes};
use jiff::Span;
use jiff::civil::{Date, date};
use settlement::money::SignedCents;
use std::collections::BTreeMap;
use std::fs;
use tempfile::TempDir;

const AS_OF: Date = date(2026, 12, 8);

/// Tables of one part each, by hand.
struct Tables {
    folder: TempDir,
    files: BTreeMap<&'static str, Name>,
}

impl Tables {
    fn new() -> Tables {
        let (folder, files) = (tempfile::tempdir().unwrap(), BTreeMap::new());
        Tables { folder, files }
    }

    fn put<'a, T: Table>(&mut self, rows: impl IntoIterator<Item = T::Row<'a>>) {
        let name = Name::parse(format!("{}/day=1/part.parquet", T::INFO.name)).unwrap();
        let path = self.folder.path().join("objects").join(name.as_str());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, to_bytes::<T>(rows).unwrap().0).unwrap();
        self.files.insert(T::INFO.name, name);
    }

    async fn ask(&self, name: &str) -> Vec<Vec<Value>> {
        let given = ["payment", "originator"].map(|name| (name.to_owned(), "x".to_owned()));
        let question = named(name).unwrap();
        let takes = question.parameters();
        let given = given.into_iter();
        let given = given.filter(|(name, _)| takes.iter().any(|one| one.name == name));
        let asked = Asked {
            parameters: given.collect(),
            ..Asked::default()
        };
        let filled = parameters::filled(question.text, Some(question), &asked, AS_OF);
        let tables: Vec<KnownTable> = TABLES
            .iter()
            .map(|table| KnownTable {
                name: table.name.to_owned(),
                columns: columns(table),
                files: self.files.get(table.name).into_iter().cloned().collect(),
            })
            .collect();
        let at = Addresses::in_dir(self.folder.path());
        let warehouse = FolderWarehouse::of(&at, &tables, Vec::new()).unwrap();
        warehouse.query(&filled.unwrap().0).await.unwrap().rows
    }
}

fn days_before(days: i64) -> Date {
    AS_OF.checked_sub(Span::new().days(days)).unwrap()
}

fn entry(trace: i64, sent: Date, sec: &'static str, direction: &'static str) -> AchEntry<'static> {
    AchEntry {
        cut_date: sent,
        cut_id: "".into(),
        file: "A".into(),
        window: "standard".into(),
        batch: "261124A0000001".into(),
        batch_key: 1,
        trace,
        payment_id: trace.to_string().into(),
        payment_key: trace,
        direction: direction.into(),
        transaction_code: 27,
        routing: 76_401_251,
        account_token: "".into(),
        account_last4: "".into(),
        amount: SignedCents::new(100),
        sec: sec.into(),
        company_id: "".into(),
        company_name: "".into(),
        description: "".into(),
        individual_name: "".into(),
        effective_date: sent,
        settles_on: sent,
        originator: "billing".into(),
        remittance: None,
        last_return_day: None,
        currency: None,
        reference: None,
        name_commitment: None,
    }
}

fn returned(trace: i64, on: Date, code: &'static str) -> AchReturn<'static> {
    AchReturn {
        received_date: on,
        file: "R".into(),
        line: 1,
        kind: "return".into(),
        code: code.into(),
        return_trace: trace,
        original_trace: trace,
        original_rdfi: 7_640_125,
        company_id: "".into(),
        sec: "PPD".into(),
        transaction_code: 26,
        direction: "debit".into(),
        amount: SignedCents::new(100),
        payment_id: Some(trace.to_string().into()),
        payment_key: Some(trace),
        batch: None,
        late: false,
        note: None,
        return_id: None,
        settled_date: None,
        settled_by: None,
        names_payment: None,
        originator: None,
        cut_date: None,
        currency: None,
    }
}

/// A row of return_rates, but for the words that it begins with.
fn rates(rows: &[Vec<Value>], sec: &str) -> Vec<i64> {
    let is_it = |row: &&Vec<Value>| row[1] == Value::Text(sec.to_owned());
    let row = rows
        .iter()
        .find(is_it)
        .unwrap_or_else(|| panic!("{sec} in {rows:?}"));
    let figure = |value: &Value| match value {
        Value::Number(figure) => *figure,
        other => panic!("{other:?}"),
    };
    row[2..].iter().map(figure).collect()
}

#[tokio::test]
async fn return_rates_count_by_the_day_a_debit_was_sent() {
    let mut tables = Tables::new();
    let mut entries: Vec<AchEntry<'_>> = (0..400)
        .map(|n| entry(1_000 + n, days_before(10), "PPD", "debit"))
        .collect();
    entries.push(entry(1, days_before(60), "PPD", "debit")); // comes back on its day 55
    entries.push(entry(2, days_before(61), "PPD", "debit")); // sent a day too early to count
    entries.push(entry(3, days_before(20), "PPD", "debit")); // tried again: each try counts
    entries.push(entry(4, days_before(15), "PPD", "debit"));
    entries.push(entry(5, days_before(10), "PPD", "credit"));
    entries.push(entry(6, days_before(10), "RCK", "debit"));
    entries.push(AchEntry {
        amount: SignedCents::ZERO, // a prenote
        ..entry(7, days_before(10), "PPD", "debit")
    });
    entries.push(entry(8, days_before(10), "WEB", "debit"));
    tables.put::<AchEntries>(entries);
    tables.put::<AchReturns>([
        returned(1, days_before(5), "R10"),
        returned(2, days_before(5), "R10"),
        returned(3, days_before(17), "R01"),
        returned(4, days_before(12), "R03"),
        returned(5, days_before(8), "R03"),
        returned(6, days_before(8), "R05"),
        returned(7, days_before(8), "R10"),
        returned(8, days_before(8), "R11"),
        returned(8, days_before(7), "R10"), // told again with its reason right: one return
    ]);
    let rows = tables.ask("return_rates").await;
    assert_eq!(
        rates(&rows, "PPD"),
        [403, 1, 1, 3, 0, 0, 0, 5 * 403 - 1_000]
    );
    assert_eq!(rates(&rows, "WEB"), [1, 1, 0, 1, 1, 0, 1, 5 - 1_000]);
    assert_eq!(
        rates(&rows, "all"),
        [404, 2, 1, 4, 0, 0, 0, 5 * 404 - 2_000]
    );
    assert_eq!(rows.len(), 3, "{rows:?}");
}

#[tokio::test]
async fn every_question_is_answered_by_tables_of_which_nothing_was_ever_written() {
    let tables = Tables::new();
    for question in NAMED {
        let rows = tables.ask(question.name).await;
        // Sums of nothing are one row.
        assert!(rows.len() <= 1, "{}: {rows:?}", question.name);
    }
}
