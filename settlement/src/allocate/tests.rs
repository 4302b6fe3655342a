//! Situations of real banks, and laws.

#![allow(clippy::arithmetic_side_effects)] // small numbers of our own

use super::*;
use crate::bank::LineRole;
use crate::bank::netted::NettedFee;
use crate::bank::shape::{By, Returns, Shape};
use crate::ids::{BatchKey, Direction, TraceNumber};
use crate::money::{Cents, SignedCents};
use crate::reconcile::legs::BreakKind;
use jiff::civil::{Date, date};
use proptest::prelude::*;
use std::collections::BTreeMap;

const DAY: Date = date(2026, 11, 24);
const NEXT: Date = date(2026, 11, 25);
const TODAY: Date = date(2026, 11, 27);

fn key(number: u64) -> BatchKey {
    format!("261124A{number:07}").parse().unwrap()
}

pub(super) fn trace(number: u64) -> TraceNumber {
    TraceNumber::from_number(76_401_250_000_000 + number).unwrap()
}

pub(super) fn side(number: u64, direction: Direction, cents: i64) -> Expectation {
    let id = Kind::side_id(key(number), direction);
    let kind = Kind::Side(key(number), direction);
    let (since, due) = (DAY, NEXT);
    Expectation {
        file: "A".into(),
        company: "1900000001".into(),
        class: "PPD".into(),
        ..Expectation::new(
            id,
            kind,
            "1010",
            SignedCents::new(cents),
            Days { since, due },
        )
    }
}

pub(super) fn pull(number: u64, cents: i64) -> Expectation {
    side(number, Direction::Debit, cents)
}

pub(super) fn returned(number: u64, cents: i64) -> Expectation {
    let trace = trace(number);
    Expectation {
        id: format!("return/{trace}"),
        kind: Kind::Return(trace, Direction::Debit),
        ..pull(number, cents)
    }
}

pub(super) fn line(id: &str, role: LineRole, names: Vec<Name>, cents: i64) -> Receipt {
    let cents = SignedCents::new(cents);
    Receipt {
        id: id.into(),
        account: "1010".into(),
        role,
        cents,
        remainder: cents,
        value: NEXT,
        names,
        reference: String::new(),
        text: String::new(),
        reverses: false,
        details: Vec::new(),
        found: None,
    }
}

pub(super) fn settles(id: &str, number: u64, cents: i64) -> Receipt {
    line(
        id,
        LineRole::DebitSettlement,
        vec![Name::Batch(key(number))],
        cents,
    )
}

pub(super) fn bare(id: &str, cents: i64) -> Receipt {
    line(id, LineRole::DebitSettlement, Vec::new(), cents)
}

/// A day with its entries; fees of 25.00.
pub(super) struct Case {
    pub(super) expectations: Vec<Expectation>,
    pub(super) receipts: Vec<Receipt>,
    pub(super) done: Vec<Done>,
    pub(super) taken_back: Vec<Allocation>,
    pub(super) earlier: Vec<Earlier>,
    pub(super) members: BTreeMap<String, Vec<Member>>,
    today: Date,
    rounding: u64,
}

impl Case {
    pub(super) fn new(expectations: Vec<Expectation>, receipts: Vec<Receipt>) -> Case {
        Case {
            expectations,
            receipts,
            done: Vec::new(),
            taken_back: Vec::new(),
            earlier: Vec::new(),
            members: BTreeMap::new(),
            today: TODAY,
            rounding: 0,
        }
    }

    pub(super) fn today(&mut self, today: Date) {
        self.today = today;
    }

    pub(super) fn entries(self, of: &str, cents: &[i64]) -> Case {
        self.entries_from(of, 1, cents)
    }

    pub(super) fn entries_from(mut self, of: &str, first: u64, cents: &[i64]) -> Case {
        let members = (first..).zip(cents).map(|(number, cents)| Member {
            trace: trace(number),
            cents: SignedCents::new(*cents),
        });
        self.members.insert(of.to_owned(), members.collect());
        self
    }

    pub(super) fn run(&self) -> Outcome {
        let fees = [NettedFee {
            cents: Cents::new(2_500),
            word: "FEE".into(),
            per_day: 2,
            per_month: 4,
        }];
        let members = |one: &Expectation| self.members.get(&one.id).cloned().unwrap_or_default();
        let outcome = allocate(&Input {
            today: self.today,
            sla_days: 1,
            rounding: Cents::new(self.rounding),
            fees: &fees,
            netted_before: &[],
            expectations: &self.expectations,
            receipts: &self.receipts,
            done: &self.done,
            taken_back: &self.taken_back,
            earlier: &self.earlier,
            members: &members,
        });
        conserved(self, &outcome);
        outcome
    }
}

