//! What the bank takes back, and what it says again.

use super::tests::{Case, left, line, pull, returned, settles, trace};
use super::{Done, Name};
use crate::bank::LineRole;

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
