//! Wires and what was announced.

use super::tests::{Case, bare, left, line, pull};
use super::{Done, Expectation, Kind, Name, Outcome, Receipt};
use crate::bank::LineRole;
use crate::money::SignedCents;
use jiff::civil::{Date, date};

/// The banking day before the one on which all cases run.
const ON: Date = date(2026, 11, 25);

/// One that was announced for the day before, by an originator of some company.
fn announced(number: u32, originator: &str, cents: i64) -> Expectation {
    let reference = format!("WIRE-{number}");
    Expectation {
        id: Kind::funding_id(number, Some(originator), &reference),
        kind: Kind::Funding(number),
        since: date(2026, 11, 24),
        due: ON,
        file: String::new(),
        company: format!("190000000{number}"),
        class: String::new(),
        ..pull(1, cents)
    }
}

fn wire(id: &str, of: &[&Expectation], cents: i64) -> Receipt {
    let names = of.iter().map(|one| Name::Funding(one.id.clone()));
    line(id, LineRole::Funding, names.collect(), cents)
}

/// The ids of what has come.
fn came(outcome: &Outcome) -> Vec<&str> {
    let all = outcome.expectations.iter();
    let came = all.filter(|one| one.remainder.is_zero());
    came.map(|one| one.id.as_str()).collect()
}

#[test]
fn a_wire_is_what_its_reference_and_amount_say() {
    let (one, two) = (announced(1, "payroll", 500), announced(2, "market", 500));
    let case = Case::new(
        vec![one.clone(), two.clone()],
        vec![wire("a", &[&two], 500)],
    );
    let outcome = case.run();
    assert_eq!(left(&outcome), (500, 0, vec!["TIMING"]));
    assert_eq!(came(&outcome), [two.id.as_str()]);
    assert_eq!(
        outcome.allocations[0].pair(),
        Some(("a", two.id.as_str())),
        "straight to the originator"
    );
    // Under a code that the profile says nothing of, the reference tells as well.
    let mut plain = wire("a", &[&one], 500);
    plain.role = LineRole::Other;
    assert_eq!(left(&Case::new(vec![one.clone()], vec![plain]).run()).0, 0);
    // The same again is a duplicate; money that goes the other way is not what was announced.
    let twice = vec![wire("a", &[&one], 500), wire("b", &[&one], 500)];
    let outcome = Case::new(vec![one.clone()], twice).run();
    assert_eq!(left(&outcome), (0, 500, vec!["DUP_STATEMENT"]));
    let back = vec![wire("a", &[&one], -500)];
    let outcome = Case::new(vec![one.clone()], back).run();
    assert_eq!(left(&outcome), (500, -500, vec!["TIMING", "DIRECTION"]));
    // What takes money out is announced with its sign.
    let out = announced(3, "payroll", -700);
    let taken = vec![wire("a", &[&out], -700)];
    assert_eq!(left(&Case::new(vec![out], taken).run()), (0, 0, vec![]));
}

#[test]
fn a_wire_of_another_amount_answers_nothing() {
    let one = announced(1, "payroll", 500);
    for cents in [1, 499, 501, 1_000] {
        let outcome = Case::new(vec![one.clone()], vec![wire("a", &[&one], cents)]).run();
        assert_eq!(left(&outcome), (500, cents, vec!["TIMING", "AMOUNT"]));
        assert_eq!(outcome.allocations, []);
    }
}

#[test]
fn a_wire_that_names_another_company_is_not_its() {
    let one = announced(1, "payroll", 500);
    let mut own = wire("a", &[&one], 500);
    own.names.push(Name::Company("1900000001".into()));
    let mut other = wire("a", &[&one], 500);
    other.names.push(Name::Company("1900000002".into()));
    assert_eq!(left(&Case::new(vec![one.clone()], vec![own]).run()).0, 0);
    assert_eq!(left(&Case::new(vec![one], vec![other]).run()).0, 500);
}

