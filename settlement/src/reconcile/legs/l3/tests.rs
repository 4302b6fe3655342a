//! What is allocated, what waits and what is broken is all there is.

#![allow(clippy::arithmetic_side_effects)] // small numbers of our own

use super::*;
use crate::allocate::{self, Days, Member};
use crate::ids::{BatchKey, Direction, TraceNumber};
use crate::money::Cents;
use jiff::civil::{Date, date};

fn key(number: u16) -> BatchKey {
    BatchKey::new(date(2026, 11, 24), b'A', number.into()).unwrap()
}

fn side(number: u16, cents: i64) -> Expectation {
    let id = Kind::side_id(key(number), Direction::Debit);
    let kind = Kind::Side(key(number), Direction::Debit);
    let (since, due) = (date(2026, 11, 24), date(2026, 11, 25));
    Expectation::new(
        id,
        kind,
        "5678",
        SignedCents::new(cents),
        Days { since, due },
    )
}

fn line(id: &str, number: u16, cents: i64, value: Date) -> Receipt {
    let cents = SignedCents::new(cents);
    Receipt {
        id: id.into(),
        account: "5678".into(),
        role: LineRole::DebitSettlement,
        cents,
        remainder: cents,
        value,
        names: vec![Name::Batch(key(number))],
        reference: String::new(),
        text: String::new(),
        reverses: false,
        details: Vec::new(),
        found: None,
    }
}

fn day(expected: &[Expectation], lines: &[Receipt], members: &[i64]) -> Outcome {
    let members = |_: &Expectation| {
        let all = (1..).zip(members).map(|(n, cents)| Member {
            trace: TraceNumber::from_number(76_401_250_000_000 + n).unwrap(),
            cents: SignedCents::new(*cents),
        });
        all.collect()
    };
    let made = allocate::allocate(&allocate::Input {
        today: date(2026, 11, 27),
        sla_days: 1,
        rounding: Cents::ZERO,
        fees: &[],
        netted_before: &[],
        expectations: expected,
        receipts: lines,
        done: &[],
        taken_back: &[],
        earlier: &[],
        members: &members,
    });
    let before = |id: &str| {
        let left = expected.iter().map(|one| (&one.id, one.remainder));
        let right = lines.iter().map(|one| (&one.id, one.remainder));
        left.chain(right).find(|(one, _)| *one == id).unwrap().1
    };
    let expectations: Vec<_> = made
        .expectations
        .iter()
        .map(|now| Looked {
            now,
            before: before(&now.id),
        })
        .collect();
    let receipts: Vec<_> = made
        .receipts
        .iter()
        .map(|now| Looked {
            now,
            before: before(&now.id),
        })
        .collect();
    let none = BTreeSet::new();
    reconcile(&Input {
        expectations: &expectations,
        receipts: &receipts,
        allocations: &made.allocations,
        findings: &made.findings,
        billed: &none,
        strangers: &none,
    })
}

#[test]
fn every_cent_is_somewhere() {
    let due = date(2026, 11, 25);
    let expected = [side(1, 500), side(2, 7_500), side(3, 90)];
    let lines = [
        line("a", 1, 500, due),
        line("b", 2, 6_000, due),
        line("c", 9, 44, date(2026, 11, 24)),
    ];
    let outcome = day(&expected, &lines, &[1_500, 2_000, 4_000]);
    assert!(outcome.conservation.holds(), "{}", outcome.conservation);
    assert_eq!(outcome.conservation.left.matched, (1, 6_500));
    assert_eq!(outcome.conservation.left.broken, (1, 1_500));
    assert_eq!(outcome.conservation.left.open, (1, 90));
    assert_eq!(outcome.conservation.right.matched, (2, 6_500));
    let kinds: Vec<_> = outcome.breaks.iter().map(|found| found.kind).collect();
    assert_eq!(
        kinds,
        [BreakKind::MissingAtBank, BreakKind::UnexpectedAtBank]
    );
    assert_eq!(outcome.breaks[0].key, "076401250000001");
    assert_eq!(outcome.matches.len(), 2);
}

#[test]
fn another_day_is_a_remark() {
    let outcome = day(
        &[side(1, 500)],
        &[line("a", 1, 500, date(2026, 11, 27))],
        &[],
    );
    let [note] = outcome.breaks.as_slice() else {
        panic!("{:?}", outcome.breaks)
    };
    assert_eq!((note.kind, note.note), (BreakKind::Date, true));
    assert_eq!(outcome.conservation.left.matched, (1, 500));
}