/// Each cent of each side is allocated or left, and every allocation sums to zero.
fn conserved(case: &Case, outcome: &Outcome) {
    let mut moved: BTreeMap<String, i64> = BTreeMap::new();
    for allocation in &outcome.allocations {
        let sum: i64 = allocation
            .shares
            .iter()
            .map(|share| share.cents.get())
            .sum();
        assert_eq!(sum, 0, "{allocation:?}");
        for (id, cents) in allocation.receipts() {
            *moved.entry(format!("r {id}")).or_default() += cents.get();
        }
        for (id, cents) in allocation.expectations() {
            *moved.entry(format!("e {id}")).or_default() -= cents.get();
        }
    }
    let took = |name: String| moved.get(&name).copied().unwrap_or(0);
    let received: BTreeMap<_, _> = outcome
        .receipts
        .iter()
        .map(|one| (&one.id, one.remainder.get()))
        .collect();
    for before in &case.receipts {
        let taken = before.remainder.get() - received[&before.id];
        assert_eq!(took(format!("r {}", before.id)), taken, "{}", before.id);
    }
    let expected: BTreeMap<_, _> = outcome
        .expectations
        .iter()
        .map(|one| (&one.id, one.remainder.get()))
        .collect();
    // What the bank rejected is expected no more, and nothing answers it.
    let dropped = |one: &Expectation| one.rejected && !one.waits.is_empty();
    let gone = outcome.expectations.iter();
    let gone = gone.filter(|one| one.is_withdrawn() || dropped(one));
    let gone: Vec<&String> = gone.map(|one| &one.id).collect();
    for before in case
        .expectations
        .iter()
        .filter(|one| !gone.contains(&&one.id))
    {
        let taken = before.remainder.get() - expected[&before.id];
        assert_eq!(took(format!("e {}", before.id)), taken, "{}", before.id);
    }
}

/// What is left of everything, and the kinds of what was found.
pub(super) fn left(outcome: &Outcome) -> (i64, i64, Vec<&'static str>) {
    let expected = outcome
        .expectations
        .iter()
        .map(|one| one.remainder.get())
        .sum();
    let received = outcome.receipts.iter().map(|one| one.remainder.get()).sum();
    (
        expected,
        received,
        outcome.findings.iter().map(|f| f.kind.as_str()).collect(),
    )
}

pub(super) fn shaped(mut one: Expectation, shape: Shape) -> Expectation {
    one.shape = shape;
    one
}

#[test]
fn name_and_amount_meet() {
    let case = Case::new(
        vec![pull(1, 500), pull(2, 500)],
        vec![settles("b", 2, 500), settles("a", 1, 500)],
    );
    let outcome = case.run();
    assert_eq!(left(&outcome), (0, 0, vec![]));
    assert_eq!(outcome.allocations.len(), 2);
    assert_eq!(
        outcome.allocations[0].pair(),
        Some(("a", case.expectations[0].id.as_str()))
    );
}

#[test]
fn a_batch_may_come_in_several_lines() {
    let both = vec![settles("a", 1, 300), settles("b", 1, 200)];
    let outcome = Case::new(vec![pull(1, 500)], both).run();
    assert_eq!(left(&outcome), (0, 0, vec![]));
    // On several days only where the bank does so.
    let several = Shape {
        several: true,
        ..Shape::default()
    };
    let first = vec![settles("a", 1, 300)];
    let mut case = Case::new(vec![shaped(pull(1, 500), several)], first);
    assert_eq!(left(&case.run()), (200, 0, vec!["TIMING"]));
    case.today = date(2026, 12, 1);
    assert_eq!(left(&case.run()).2, ["AMOUNT"]);
    case.expectations[0].remainder = SignedCents::new(200);
    case.receipts.clear();
    assert_eq!(left(&case.run()), (200, 0, vec!["SPLIT_INCOMPLETE"]));
    case.receipts = vec![settles("b", 1, 200)];
    assert_eq!(left(&case.run()), (0, 0, vec![]));
}

