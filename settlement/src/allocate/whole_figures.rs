//! Lines that were of several things, in part or together with others, and that the bank takes
//! back.

use super::displaced::then;
use super::tests::{Case, bare, left, line, pull, returned, settles, shaped, side, trace};
use super::{Name, Outcome, Pass, Receipt};
use crate::bank::LineRole;
use crate::bank::shape::{By, Returns, Shape};
use crate::ids::Direction;
use crate::reconcile::legs::BreakKind;
use jiff::civil::{Date, date};

/// The same line the other way, in the bank's words.
fn back(one: &Receipt, id: &str) -> Receipt {
    let cents = one.cents.checked_neg().unwrap();
    Receipt {
        id: id.into(),
        cents,
        remainder: cents,
        text: "REVERSAL".into(),
        reverses: true,
        ..one.clone()
    }
}

fn called(mut one: Receipt, reference: &str) -> Receipt {
    one.reference = reference.into();
    one
}

/// The next day, on which these lines come.
fn next(case: &Case, before: &Outcome, lines: Vec<Receipt>) -> Case {
    let mut next = then(before);
    next.members.clone_from(&case.members);
    next.receipts.extend(lines);
    next
}

/// Takes the line of a day back, and tells it again a day later: what the two days leave, and how
/// many sides have settled no more and settled anew.
fn there_and_back(case: &Case, line: &Receipt, taken: Receipt) -> (Outcome, Outcome) {
    let first = case.run();
    assert_eq!(left(&first).1, 0, "it is allocated: {:?}", first.findings);
    let undone = next(case, &first, vec![taken]).run();
    let again = Receipt {
        id: "again".into(),
        reference: "AGAIN".into(),
        ..line.clone()
    };
    let anew = next(case, &undone, vec![again]).run();
    (undone, anew)
}

fn day() -> Shape {
    Shape {
        by: By::Day,
        net: true,
        ..Shape::default()
    }
}

#[test]
fn a_figure_of_a_day_is_taken_back_whole() {
    let all = || {
        vec![
            shaped(pull(1, 500), day()),
            shaped(pull(2, 300), day()),
            shaped(side(3, Direction::Credit, -900), day()),
        ]
    };
    let figure = called(bare("a", -100), "B0");
    let case = Case::new(all(), vec![figure.clone()]);
    let by_reference = back(&figure, "b");
    let by_word = called(back(&figure, "b"), "R0");
    for taken in [by_reference, by_word] {
        let (undone, anew) = there_and_back(&case, &figure, taken);
        let three = vec!["SETTLEMENT_UNDONE"; 3];
        assert_eq!(left(&undone), (-100, 0, three));
        assert_eq!((undone.unsettled.len(), undone.undone.len()), (3, 3));
        let passes: Vec<Pass> = undone.allocations.iter().map(|one| one.pass).collect();
        assert_eq!(passes, [Pass::Displaced, Pass::Reversal]);
        assert_eq!(left(&anew), (0, 0, vec![]));
        assert_eq!(anew.settled.len(), 3);
        assert!(anew.settled.iter().all(|one| one.times == 1));
    }
    // Two figures of that amount, and a word: nobody knows which is meant.
    let mut more = all();
    more.push(shaped(pull(4, 77), Shape::default()));
    let mut other = called(settles("a2", 4, -100), "B1");
    other.role = LineRole::CreditSettlement;
    let mut case = Case::new(more, vec![figure.clone(), other]);
    case.expectations[3] = shaped(side(4, Direction::Credit, -100), Shape::default());
    let first = case.run();
    assert_eq!(left(&first), (0, 0, vec![]));
    let silent = called(back(&figure, "b"), "R0");
    let undone = next(&case, &first, vec![silent]).run();
    assert_eq!(left(&undone), (0, 100, vec!["UNEXPECTED_AT_BANK"]));
}

