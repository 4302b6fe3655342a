//! Lines whose parts the bank lists.

use super::tests::{Case, bare, left, line, pull, returned, settles, shaped, side, trace};
use super::{Detail, Name, Outcome, Pass, Receipt};
use crate::bank::LineRole;
use crate::bank::shape::{By, Returns, Shape};
use crate::exact::Exact;
use crate::ids::Direction;
use crate::money::SignedCents;
use crate::reconcile::legs::BreakKind;
use jiff::civil::date;

const SIDE: &str = "261124A0000001/debit";

fn part(number: u64, cents: i64) -> Detail {
    Detail {
        cents: SignedCents::new(cents),
        names: vec![Name::Trace(trace(number))],
    }
}

/// A line of these parts, which names nothing itself.
fn listing(id: &str, parts: Vec<Detail>) -> Receipt {
    let cents = parts.iter().map(|part| part.cents.get()).sum();
    let mut line = bare(id, cents);
    line.details = parts;
    line
}

fn entries(lines: Vec<Receipt>) -> Case {
    Case::new(vec![pull(1, 1_000)], lines).entries(SIDE, &[100, 200, 300, 400])
}

/// The same on the next day, with what is left.
fn next(mut case: Case, before: &Outcome, lines: Vec<Receipt>) -> Case {
    let left = |one: &&Receipt| !one.remainder.is_zero();
    case.expectations.clone_from(&before.expectations);
    case.receipts = before.receipts.iter().filter(left).cloned().collect();
    case.receipts.extend(lines);
    case
}

#[test]
fn a_batch_is_met_by_all_its_entries() {
    let all = vec![part(1, 100), part(2, 200), part(3, 300), part(4, 400)];
    let outcome = entries(vec![listing("a", all)]).run();
    assert_eq!(left(&outcome), (0, 0, vec![]));
    assert_eq!(outcome.allocations[0].pass, Pass::Details);
    // In two lines.
    let (first, second) = (
        vec![part(1, 100), part(3, 300)],
        vec![part(2, 200), part(4, 400)],
    );
    let outcome = entries(vec![listing("a", first), listing("b", second)]).run();
    assert_eq!(left(&outcome), (0, 0, vec![]));
}

#[test]
fn entries_that_the_bank_does_not_list_wait_and_no_others() {
    // Look-alikes by amount: 100 and 200 are as much as 300.
    let case = entries(vec![listing(
        "a",
        vec![part(1, 100), part(2, 200), part(4, 400)],
    )]);
    let outcome = case.run();
    assert_eq!(left(&outcome), (300, 0, vec!["MISSING_AT_BANK"]));
    assert_eq!(outcome.expectations[0].waits, [trace(3)]);
    assert!(outcome.findings[0].why.contains("camt detail"));
    // It comes later, in a line that names it, or in one that lists it.
    let names = vec![Name::Trace(trace(3))];
    let named = line("b", LineRole::DebitSettlement, names, 300);
    for late in [named, listing("b", vec![part(3, 300)])] {
        let again = entries(Vec::new());
        assert_eq!(
            left(&next(again, &outcome, vec![late]).run()),
            (0, 0, vec![])
        );
    }
    // Two of them, and one comes.
    let case = entries(vec![listing("a", vec![part(1, 100), part(4, 400)])]);
    let outcome = case.run();
    assert_eq!(outcome.expectations[0].waits, [trace(2), trace(3)]);
    let outcome = next(case, &outcome, vec![listing("b", vec![part(2, 200)])]).run();
    assert_eq!(left(&outcome), (300, 0, vec!["MISSING_AT_BANK"]));
    assert_eq!(outcome.expectations[0].waits, [trace(3)]);
}

#[test]
fn a_part_that_names_its_batch_and_lists_its_entry_tells_which_one_is_missing() {
    let several = Shape {
        several: true,
        ..Shape::default()
    };
    let mut part_of_it = settles("a", 1, 300);
    part_of_it.details = vec![part(3, 300)];
    let case = Case::new(vec![shaped(pull(1, 400), several)], vec![part_of_it]);
    let mut case = case.entries_from(SIDE, 3, &[300, 100]);
    case.today(date(2026, 11, 25));
    let first = case.run();
    assert_eq!(first.allocations[0].pass, Pass::Details);
    assert_eq!(first.expectations[0].waits, [trace(4)]);
    let mut late = next(case, &first, Vec::new());
    late.today(date(2026, 12, 1));
    let outcome = late.run();
    assert_eq!(left(&outcome), (100, 0, vec!["MISSING_AT_BANK"]));
    assert_eq!(outcome.findings[0].candidates, [trace(4)]);
}

#[test]
fn where_a_bank_splits_what_is_not_listed_yet_is_inside_its_time() {
    let several = Shape {
        several: true,
        ..Shape::default()
    };
    let mut case = entries(vec![listing("a", vec![part(1, 100), part(2, 200)])]);
    case.expectations = vec![shaped(pull(1, 1_000), several)];
    let outcome = case.run();
    assert_eq!(left(&outcome), (700, 0, vec!["TIMING"]));
    assert_eq!(outcome.expectations[0].found, None);
    let rest = || vec![listing("b", vec![part(3, 300), part(4, 400)])];
    let mut case = next(case, &outcome, rest());
    assert_eq!(left(&case.run()), (0, 0, vec![]));
    // It does not come: then these are missing, and the others have settled.
    case.receipts.clear();
    case.today(date(2026, 12, 4));
    let outcome = case.run();
    assert_eq!(left(&outcome), (700, 0, vec!["MISSING_AT_BANK"]));
    assert_eq!(
        outcome.expectations[0].found,
        Some(BreakKind::MissingAtBank)
    );
    assert_eq!(left(&next(case, &outcome, rest()).run()), (0, 0, vec![]));
}

