//! What is known later: settlements that the bank takes back, lines that name what was supposed,
//! and batches that it rejected and settles all the same.

use super::tests::{Case, bare, left, line, pull, returned, settles, trace};
use super::{Done, Earlier, Expectation, Name, Outcome, Pass};
use crate::bank::LineRole;
use crate::bank::shape::{By, Shape};
use crate::reconcile::legs::BreakKind;

/// What a day leaves for the next: what is done, and its allocations with their receipts.
pub(super) fn then(outcome: &Outcome) -> Case {
    let (done, open): (Vec<_>, Vec<_>) = outcome
        .expectations
        .iter()
        .cloned()
        .partition(|one| one.remainder.is_zero());
    let mut case = Case::new(open, Vec::new());
    case.done = done
        .into_iter()
        .map(|expectation| Done {
            by: expectation.last.clone().unwrap_or_default(),
            expectation,
        })
        .collect();
    let free = outcome
        .receipts
        .iter()
        .filter(|one| !one.remainder.is_zero());
    case.receipts.extend(free.cloned());
    case.earlier = outcome
        .allocations
        .iter()
        .map(|made| Earlier {
            allocation: made.clone(),
            receipts: came(outcome),
            before: Vec::new(),
        })
        .collect();
    case
}

/// The lines of a day as they came.
fn came(outcome: &Outcome) -> Vec<super::Receipt> {
    let mut all = outcome.receipts.clone();
    for one in &mut all {
        one.remainder = one.cents;
    }
    all
}

fn kinds(outcome: &Outcome) -> Vec<&'static str> {
    left(outcome).2
}

/// Ids of the entries' sides, how often they were taken back, and of which entries only.
fn sides(all: &[super::Entries]) -> Vec<(&str, u32, usize)> {
    all.iter()
        .map(|one| (one.id.as_str(), one.times, one.only.len()))
        .collect()
}

#[test]
fn what_is_taken_back_waits_under_a_break_until_it_settles_anew() {
    let first = Case::new(vec![pull(1, 500)], vec![settles("a", 1, 500)]).run();
    assert_eq!(sides(&first.settled), [("261124A0000001/debit", 0, 0)]);
    let mut case = then(&first);
    case.receipts.push(settles("b", 1, -500));
    let undone = case.run();
    assert_eq!(left(&undone), (500, 0, vec!["SETTLEMENT_UNDONE"]));
    assert_eq!(sides(&undone.unsettled), [("261124A0000001/debit", 1, 0)]);
    let why = undone.expectations[0].undone.as_ref().unwrap();
    assert_eq!(Some(&why.by), first.expectations[0].last.as_ref());
    assert!(undone.settled.is_empty());
    let mut case = then(&undone);
    case.receipts.push(settles("c", 1, 500));
    let again = case.run();
    assert_eq!(left(&again), (0, 0, vec![]));
    assert_eq!(sides(&again.settled), [("261124A0000001/debit", 1, 0)]);
    let mut case = then(&again);
    case.receipts.push(settles("d", 1, -500));
    assert_eq!(
        sides(&case.run().unsettled),
        [("261124A0000001/debit", 2, 0)]
    );
}

#[test]
fn what_is_taken_back_and_comes_within_the_day_changes_nothing() {
    let first = Case::new(vec![pull(1, 500)], vec![settles("a", 1, 500)]).run();
    let mut case = then(&first);
    case.taken_back = first.allocations.clone();
    case.receipts.push(settles("b", 1, 500));
    let same = case.run();
    assert_eq!(left(&same), (0, 0, vec![]));
    assert!(same.settled.is_empty() && same.unsettled.is_empty());
    // Corrected to less: the entry that is missing now has not settled any more.
    case.receipts = vec![settles("b", 1, 400)];
    let case = case.entries("261124A0000001/debit", &[100, 170, 230]);
    let short = case.run();
    assert_eq!(kinds(&short), ["MISSING_AT_BANK"]);
    assert_eq!(sides(&short.unsettled), [("261124A0000001/debit", 1, 1)]);
    assert_eq!(short.unsettled[0].only, [trace(1)]);
    assert!(short.settled.is_empty());
    let mut case = then(&short);
    case.receipts = vec![settles("c", 1, 100)];
    let whole = case.run();
    assert_eq!(sides(&whole.settled), [("261124A0000001/debit", 1, 1)]);
}