#[test]
fn a_wire_that_says_nothing_is_the_only_one_of_its_day_and_amount_or_nobodys() {
    let silent = |id: &str, cents| wire(id, &[], cents);
    let (one, two) = (announced(1, "payroll", 500), announced(2, "market", 500));
    let outcome = Case::new(vec![one.clone()], vec![silent("a", 500)]).run();
    assert_eq!(left(&outcome), (0, 0, vec![]));
    // Two who wire the same: nobody gets it, in any order and number.
    for lines in [1, 2, 3] {
        let lines: Vec<Receipt> = (0..lines).map(|n| silent(&format!("l{n}"), 500)).collect();
        let ambiguous = vec!["AMBIGUOUS"; lines.len()];
        let outcome = Case::new(vec![one.clone(), two.clone()], lines.clone()).run();
        assert_eq!(came(&outcome), [] as [&str; 0]);
        let kinds = [vec!["TIMING"; 2], ambiguous].concat();
        assert_eq!(left(&outcome).2, kinds);
        let outcome = Case::new(vec![one.clone()], lines.clone()).run();
        assert_eq!(came(&outcome).len(), usize::from(lines.len() == 1));
    }
    // One of them says which it is: the other is told by what is left.
    let lines = vec![silent("a", 500), wire("b", &[&two], 500)];
    let outcome = Case::new(vec![one.clone(), two.clone()], lines).run();
    assert_eq!(left(&outcome), (0, 0, vec![]));
    // Another day, something else that it names, another code: not by the amount.
    let mut late = silent("a", 500);
    late.value = date(2026, 11, 27);
    let other = line("a", LineRole::Funding, vec![Name::Else("X".into())], 500);
    for (line, kind) in [
        (late, "AMBIGUOUS"),
        (other, "UNEXPECTED_AT_BANK"),
        (bare("a", 500), "UNEXPECTED_AT_BANK"),
        (silent("a", 499), "UNEXPECTED_AT_BANK"),
    ] {
        let outcome = Case::new(vec![one.clone()], vec![line]).run();
        assert_eq!(left(&outcome).2, ["TIMING", kind]);
    }
}

#[test]
fn a_wire_that_says_a_company_of_ours_is_of_no_other() {
    let one = announced(1, "payroll", 500);
    let of = |company: &str| {
        let names = vec![Name::Company(company.to_owned())];
        let lines = vec![line("a", LineRole::Funding, names, 500)];
        left(&Case::new(vec![one.clone()], lines).run())
    };
    assert_eq!(of("1900000001"), (0, 0, vec![]));
    assert_eq!(
        of("1900000002"),
        (500, 500, vec!["TIMING", "UNEXPECTED_AT_BANK"])
    );
}

#[test]
fn a_wire_that_names_something_else_rests_and_says_what_was_announced_of_its_amount() {
    let (one, two) = (announced(1, "payroll", 500), announced(2, "market", 500));
    let other = || {
        line(
            "a",
            LineRole::Funding,
            vec![Name::Else("INV-99".into())],
            500,
        )
    };
    let outcome = Case::new(vec![one, two], vec![other()]).run();
    assert_eq!(left(&outcome).2, ["TIMING", "TIMING", "UNEXPECTED_AT_BANK"]);
    let found = outcome.findings.iter().find(|one| !one.receipts.is_empty());
    let why = &found.unwrap().why;
    assert!(
        why.ends_with("announced: payroll/WIRE-1, market/WIRE-2"),
        "{why}"
    );
    assert!(
        !why.contains("INV-99"),
        "a text may have an account number: {why}"
    );
}

#[test]
fn a_wire_that_says_two_references_of_its_amount_is_nobodys_by_name() {
    let (one, two) = (announced(1, "payroll", 500), announced(2, "market", 500));
    let mut both = wire("a", &[&one, &two], 500);
    both.names.sort();
    let outcome = Case::new(vec![one, two], vec![both]).run();
    assert_eq!(
        left(&outcome),
        (1_000, 500, vec!["TIMING", "TIMING", "AMBIGUOUS"])
    );
}

#[test]
fn the_second_part_of_a_wire_is_no_duplicate_and_comes_by_an_announcement_of_its_own() {
    let (one, rest) = (announced(1, "payroll", 400), announced(9, "payroll", 600));
    let done = Done {
        expectation: one.clone(),
        by: "2026-11-26-0123456789ab".into(),
    };
    let run = |open: Vec<Expectation>, cents| {
        let mut line = wire("a", &[&one, &rest], cents);
        line.names.sort();
        let mut case = Case::new(open, vec![line]);
        case.done = vec![done.clone()];
        case.run()
    };
    let outcome = run(vec![], 600);
    assert_eq!(left(&outcome), (0, 600, vec!["AMOUNT"]));
    let why = &outcome.findings[0].why;
    assert!(why.contains("payroll/WIRE-1 has come"), "{why}");
    assert_eq!(left(&run(vec![], 400)).2, ["DUP_STATEMENT"]);
    assert_eq!(left(&run(vec![rest.clone()], 600)), (0, 0, vec![]));
    assert_eq!(
        left(&run(vec![rest.clone()], 400)).2,
        ["TIMING", "DUP_STATEMENT"]
    );
}