#[test]
fn lines_of_a_day_in_several_are_of_that_day_first() {
    let several = Shape {
        by: By::Day,
        several: true,
        ..Shape::default()
    };
    let mut later = shaped(pull(2, 700), several);
    later.due = TODAY; // and sent before
    let day = vec![shaped(pull(1, 500), several), later];
    let outcome = Case::new(day, vec![bare("a", 300), bare("b", 200)]).run();
    assert_eq!((left(&outcome).0, left(&outcome).1), (700, 0));
}

#[test]
fn one_net_figure_is_a_day() {
    let net = Shape {
        by: By::Day,
        net: true,
        returns: Returns::Netted,
        ..Shape::default()
    };
    let expected = vec![
        shaped(pull(1, 50_000), net),
        shaped(side(2, Direction::Credit, -40_000), net),
        shaped(returned(3, -700), net),
    ];
    let outcome = Case::new(expected.clone(), vec![bare("net", 9_300)]).run();
    assert_eq!(left(&outcome), (0, 0, vec![]));
    assert_eq!(outcome.allocations[0].shares.len(), 4);
    // A day that nets to nothing has no line.
    let mut even = expected;
    even.pop();
    even[1].cents = SignedCents::new(-50_000);
    even[1].remainder = even[1].cents;
    assert_eq!(left(&Case::new(even, vec![]).run()), (0, 0, vec![]));
}

#[test]
fn a_line_that_names_something_else_is_not_ours() {
    let mut other = bare("x", 500);
    other.names = vec![Name::Else("INVOICE 7".into())];
    let outcome = Case::new(vec![pull(1, 500)], vec![other]).run();
    let (expected, received, kinds) = left(&outcome);
    assert_eq!((expected, received), (500, 500));
    assert_eq!(kinds, ["TIMING", "UNEXPECTED_AT_BANK"]);
}

#[test]
fn two_of_one_amount_are_nobodys() {
    let both = vec![pull(1, 500), pull(2, 500)];
    let outcome = Case::new(both.clone(), vec![bare("x", 500)]).run();
    assert_eq!(left(&outcome).1, 500);
    let mut later = Case::new(both, vec![bare("x", 500)]);
    later.today = date(2026, 12, 1);
    assert!(left(&later.run()).2.contains(&"AMBIGUOUS"));
}

#[test]
fn two_lost_entries_and_a_fee_look_the_same() {
    let entries = [972, 1_528, 5_000];
    let case = Case::new(vec![pull(1, 7_500)], vec![settles("a", 1, 5_000)]);
    let case = case.entries("261124A0000001/debit", &entries);
    let outcome = case.run();
    assert_eq!(left(&outcome), (2_500, 0, vec!["AMBIGUOUS"]));
    let waits = &outcome.expectations[0].waits;
    assert_eq!(
        waits,
        &[trace(1), trace(2)],
        "these two wait, the third has settled"
    );
    // The bank's own word decides.
    let mut told = case;
    told.receipts[0].text = "ACH settlement less fee".into();
    let outcome = told.run();
    assert_eq!(left(&outcome), (0, 0, vec!["FEE_NETTED"]));
    let fee = outcome.allocations[0]
        .shares
        .iter()
        .find(|s| matches!(s.item, Item::NettedFee(_)));
    assert_eq!(fee.unwrap().cents, SignedCents::new(2_500));
}

#[test]
fn the_contract_counts_its_fees() {
    let many: Vec<u64> = (1..=5).collect();
    let expected = many.iter().map(|n| pull(*n, 10_000)).collect();
    let lines = many.iter().map(|n| {
        let mut line = settles(&format!("l{n}"), *n, 7_500);
        line.text = "LESS FEE".into();
        line
    });
    let outcome = Case::new(expected, lines.collect()).run();
    let kinds = left(&outcome).2;
    assert_eq!(
        kinds.iter().filter(|kind| **kind == "FEE_NETTED").count(),
        2
    );
    assert_eq!(kinds.iter().filter(|kind| **kind == "AMBIGUOUS").count(), 3);
}

