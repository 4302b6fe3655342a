#![allow(clippy::arithmetic_side_effects)] // small known numbers

use super::*;
use arrow_array::{Array, Decimal128Array, Int64Array};
use bytes::Bytes;
use jiff::{Timestamp, civil::date};
use parquet::file::reader::{FileReader, SerializedFileReader};
use proptest::prelude::*;
use settlement::money::SignedCents;

fn event(at: i64) -> PaymentEvent<'static> {
    PaymentEvent {
        event_date: date(2026, 11, 25),
        at: Timestamp::from_microsecond(1_795_000_000_123_456 + at).unwrap(),
        payment_id: format!("01ABCDEF{at:05}").into(),
        payment_key: at,
        version: 3,
        event: "CUT".into(),
        from_state: "INIT".into(),
        to_state: "BATCHED".into(),
        direction: "credit".into(),
        amount: SignedCents::new(at - 50),
        originator: "sample".into(),
        trace: (at % 3 != 0).then_some(91_000_010_000_000 + at),
        batch: (at % 2 == 0).then(|| "261125A0000001".into()),
        detail: "naïve, \"quoted\"".into(),
        currency: (at % 2 == 0).then(|| "USD".into()),
        reference: (at % 5 == 0).then(|| format!("order {at}").into()),
    }
}

fn file(rows: i64) -> Vec<u8> {
    to_bytes::<PaymentEvents>((0..rows).map(event)).unwrap().0
}

/// Every row, or the first error.
fn rows<T: Table>(bytes: Vec<u8>) -> Result<Vec<T::Row<'static>>, TableError> {
    read::<T>(Bytes::from(bytes), "x.parquet")?.collect()
}

#[test]
fn a_file_larger_than_a_row_group_reads_back_as_written() {
    let count = i64::try_from(ROW_GROUP).unwrap() + 10;
    let bytes = file(count);
    assert_eq!(file(count), bytes, "the same rows give the same bytes");
    let reader = SerializedFileReader::new(Bytes::from(bytes.clone())).unwrap();
    assert_eq!(reader.metadata().num_row_groups(), 2);
    let column = reader.metadata().row_group(0).column(2);
    assert!(column.bloom_filter_offset().is_some() && column.statistics().is_some());
    let back = rows::<PaymentEvents>(bytes).unwrap();
    assert!(back.into_iter().eq((0..count).map(event)));
}

#[test]
fn rows_at_places_are_those_that_stand_there() {
    let count = ROW_GROUP + 10;
    let bytes = Bytes::from(file(i64::try_from(count).unwrap()));
    let places = vec![
        0..2,
        7..8,
        8..9,
        ROW_GROUP - 1..ROW_GROUP + 3,
        count - 1..count,
    ];
    let wanted = places.iter().cloned().flatten();
    let wanted = wanted.map(|at| event(i64::try_from(at).unwrap()));
    let found = read_at::<PaymentEvents>(bytes.clone(), "x", places.clone()).unwrap();
    assert!(found.map(Result::unwrap).eq(wanted));
    for wrong in [vec![0..1, count..count + 1], vec![3..5, 4..6]] {
        let refused = read_at::<PaymentEvents>(bytes.clone(), "x", wrong).err();
        assert!(matches!(refused, Some(TableError::Torn { .. })));
    }
}

#[test]
fn money_stands_twice_and_agrees() {
    let mut batches =
        read_columns(Bytes::from(file(200)), "x", &["amount", "amount_cents"]).unwrap();
    let batch = batches.next().unwrap().unwrap();
    let dollars = batch
        .column(0)
        .as_any()
        .downcast_ref::<Decimal128Array>()
        .unwrap();
    let cents = batch
        .column(1)
        .as_any()
        .downcast_ref::<Int64Array>()
        .unwrap();
    assert_eq!((dollars.precision(), dollars.scale()), (18, 2));
    for at in 0..200 {
        assert_eq!(dollars.value(at), i128::from(cents.value(at)));
    }
    assert_eq!(dollars.value_as_string(0), "-0.50");
    assert_eq!(cents.null_count(), 0);
}

#[test]
fn what_is_written_is_counted() {
    let (_, written) = to_bytes::<PaymentEvents>((0..100).map(event)).unwrap();
    assert_eq!(
        written,
        Written {
            rows: 100,
            cents: SignedCents::new(-50)
        }
    );
    let (bytes, written) = to_bytes::<Breaks>([]).unwrap();
    assert_eq!(
        written,
        Written {
            rows: 0,
            cents: SignedCents::ZERO
        }
    );
    assert!(rows::<Breaks>(bytes).unwrap().is_empty());
}

#[test]
fn what_does_not_fit_is_refused_before_it_is_written() {
    let mut writer = Writer::<PaymentEvents, _>::new(Vec::new()).unwrap();
    let long = PaymentEvent {
        detail: "x".repeat(MAX_TEXT + 1).into(),
        ..event(1)
    };
    let message = writer.push(&long).unwrap_err().to_string();
    assert!(message.starts_with("table payment_events, row 1, column detail: too long"));
    let huge = PaymentEvent {
        amount: SignedCents::new(i64::MAX),
        ..event(1)
    };
    assert!(matches!(
        writer.push(&huge),
        Err(TableError::TooLong {
            column: "amount",
            ..
        })
    ));
}

#[test]
fn another_table_or_a_missing_column_is_named() {
    let message = rows::<AchEntries>(file(3)).unwrap_err().to_string();
    assert!(message.starts_with("x.parquet: is no ach_entries table: it has no column cut_date"));
    let missing = read_columns(Bytes::from(file(3)), "x.parquet", &["trace", "nothing"]);
    assert!(
        missing
            .err()
            .unwrap()
            .to_string()
            .contains("no column nothing")
    );
}

#[test]
fn every_table_says_what_athena_needs() {
    for table in TABLES {
        assert_eq!(table.columns[0].name, table.partition);
        assert_eq!(table.columns[0].kind, ColumnKind::Date);
        assert!(table.columns.iter().all(|column| !column.doc.is_empty()));
        assert_eq!(table.sql_columns().len(), table.schema().fields().len());
    }
    assert!(
        table("journal")
            .unwrap()
            .sql_columns()
            .contains(&("amount", "decimal(18,2)"))
    );
    assert!(
        table("journal")
            .unwrap()
            .sql_columns()
            .contains(&("amount_cents", "bigint"))
    );
    assert!(table("nothing").is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// A file cut short anywhere, or with bytes changed anywhere, gives rows or an error.
    #[test]
    fn a_damaged_file_never_panics(cut in 0usize..10_000, at in 0usize..10_000, byte in 1u8..) {
        let whole = file(300);
        let torn = whole[..cut % whole.len()].to_vec();
        let torn = matches!(rows::<PaymentEvents>(torn), Err(TableError::Torn { .. }));
        prop_assert!(torn);
        let mut changed = whole;
        let place = at % changed.len();
        changed[place] ^= byte;
        let _ = rows::<PaymentEvents>(changed);
    }
}
