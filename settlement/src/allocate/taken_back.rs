//! What the bank takes back, and what it says again.

use super::displaced::then;
use super::tests::{Case, left, line, pull, returned, settles, shaped, trace};
use super::{Done, Name, Outcome};
use crate::bank::LineRole;
use crate::bank::shape::Shape;

#[test]
fn what_the_bank_takes_back_is_even() {
    let unknown = line("a", LineRole::Other, vec![Name::Else("X".into())], 900);
    let back = line("b", LineRole::Other, vec![Name::Else("X".into())], -900);
    assert_eq!(
        left(&Case::new(vec![], vec![unknown, back]).run()),
        (0, 0, vec![])
    );
    // A second settlement and its correction.
    let done = || {
        vec![Done {
            expectation: pull(1, 500),
            by: "2026-11-26-0123456789ab".into(),
        }]
    };
    let mut case = Case::new(vec![], vec![settles("a", 1, 500)]);
    case.done = done();
    assert_eq!(left(&case.run()).2, ["DUP_STATEMENT"]);
    case.receipts.push(settles("b", 1, -500));
    assert_eq!(left(&case.run()), (0, 0, vec![]));
    // The settlement itself, and then once more.
    case.receipts = vec![settles("b", 1, -500)];
    let outcome = case.run();
    assert_eq!((left(&outcome).0, outcome.undone.len()), (500, 1));
    assert_eq!(
        outcome.allocations[0].reverses.as_deref(),
        Some("2026-11-26-0123456789ab")
    );
    case.done.clear();
    case.expectations = vec![pull(1, 500)];
    case.receipts = vec![settles("c", 1, 500)];
    assert_eq!(left(&case.run()), (0, 0, vec![]));
}

#[test]
fn what_has_come_and_comes_again_is_no_rest() {
    let mut case = Case::new(vec![pull(1, 7_500)], vec![settles("a", 1, 7_493)]);
    let outcome = case.run();
    assert_eq!(left(&outcome), (7, 0, vec!["AMOUNT"]));
    case.expectations = outcome.expectations;
    case.receipts = vec![settles("b", 1, 7_493)];
    assert_eq!(
        left(&case.run()),
        (7, 7_493, vec!["DUP_STATEMENT", "AMOUNT"])
    );
}

#[test]
fn the_money_of_a_dishonored_return_takes_nothing_back() {
    let mut case = Case::new(vec![returned(1, 700)], vec![]);
    case.expectations[0].id.push_str("/dishonored");
    let before = "2026-11-26-0123456789ab".into();
    case.done = vec![Done {
        expectation: returned(1, -700),
        by: before,
    }];
    let names = vec![Name::Trace(trace(1))];
    case.receipts = vec![line("back", LineRole::DebitReturned, names, 700)];
    let outcome = case.run();
    assert_eq!((left(&outcome), outcome.undone.len()), ((0, 0, vec![]), 0));
}

#[test]
fn a_part_that_is_taken_back_may_come_again_in_full() {
    let case = Case::new(vec![pull(1, 7_500)], vec![settles("a", 1, 6_000)]);
    let mut case = case.entries("261124A0000001/debit", &[1_500, 2_000, 4_000]);
    case.expectations = case.run().expectations;
    case.receipts = vec![settles("b", 1, -6_000), settles("c", 1, 7_500)];
    let outcome = case.run();
    assert_eq!((left(&outcome), outcome.undone.len()), ((0, 0, vec![]), 1));
    assert!(outcome.expectations[0].waits.is_empty());
}

#[test]
fn the_amount_of_a_batch_the_other_way_is_no_timing() {
    let case = Case::new(vec![pull(1, 7_500)], vec![settles("a", 1, -7_500)]);
    assert_eq!(left(&case.run()).2, ["TIMING", "DIRECTION"]);
}

#[test]
fn a_last_part_that_is_a_cent_too_much_settles_its_batch_and_leaves_the_cent() {
    let several = Shape {
        several: true,
        ..Shape::default()
    };
    let first = Case::new(
        vec![shaped(pull(1, 900), several)],
        vec![settles("a", 1, 200)],
    );
    let first = first.run();
    let after = |before: &[&Outcome], cents: i64| {
        let mut next = then(before[before.len() - 1]);
        next.earlier = before.iter().flat_map(|day| then(day).earlier).collect();
        next.receipts.push(settles("z", 1, cents));
        next
    };
    let second = after(&[&first], 300).run();
    assert_eq!(left(&second), (400, 0, vec!["TIMING"]));
    let days = [&first, &second];
    let third = after(&days, 401).run();
    assert_eq!(left(&third), (0, 1, vec!["AMOUNT"]));
    assert_eq!((third.findings[0].cents.get(), third.settled.len()), (1, 1));
    assert_eq!(third.findings[0].expectations, ["261124A0000001/debit"]);
    // The same break on the days after it.
    let same = then(&third).run();
    assert_eq!(
        (left(&same), &same.findings[0].expectations),
        (left(&third), &third.findings[0].expectations)
    );
    // What repeats all that has come, or all of the batch, is no last part; nor is a part that was
    // told before and is more than the rest.
    for again in [500, 900] {
        assert_eq!(left(&after(&days, again).run()).0, 400, "{again}");
    }
    let more = after(&days, 350).run();
    assert_eq!(left(&more), (50, 0, vec!["TIMING"]));
    assert_eq!(left(&after(&[&first, &second, &more], 300).run()).0, 50);
    assert_eq!(
        left(&after(&[&first, &second, &more], 51).run()),
        (0, 1, vec!["AMOUNT"])
    );
}