#[test]
fn one_entry_that_alone_explains_it_is_missing_and_may_come_later() {
    let case = Case::new(vec![pull(1, 7_500)], vec![settles("a", 1, 6_000)]);
    let mut case = case.entries("261124A0000001/debit", &[1_500, 2_000, 4_000]);
    let outcome = case.run();
    assert_eq!(left(&outcome), (1_500, 0, vec!["MISSING_AT_BANK"]));
    assert_eq!(outcome.findings[0].candidates, [trace(1)]);
    // The next day nothing has come; then it does.
    case.expectations = outcome.expectations;
    case.receipts.clear();
    let next = case.run();
    assert_eq!(left(&next), (1_500, 0, vec!["MISSING_AT_BANK"]));
    assert_eq!(next.findings[0].candidates, [trace(1)]);
    case.receipts = vec![settles("b", 1, 1_500)];
    let came = case.run();
    assert_eq!(left(&came), (0, 0, vec![]));
    assert!(came.expectations[0].waits.is_empty());
}

#[test]
fn nothing_that_explains_it_leaves_the_whole_side_waiting() {
    let case = Case::new(vec![pull(1, 7_500)], vec![settles("a", 1, 10)]);
    let outcome = case
        .entries("261124A0000001/debit", &[1_500, 2_000, 4_000])
        .run();
    assert_eq!(left(&outcome), (7_490, 0, vec!["AMOUNT"]));
    assert!(outcome.expectations[0].waits.is_empty());
    assert_eq!(outcome.expectations[0].found, Some(BreakKind::Amount));
}

#[test]
fn a_cent_off_is_no_rounding_unless_the_profile_says_why() {
    let mut case = Case::new(vec![pull(1, 7_500)], vec![settles("a", 1, 7_499)]);
    assert_eq!(left(&case.run()), (1, 0, vec!["AMOUNT"]));
    case.rounding = 1;
    assert_eq!(left(&case.run()), (0, 0, vec!["ROUNDING"]));
}

#[test]
fn more_than_was_expected_stays_with_the_line() {
    let outcome = Case::new(vec![pull(1, 500)], vec![settles("a", 1, 800)]).run();
    assert_eq!(left(&outcome), (0, 300, vec!["AMOUNT"]));
}

#[test]
fn parts_that_name_what_they_are_meet() {
    let part = |number: u64, cents: i64| Detail {
        cents: SignedCents::new(cents),
        names: vec![Name::Trace(trace(number))],
    };
    let mut lump = line("lump", LineRole::DebitReturned, Vec::new(), -1_000);
    lump.details = vec![part(1, -400), part(2, -600)];
    let outcome = Case::new(
        vec![returned(1, -400), returned(2, -600)],
        vec![lump.clone()],
    )
    .run();
    assert_eq!(left(&outcome), (0, 0, vec![]));
    let outcome = Case::new(vec![returned(1, -400)], vec![lump]).run();
    assert_eq!((left(&outcome).0, left(&outcome).1), (0, -600));
}

#[test]
fn a_shape_that_does_not_fit_is_noticed() {
    let expected: Vec<_> = (1..=12)
        .map(|n| {
            let mut one = pull(n, 1_000 + i64::try_from(n * n).unwrap());
            one.company = format!("{:010}", n % 4);
            one
        })
        .collect();
    let lines = (0..4u64).map(|company| {
        let of = expected
            .iter()
            .filter(|one| one.company == format!("{company:010}"));
        bare(&format!("l{company}"), of.map(|one| one.cents.get()).sum())
    });
    let mut case = Case::new(expected.clone(), lines.collect());
    case.today = date(2026, 12, 1);
    let outcome = case.run();
    let told = outcome
        .findings
        .iter()
        .find(|f| f.kind == BreakKind::Status)
        .unwrap();
    assert!(told.why.contains("by = \"company"), "{}", told.why);
}

proptest! {
    #[test]
    fn order_changes_nothing(
        seed in any::<u64>(),
        amounts in prop::collection::vec(1i64..2_000, 1..12),
    ) {
        let mut expected: Vec<_> = (1..).zip(&amounts).map(|(n, cents)| pull(n, *cents)).collect();
        let mut lines: Vec<_> = (1..).zip(&amounts).map(|(n, cents)| {
            let off = i64::try_from(seed.rotate_left(n) % 3).unwrap();
            match seed.rotate_right(n) % 4 {
                0 => bare(&format!("l{n}"), *cents),
                _ => settles(&format!("l{n}"), u64::from(n), *cents + off),
            }
        }).collect();
        let first = Case::new(expected.clone(), lines.clone()).run();
        expected.reverse();
        let by = lines.len() / 2;
        lines.rotate_left(by);
        let second = Case::new(expected, lines).run();
        prop_assert_eq!(first, second);
    }
}
