//! What explains a difference, and what does not.

use super::tests::{Case, bare, left, pull, settles, shaped, side, trace};
use crate::bank::shape::{By, Returns, Shape};
use crate::ids::Direction;
use crate::reconcile::legs::BreakKind;

#[test]
fn a_word_is_a_whole_word_that_nobody_denies() {
    for (text, kind) in [
        ("LESS FEE 25", "FEE_NETTED"),
        ("fee/adj", "FEE_NETTED"),
        ("COFFEE SHOP", "AMBIGUOUS"),
        ("NO FEE", "AMBIGUOUS"),
    ] {
        let mut case = Case::new(vec![pull(1, 7_500)], vec![settles("a", 1, 5_000)]);
        case.receipts[0].text = text.into();
        assert_eq!(left(&case.run()).2, [kind], "{text}");
    }
    // A fee that fits and that no text tells of names no entry: the whole side waits.
    let case = Case::new(vec![pull(1, 7_500)], vec![settles("a", 1, 5_000)]);
    let outcome = case
        .entries("261124A0000001/debit", &[900, 900, 700, 5_000])
        .run();
    assert!(outcome.expectations[0].waits.is_empty());
    assert_eq!(outcome.expectations[0].found, Some(BreakKind::Ambiguous));
}

#[test]
fn what_is_lost_in_a_net_figure_waits_or_all_of_it_does() {
    let net = Shape {
        by: By::Day,
        net: true,
        returns: Returns::Netted,
        ..Shape::default()
    };
    let day = || {
        vec![
            shaped(pull(1, 1_000), net),
            shaped(side(2, Direction::Credit, -9_000), net),
        ]
    };
    let case = |came| {
        let case = Case::new(day(), vec![bare("net", came)]);
        let case = case.entries("261124A0000001/debit", &[469, 531]);
        case.entries_from("261124A0000002/credit", 50, &[-4_000, -5_000])
    };
    // A pull of 4.69 is lost on a day that takes more than it brings.
    let outcome = case(-8_469).run();
    assert_eq!(left(&outcome), (469, 0, vec!["MISSING_AT_BANK"]));
    assert_eq!(outcome.expectations[0].waits, [trace(1)]);
    // A pull and a payout are lost: two batches, and nobody knows which is short.
    let outcome = case(-8_000 + 4_000 - 469).run();
    assert_eq!(left(&outcome).1, -4_469);
    assert!(outcome.allocations.is_empty());
    // Nothing explains it.
    let outcome = case(-8_123).run();
    assert!(outcome.allocations.is_empty() && left(&outcome).2.contains(&"AMOUNT"));
}