#[test]
fn entries_that_wait_had_not_settled_and_are_not_undone() {
    let case = Case::new(vec![pull(1, 500)], vec![settles("a", 1, 400)]);
    let case = case.entries("261124A0000001/debit", &[100, 170, 230]);
    let first = case.run();
    assert_eq!(first.settled[0].except, [trace(1)]);
    let mut case = then(&first);
    case.receipts.push(settles("b", 1, -400));
    let undone = case.run();
    assert_eq!(left(&undone).0, 500);
    assert_eq!(undone.unsettled[0].except, [trace(1)]);
}

#[test]
fn a_line_that_names_displaces_one_that_does_not() {
    let first = Case::new(vec![pull(1, 500)], vec![bare("a", 500)]).run();
    assert_eq!(first.allocations[0].pass, Pass::Group);
    let mut case = then(&first);
    case.receipts.push(settles("b", 1, 500));
    let outcome = case.run();
    assert_eq!(left(&outcome), (0, 500, vec!["UNEXPECTED_AT_BANK"]));
    assert!(outcome.settled.is_empty() && outcome.unsettled.is_empty());
    assert_eq!(outcome.findings[0].receipts, ["a"]);
    let back = &outcome.allocations[0];
    assert_eq!(back.pass, Pass::Displaced);
    assert_eq!(back.reverses.as_ref(), Some(&first.allocations[0].id));
    assert_eq!(
        outcome.allocations[1].pair(),
        Some(("b", "261124A0000001/debit"))
    );
    // The other way round, a second time, and another amount: as before.
    let first = Case::new(vec![pull(1, 500)], vec![settles("b", 1, 500)]).run();
    let mut case = then(&first);
    case.receipts.push(bare("a", 500));
    assert_eq!(left(&case.run()), (0, 500, vec!["UNEXPECTED_AT_BANK"]));
    case.receipts = vec![settles("c", 1, 500)];
    assert_eq!(left(&case.run()), (0, 500, vec!["DUP_STATEMENT"]));
    let first = Case::new(vec![pull(1, 500)], vec![bare("a", 500)]).run();
    let mut case = then(&first);
    case.receipts.push(settles("b", 1, 499));
    assert_eq!(left(&case.run()), (0, 499, vec!["DUP_STATEMENT"]));
}

#[test]
fn a_return_that_a_line_names_displaces_one_that_does_not() {
    let bare = line("a", LineRole::DebitReturned, Vec::new(), -700);
    let first = Case::new(vec![returned(3, -700)], vec![bare]).run();
    assert_eq!(left(&first), (0, 0, vec![]));
    let mut case = then(&first);
    let names = vec![Name::Trace(trace(3))];
    case.receipts
        .push(line("b", LineRole::DebitReturned, names, -700));
    let outcome = case.run();
    assert_eq!(left(&outcome), (0, -700, vec!["UNEXPECTED_AT_BANK"]));
    assert_eq!(outcome.findings[0].receipts, ["a"]);
}

#[test]
fn a_lump_is_displaced_where_all_of_it_is_named() {
    let shape = Shape {
        by: By::Day,
        ..Shape::default()
    };
    let shaped = |one: Expectation| Expectation { shape, ..one };
    let both = vec![shaped(pull(1, 500)), shaped(pull(2, 300))];
    let first = Case::new(both, vec![bare("a", 800)]).run();
    assert_eq!(left(&first), (0, 0, vec![]));
    let mut case = then(&first);
    case.receipts.push(settles("b", 1, 500));
    let one = case.run();
    assert_eq!(left(&one), (0, 500, vec!["DUP_STATEMENT"]));
    case.receipts.push(settles("c", 2, 300));
    let all = case.run();
    assert_eq!(left(&all), (0, 800, vec!["UNEXPECTED_AT_BANK"]));
    assert!(all.unsettled.is_empty());
    case.receipts.reverse();
    assert_eq!(case.run(), all, "in any order");
}

fn rejected(one: Expectation) -> Expectation {
    Expectation {
        rejected: true,
        ..one
    }
}

#[test]
fn what_is_rejected_is_expected_no_more_until_its_money_comes() {
    let first = Case::new(vec![rejected(pull(1, 500))], Vec::new()).run();
    assert_eq!(left(&first), (0, 0, vec![]));
    let mut case = then(&first);
    case.receipts.push(settles("a", 1, 499));
    assert_eq!(left(&case.run()), (0, 499, vec!["AMOUNT"]));
    case.receipts = vec![settles("a", 1, 500)];
    let settled = case.run();
    assert_eq!(left(&settled), (0, 0, vec!["STATUS"]));
    assert_eq!(settled.findings[0].about.as_deref(), Some("A"));
    assert_eq!(settled.findings[0].cents.get(), 500);
    assert_eq!(settled.reopened, ["261124A0000001/debit"]);
    assert_eq!(settled.settled.len(), 1);
    // The break stays, and closes where the bank takes its money back.
    let mut case = then(&settled);
    assert_eq!(left(&case.run()), (0, 0, vec!["STATUS"]));
    case.receipts.push(settles("b", 1, -500));
    let back = case.run();
    assert_eq!(left(&back), (0, 0, vec![]));
    assert_eq!((back.unsettled.len(), back.settled.len()), (1, 0));
    assert!(back.expectations[0].is_withdrawn());
}