#[test]
fn a_line_that_does_not_say_so_takes_back_what_has_its_name_and_no_company() {
    let file = |one| {
        shaped(
            one,
            Shape {
                by: By::File,
                ..day()
            },
        )
    };
    let named =
        |id: &str, name: Name, cents| line(id, LineRole::DebitSettlement, vec![name], cents);
    let of_file = named("a", Name::File("A".into()), 800);
    let case = Case::new(vec![file(pull(1, 500)), file(pull(2, 300))], vec![of_file]);
    let first = case.run();
    let taken = named("b", Name::File("A".into()), -800);
    let undone = next(&case, &first, vec![taken]).run();
    assert_eq!((left(&undone).0, left(&undone).1), (800, 0));
    let company = |one| {
        let by = By::Company;
        shaped(
            one,
            Shape {
                by,
                ..Shape::default()
            },
        )
    };
    let name = || Name::Company("1900000001".into());
    let case = Case::new(
        vec![company(pull(1, 500)), company(pull(2, 300))],
        vec![named("a", name(), 800)],
    );
    let first = case.run();
    let mut taken = named("b", name(), -800);
    let other = next(&case, &first, vec![taken.clone()]).run();
    assert_eq!(
        (left(&other).0, left(&other).1),
        (0, -800),
        "it may be its payouts"
    );
    taken.reverses = true;
    let undone = next(&case, &first, vec![taken]).run();
    assert_eq!((left(&undone).0, left(&undone).1), (800, 0));
}

#[test]
fn the_money_of_a_return_takes_no_late_entry_back() {
    let of = "261124A0000001/debit";
    let case = Case::new(vec![pull(1, 500)], vec![settles("a", 1, 400)]);
    let case = case.entries(of, &[100, 170, 230]);
    let names = || vec![Name::Trace(trace(1))];
    let late = line("late", LineRole::DebitSettlement, names(), 100);
    let second = next(&case, &case.run(), vec![late]).run();
    assert_eq!(left(&second), (0, 0, vec![]));
    // Before its file comes.
    let money = line("m", LineRole::DebitReturned, names(), -100);
    let third = next(&case, &second, vec![money]).run();
    assert_eq!((left(&third).0, left(&third).1), (0, -100));
}

#[test]
fn a_fee_that_was_kept_comes_back_with_the_settlement() {
    let mut short = settles("a", 1, 5_000);
    short.text = "LESS FEE 25".into();
    let case = Case::new(vec![pull(1, 7_500)], vec![short.clone()]);
    let (undone, anew) = there_and_back(&case, &short, back(&short, "b"));
    assert_eq!(left(&undone), (7_500, 0, vec!["SETTLEMENT_UNDONE"]));
    assert_eq!(left(&anew), (0, 0, vec!["FEE_NETTED"]));
}

#[test]
fn of_a_batch_that_was_short_each_line_may_be_taken_back() {
    let of = "261124A0000001/debit";
    let short = settles("a", 1, 400);
    let case = Case::new(vec![pull(1, 500)], vec![short.clone()]).entries(of, &[100, 170, 230]);
    let first = case.run();
    assert_eq!(left(&first), (100, 0, vec!["MISSING_AT_BANK"]));
    let late = line(
        "late",
        LineRole::DebitSettlement,
        vec![Name::Trace(trace(1))],
        100,
    );
    let whole = next(&case, &first, vec![late.clone()]);
    let second = whole.run();
    assert_eq!(left(&second), (0, 0, vec![]));
    let known = |lines: Vec<Receipt>| {
        let mut case = next(&case, &second, lines);
        case.earlier.extend(then(&first).earlier);
        case.earlier[0].before = first.expectations.clone();
        case
    };
    // The entry: it waits again, and no other.
    let undone = known(vec![back(&late, "b")]).run();
    assert_eq!(left(&undone), (100, 0, vec!["MISSING_AT_BANK"]));
    assert_eq!(undone.unsettled[0].only, [trace(1)]);
    // The rest: all wait, and settle with a line of that amount.
    let undone = known(vec![back(&short, "b")]).run();
    assert_eq!(left(&undone), (400, 0, vec!["SETTLEMENT_UNDONE"]));
    let mut anew = next(&case, &undone, vec![settles("c", 1, 400)]);
    anew.earlier.extend(known(Vec::new()).earlier);
    assert_eq!(left(&anew.run()), (0, 0, vec![]));
}