#[test]
fn several_in_one_wire_are_named_or_nothing() {
    let (one, two) = (announced(1, "payroll", 500), announced(2, "payroll", 250));
    let both = |cents| vec![wire("a", &[&one, &two], cents)];
    let run = |lines| Case::new(vec![one.clone(), two.clone()], lines).run();
    let mut all = both(750);
    all[0].names.sort();
    assert_eq!(left(&run(all)), (0, 0, vec![]));
    // One of the two amounts is no name: it may be either with a charge.
    assert_eq!(came(&run(both(500))), [] as [&str; 0]);
}

#[test]
fn what_is_past_its_time_is_missing_until_it_comes() {
    let mut one = announced(1, "payroll", 500);
    one.due = date(2026, 11, 23);
    let outcome = Case::new(vec![one.clone()], vec![]).run();
    assert_eq!(left(&outcome), (500, 0, vec!["FUNDING_MISSING"]));
    assert_eq!(outcome.findings[0].cents.get(), 500);
    let outcome = Case::new(vec![one.clone()], vec![wire("a", &[&one], 500)]).run();
    assert_eq!(left(&outcome), (0, 0, vec![]), "late, and by its name");
}

#[test]
fn a_wire_that_the_bank_takes_back_waits_again() {
    let (one, two) = (announced(1, "payroll", 500), announced(2, "market", 500));
    let done = |of: &Expectation| Done {
        expectation: of.clone(),
        by: "2026-11-26-0123456789ab".into(),
    };
    let run = |lines: Vec<Receipt>, came: &[&Expectation]| {
        let mut case = Case::new(vec![], lines);
        case.done = came.iter().map(|one| done(one)).collect();
        case.run()
    };
    let outcome = run(vec![wire("a", &[&one], -500)], &[&one, &two]);
    assert_eq!((left(&outcome).0, outcome.undone.len()), (500, 1));
    let made = &outcome.allocations[0];
    assert_eq!(made.reverses.as_deref(), Some("2026-11-26-0123456789ab"));
    assert_eq!(
        made.expectations().next(),
        Some((one.id.as_str(), SignedCents::new(500)))
    );
    // Without its reference only where one can be meant.
    let mut silent = wire("a", &[], -500);
    silent.reverses = true;
    assert_eq!(run(vec![silent.clone()], &[&one]).undone.len(), 1);
    assert_eq!(run(vec![silent.clone()], &[&one, &two]).undone.len(), 0);
    silent.reverses = false;
    assert_eq!(run(vec![silent], &[&one]).undone.len(), 0);
}

#[test]
fn nothing_else_is_explained_by_a_funding() {
    // A settlement that is short by just the amount of a funding, and one that is its amount.
    let (batch, funding) = (pull(7, 10_000), announced(1, "payroll", 2_000));
    let settles = line(
        "a",
        LineRole::DebitSettlement,
        vec![batch.names()[0].clone()],
        12_000,
    );
    let outcome = Case::new(vec![batch.clone(), funding.clone()], vec![settles]).run();
    assert!(
        outcome
            .expectations
            .iter()
            .any(|one| one.is_funding() && one.remainder.get() == 2_000)
    );
    let lump = bare("b", 12_000);
    let outcome = Case::new(vec![batch, funding], vec![lump]).run();
    assert_eq!(came(&outcome), [] as [&str; 0]);
}

#[test]
fn an_id_says_whose_it_is_and_what_people_call_it() {
    for (originator, reference, name) in [
        (Some("payroll"), "WIRE 1", "payroll/WIRE 1"),
        (None, "A-1", "our own/A-1"),
        (Some("x"), "a/b/c", "x/a/b/c"),
    ] {
        let id = Kind::funding_id(12, originator, reference);
        assert_eq!(Kind::of_id(&id), Some(Kind::Funding(12)));
        assert_eq!(Kind::funded(&id), Some((originator, reference)));
        assert_eq!(Kind::name_of(&id), name);
    }
    for odd in [
        "funding/",
        "funding/x/y/z",
        "funding/1/y",
        "funding/1",
        "funding/-1/y/z",
    ] {
        assert_eq!((Kind::of_id(odd), Kind::funded(odd)), (None, None), "{odd}");
    }
}