#[test]
fn an_entry_is_named_once_and_by_its_amount() {
    let twice = vec![part(1, 100), part(1, 100), part(2, 999)];
    let outcome = entries(vec![listing("a", twice)]).run();
    assert_eq!(left(&outcome).1, 1_099);
    let [line] = outcome.receipts.as_slice() else {
        panic!("{outcome:?}");
    };
    assert_eq!(line.details, [part(1, 100), part(2, 999)]);
}

#[test]
fn a_line_of_which_parts_are_allocated_goes_by_its_parts() {
    let lump = listing("a", vec![part(1, 100), part(2, 200), part(9, 500)]);
    let case = Case::new(vec![pull(1, 1_000), pull(2, 500)], vec![lump]);
    let case = case.entries(SIDE, &[100, 200, 300, 400]);
    let outcome = case.run();
    // What is left has the amount of another batch, and is not taken for it.
    assert_eq!(left(&outcome).0, 700 + 500);
    assert!(outcome.receipts[0].is_in_parts());
    assert!(left(&outcome).2.contains(&"TIMING"));
    let mut late = next(case, &outcome, Vec::new());
    late.today(date(2026, 12, 4));
    assert!(left(&late.run()).2.contains(&"UNEXPECTED_AT_BANK"));
    // The return that a part names comes to be known.
    let mut known = next(entries(Vec::new()), &outcome, Vec::new());
    known.expectations.push(returned(9, 500));
    assert_eq!(left(&known.run()).1, 0);
}

#[test]
fn a_net_figure_is_all_that_it_lists() {
    let net = Shape {
        by: By::Day,
        net: true,
        returns: Returns::Netted,
        ..Shape::default()
    };
    let day = vec![
        shaped(pull(1, 1_000), net),
        shaped(side(2, Direction::Credit, -9_000), net),
        shaped(returned(3, -70), net),
    ];
    let batch = |number: u64, cents: i64| Detail {
        cents: SignedCents::new(cents),
        names: settles("", number, 0).names,
    };
    let lump = listing("a", vec![batch(1, 1_000), batch(2, -9_000), part(3, -70)]);
    let outcome = Case::new(day.clone(), vec![lump]).run();
    assert_eq!(left(&outcome), (0, 0, vec![]));
    assert_eq!(outcome.allocations[0].pass, Pass::Details);
    // Where a part is of another amount than what it names, the others would take more than the
    // line has: nothing is guessed.
    let lump = listing("a", vec![batch(1, 900), batch(2, -9_000), part(3, -70)]);
    let outcome = Case::new(day, vec![lump]).run();
    assert_eq!((left(&outcome).0, left(&outcome).1), (-8_070, -8_170));
}

#[test]
fn of_two_entries_of_one_trace_the_one_whose_batch_is_named_is_meant() {
    let two = || vec![pull(1, 300), pull(2, 300)];
    let other = "261124A0000002/debit";
    let case = |lines| {
        Case::new(two(), lines)
            .entries(SIDE, &[300])
            .entries(other, &[300])
    };
    let named = |names: Vec<Name>| {
        let mut line = listing("a", vec![part(1, 300)]);
        line.details[0].names.extend(names);
        line
    };
    let outcome = case(vec![named(settles("", 2, 0).names)]).run();
    assert_eq!(
        outcome.allocations[0].expectations().next().unwrap().0,
        other
    );
    let outcome = case(vec![named(Vec::new())]).run();
    assert_eq!(left(&outcome).1, 300);
    // Only one of them can be of that day.
    let mut later = case(vec![named(Vec::new())]);
    later.expectations[0].since = date(2026, 11, 26);
    let outcome = later.run();
    assert_eq!(
        outcome.allocations[0].expectations().next().unwrap().0,
        other
    );
}

#[test]
fn of_entries_that_wait_because_they_look_alike_the_one_that_comes_is_told() {
    let mut case = Case::new(vec![pull(1, 1_300)], vec![settles("a", 1, 1_000)]);
    case = case.entries(SIDE, &[300, 300, 700]);
    let outcome = case.run();
    assert_eq!(outcome.findings[0].kind, BreakKind::Ambiguous);
    let late = listing("b", vec![part(2, 300)]);
    assert_eq!(
        left(&next(case, &outcome, vec![late]).run()),
        (0, 0, vec![])
    );
}

#[test]
fn a_line_of_many_thousand_entries_is_met_by_each() {
    let (sides, each) = (20u64, 1_000u64);
    let mut case = Case::new(Vec::new(), Vec::new());
    let mut parts = Vec::new();
    for number in 1..=sides {
        let first = number.times(10_000);
        let cents: Vec<i64> = (0..each)
            .map(|n| i64::try_from(n.plus(1)).unwrap())
            .collect();
        let whole = pull(number, cents.iter().sum());
        let all = (first..)
            .zip(&cents)
            .map(|(trace, cents)| part(trace, *cents));
        parts.extend(all.skip(usize::from(number == 7)));
        case = case.entries_from(&whole.id, first, &cents);
        case.expectations.push(whole);
    }
    case.receipts = vec![listing("a", parts)];
    let outcome = case.run();
    assert_eq!(left(&outcome), (1, 0, vec!["MISSING_AT_BANK"]));
    assert_eq!(outcome.expectations[6].waits, [trace(70_000)]);
}