#[test]
fn returns_that_came_in_one_line_are_taken_back_in_one_and_it_is_said() {
    let lump = Shape {
        returns: Returns::Day,
        ..Shape::default()
    };
    let two = vec![
        shaped(returned(1, -70), lump),
        shaped(returned(2, -30), lump),
    ];
    let figure = called(line("a", LineRole::DebitReturned, Vec::new(), -100), "LUMP");
    let case = Case::new(two, vec![figure.clone()]);
    let (undone, anew) = there_and_back(&case, &figure, back(&figure, "b"));
    assert_eq!(left(&undone), (-100, 0, vec!["SETTLEMENT_UNDONE"; 2]));
    assert!(undone.unsettled.is_empty(), "no payment had settled by it");
    assert_eq!(left(&anew), (0, 0, vec![]));
}

#[test]
fn a_line_in_the_wrong_direction_clears_with_its_reversal() {
    let wrong = called(settles("a", 1, -500), "WR");
    let first = Case::new(vec![pull(1, 500)], vec![wrong.clone()]);
    assert_eq!(left(&first.run()).2, ["TIMING", "DIRECTION"]);
    let reversal = back(&wrong, "z");
    let next_day = next(&first, &first.run(), vec![reversal.clone()]).run();
    assert_eq!(left(&next_day), (500, 0, vec!["TIMING"]));
    assert!(next_day.settled.is_empty());
    // With the right line in one statement, in whatever order.
    for right in ["b", "zz"] {
        let both = vec![reversal.clone(), settles(right, 1, 500)];
        let case = next(&first, &first.run(), both);
        let outcome = case.run();
        assert_eq!(left(&outcome), (0, 0, vec![]));
        let pair = &outcome.allocations[0];
        assert_eq!(pair.pass, Pass::Reversal);
        assert!(pair.receipts().any(|(id, _)| id == "z"));
    }
}

#[test]
fn an_entry_that_comes_by_name_settles_whatever_the_break_is() {
    let of = "261124A0000001/debit";
    let case = Case::new(vec![pull(1, 1_000)], vec![settles("a", 1, 873)]);
    let case = case.entries(of, &[100, 200, 300, 400]);
    let first = case.run();
    assert_eq!(left(&first), (127, 0, vec!["AMOUNT"]));
    assert!(first.settled.is_empty());
    let named = |number: u64, cents| {
        let names = vec![Name::Trace(trace(number))];
        line("b", LineRole::DebitSettlement, names, cents)
    };
    let second = next(&case, &first, vec![named(1, 100)]).run();
    assert_eq!(left(&second), (27, 0, vec!["AMOUNT"]));
    assert_eq!(second.findings[0].cents.get(), -27);
    assert_eq!(second.expectations[0].found, Some(BreakKind::Amount));
    let waits = &second.settled[0].except;
    assert_eq!(waits, &[trace(2), trace(3), trace(4)]);
    // Another amount, and more than is missing, are not told by a name.
    for other in [named(1, 99), named(2, 200)] {
        let second = next(&case, &first, vec![other]).run();
        assert_eq!(left(&second).0, 127);
    }
}

#[test]
fn what_comes_again_without_a_name_has_days_from_its_taking_back() {
    let figure = called(bare("a", 500), "Q");
    let case = Case::new(vec![pull(1, 500)], vec![figure.clone()]);
    let undone = next(&case, &case.run(), vec![back(&figure, "b")]).run();
    let again = |day: Date| {
        let mut line = called(bare("c", 500), "Q3");
        line.value = day;
        let mut case = next(&case, &undone, vec![line]);
        case.today(day);
        left(&case.run()).0
    };
    assert_eq!(again(date(2026, 12, 4)), 0);
    assert_eq!(again(date(2027, 1, 4)), 500);
}

#[test]
fn what_is_taken_back_does_not_depend_on_an_order() {
    let lump = || vec![shaped(pull(1, 500), day()), shaped(pull(2, 300), day())];
    let figure = called(bare("a", 800), "B0");
    let case = Case::new(lump(), vec![figure.clone()]);
    let first = case.run();
    let again = called(bare("c", 800), "C0");
    let mut day = next(&case, &first, vec![back(&figure, "b"), again]);
    let one = day.run();
    day.receipts.reverse();
    day.earlier.reverse();
    day.done.reverse();
    assert_eq!(day.run(), one);
    assert_eq!(left(&one), (0, 0, vec![]));
    assert!(one.settled.is_empty() && one.unsettled.is_empty());
}