#[test]
fn what_has_settled_and_is_rejected_stays_where_its_money_is() {
    let first = Case::new(vec![pull(1, 500)], vec![settles("a", 1, 500)]).run();
    let mut case = then(&first);
    case.done[0].expectation.rejected = true;
    let outcome = case.run();
    assert_eq!(left(&outcome), (0, 0, vec!["STATUS"]));
    assert!(outcome.unsettled.is_empty() && outcome.reopened.is_empty());
}

#[test]
fn entries_of_which_nobody_knows_which_came_fail_with_their_file_and_their_money_is_nobodys() {
    // One of the three of 100 is missing: their file is rejected once the others have settled.
    let of = "261124A0000001/debit";
    let entries = [100, 100, 100, 700];
    let case = Case::new(vec![pull(1, 1_000)], vec![settles("a", 1, 900)]).entries(of, &entries);
    let first = case.run();
    assert_eq!(left(&first), (100, 0, vec!["AMBIGUOUS"]));
    assert_eq!(first.settled[0].except, [trace(1), trace(2), trace(3)]);
    let reject = |before: &Outcome| {
        let mut next = then(before);
        next.members.clone_from(&case.members);
        next.expectations[0].rejected = true;
        next
    };
    let outcome = reject(&first).run();
    assert_eq!(left(&outcome), (0, 200, vec!["AMOUNT", "STATUS"]));
    let cents: Vec<i64> = outcome.findings.iter().map(|one| one.cents.get()).collect();
    assert_eq!(cents, [200, 700], "what is nobody's, and what has settled");
    assert!(outcome.settled.is_empty() && outcome.unsettled.is_empty());
    // It stays so, until the bank takes all of it back.
    let mut same = then(&outcome);
    same.members.clone_from(&case.members);
    assert_eq!(left(&same.run()), left(&outcome));
    same.receipts.push(settles("b", 1, -900));
    let back = same.run();
    assert_eq!(left(&back), (0, 0, vec![]), "{:#?}", back.findings);
    assert_eq!(back.unsettled[0].except, [trace(1), trace(2), trace(3)]);
    // Of one, and of as many as are missing, nothing is here.
    for (entries, came) in [([100, 200, 300, 400], 900), ([100, 100, 700, 100], 700)] {
        let case = Case::new(vec![pull(1, 1_000)], vec![settles("a", 1, came)]);
        let case = case.entries(of, &entries);
        let mut next = reject(&case.run());
        next.members.clone_from(&case.members);
        if came == 700 {
            next.expectations[0].waits = vec![trace(1), trace(2), trace(4)];
            next.expectations[0].found = Some(BreakKind::MissingAtBank);
        }
        let outcome = next.run();
        assert_eq!(left(&outcome), (0, 0, vec!["STATUS"]));
        assert_eq!(outcome.findings[0].cents.get(), came);
    }
}

#[test]
fn a_return_goes_with_the_side_that_is_rejected_and_comes_with_it() {
    let side = pull(1, 500);
    let batch = side.names().iter().find_map(|name| match name {
        Name::Batch(key) => Some(*key),
        _ => None,
    });
    let back = Expectation {
        batch,
        ..returned(3, -70)
    };
    let case = Case::new(vec![rejected(side.clone()), back.clone()], Vec::new());
    let first = case.run();
    assert_eq!(left(&first), (0, 0, vec![]));
    let mut case = then(&first);
    case.receipts.push(settles("a", 1, 500));
    let carried = case.run();
    assert_eq!(carried.reopened.len(), 2);
    assert_eq!(left(&carried).0, -70, "its money is expected again");
    // Its money had gone: nobody knows for what, once the file is rejected.
    let names = vec![Name::Trace(trace(3))];
    let money = line("m", LineRole::DebitReturned, names, -70);
    let first = Case::new(vec![side, back], vec![money]).run();
    let mut case = then(&first);
    case.expectations[0].rejected = true;
    let outcome = case.run();
    assert_eq!(left(&outcome), (0, -70, vec!["RETURN_UNMATCHED"]));
    assert_eq!(outcome.findings[0].kind, BreakKind::ReturnUnmatched);
}
