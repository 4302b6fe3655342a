//! Days on which originators bring the money for their payouts by wire, or do not: what is
//! credited, what is said of it, and what closes by itself.

use crate::bank::week::{End, SUSPENSE, Week};
use crate::days::world::{block, desk};
use formats::statement::Line;
use jiff::civil::{Date, date};
use jobs::funding::{self, Announced, Stand};
use jobs::records::breaks::BreakRecord;
use settlement::funding::Funding;
use settlement::money::SignedCents;

/// A Tuesday; the day after the next is a holiday.
const FIRST: Date = date(2026, 11, 24);
const SECOND: Date = date(2026, 11, 25);
const THIRD: Date = date(2026, 11, 27);

const PAYMENTS: u64 = 40;

/// Ten million dollars: more than the payouts of a day here.
const PLENTY: i64 = 1_000_000_000;

fn announce(week: &Week, whose: &str, cents: i64, on: Date, reference: &str) -> Announced {
    let funding = Funding {
        originator: Some(whose.to_owned()).filter(|whose| whose != "own"),
        cents: SignedCents::new(cents),
        on,
        reference: reference.to_owned(),
    };
    block(funding::announce(&desk(week.path()), funding)).expect("announced")
}

fn withdraw(week: &Week, number: u32) -> Announced {
    block(funding::withdraw(&desk(week.path()), number)).expect("withdrawn")
}

/// A wire as the bank tells it on the statement of `on`.
fn wire(on: Date, cents: i64, reference: &str, text: &str) -> Line {
    let code = if cents < 0 { "495" } else { "195" };
    Line {
        type_code: code.to_owned(),
        amount: SignedCents::new(cents),
        value_date: Some(on),
        booked: Some(on),
        bank_reference: format!("W{}{}", on.day(), cents.unsigned_abs() % 1_000),
        customer_reference: reference.to_owned(),
        text: text.to_owned(),
        ..Line::default()
    }
}

/// Runs a day whose statement has these lines of the day before as well.
fn day(week: &mut Week, payments: u64, wires: Vec<Line>) -> End {
    let mut wires = Some(wires);
    week.day(payments, Vec::new(), &mut |_, lines| {
        lines.extend(wires.take().unwrap_or_default());
    });
    week.end()
}

/// What an originator may spend.
fn funds(end: &End, whose: &str) -> i64 {
    let all = end.on(&["2010"]).into_iter();
    let mine = all.filter(|(_, key, _)| key == whose);
    -mine.map(|(_, _, cents)| *cents).sum::<i64>()
}

/// Our own funds; more of them is less here.
fn own(end: &End) -> i64 {
    end.on(&["3010"]).iter().map(|one| one.2).sum()
}

/// Kind, key and cents of the breaks that somebody has to look at.
fn open(end: &End) -> Vec<(&str, &str, i64)> {
    let open = end.breaks.iter().filter(|one| one.is_open());
    open.map(|one| (one.kind.as_str(), one.key.as_str(), one.cents.get()))
        .collect()
}

/// Both who pay out announce for the first day, and the day is run.
fn first_day(payroll: i64, market: i64) -> (Week, End) {
    let mut week = Week::unfunded(FIRST);
    // Nothing was closed yet: any banking day may be announced for.
    block(async { crate::days::world::begin(&desk(week.path())).await });
    announce(&week, "payroll", payroll, FIRST, "PAY-1");
    announce(&week, "market", market, FIRST, "MKT-1");
    let end = day(&mut week, PAYMENTS, Vec::new());
    (week, end)
}

#[test]
fn what_is_announced_and_wired_is_credited_and_nothing_is_found() {
    let (mut week, end) = first_day(PLENTY, PLENTY);
    assert_eq!(open(&end), [], "the wires may still come");
    let before = (funds(&end, "payroll"), funds(&end, "market"));
    assert!(before.0 < 0 && before.1 < 0, "{before:?}");
    let wires = vec![
        wire(FIRST, PLENTY, "PAY-1", ""),
        wire(FIRST, PLENTY, "NONREF", "WIRE FROM DEMO MARKET MKT-1"),
    ];
    let end = day(&mut week, 0, wires);
    assert_eq!(open(&end), []);
    assert_eq!(end.breaks, [], "nothing to close either");
    assert_eq!(funds(&end, "payroll"), before.0 + PLENTY);
    assert_eq!(funds(&end, "market"), before.1 + PLENTY);
    assert!(end.on(SUSPENSE).is_empty());
    let all = block(funding::list(&desk(week.path()), Some(FIRST))).expect("a list");
    assert!(all.iter().all(|one| one.stand == Stand::Came) && all.len() == 2);
}

#[test]
fn payouts_that_nobody_funds_are_a_finding_on_their_day_and_once() {
    let mut week = Week::unfunded(FIRST);
    let end = day(&mut week, PAYMENTS, Vec::new());
    let short = |end: &End, whose: &str| -funds(end, whose);
    let expected = [
        ("OVERDRAWN", "market", short(&end, "market")),
        ("OVERDRAWN", "payroll", short(&end, "payroll")),
    ];
    assert_eq!(open(&end), expected);
    let end = day(&mut week, 0, Vec::new());
    assert_eq!(open(&end).len(), 2);
    assert!(end.breaks.iter().all(|one| one.first_seen == FIRST));
}

#[test]
fn a_wire_that_never_comes_is_missing_and_one_that_comes_after_all_closes_it_by_name() {
    let (mut week, end) = first_day(PLENTY, PLENTY);
    let short = -funds(&end, "payroll");
    let end = day(&mut week, 0, vec![wire(FIRST, PLENTY, "MKT-1", "")]);
    assert_eq!(open(&end), [], "a banking day late is in time");
    let end = day(&mut week, 0, Vec::new());
    let missing = [
        ("FUNDING_MISSING", "payroll/PAY-1", PLENTY),
        ("OVERDRAWN", "payroll", short),
    ];
    assert_eq!(open(&end), missing);
    let waits = block(funding::list(&desk(week.path()), None)).expect("a list");
    assert_eq!(waits[0].stand, Stand::Missing);
    let end = day(&mut week, 0, vec![wire(THIRD, PLENTY, "PAY-1", "")]);
    assert_eq!(open(&end), []);
    for kind in ["FUNDING_MISSING", "OVERDRAWN"] {
        let why = &end.of(kind)[0].explanation;
        assert!(why.contains("closed by itself: allocation"), "{why}");
    }
    assert_eq!(funds(&end, "payroll"), PLENTY - short);
}

#[test]
fn a_wire_of_another_amount_rests_in_suspense_until_it_is_announced_as_it_is() {
    let (mut week, _) = first_day(PLENTY, PLENTY);
    let less = PLENTY - 2_500;
    let wires = vec![
        wire(FIRST, less, "PAY-1", ""),
        wire(FIRST, PLENTY, "MKT-1", ""),
    ];
    let end = day(&mut week, 0, wires);
    assert_eq!(open(&end), [("AMOUNT", "payroll/PAY-1", less)]);
    let [(_, _, rests)] = end.on(SUSPENSE)[..] else {
        panic!("in suspense: {:?}", end.on(SUSPENSE));
    };
    assert_eq!(-rests, less);
    let end = day(&mut week, 0, Vec::new());
    let kinds: Vec<_> = open(&end).iter().map(|one| one.0).collect();
    assert_eq!(kinds, ["AMOUNT", "FUNDING_MISSING", "OVERDRAWN"]);
    // Somebody finds out that the bank kept a charge: what came is announced in its place.
    assert_eq!(withdraw(&week, 1).stand, Stand::Withdrawn);
    announce(&week, "payroll", less, week.today, "PAY-1");
    let end = day(&mut week, 0, Vec::new());
    assert_eq!(open(&end), []);
    assert!(end.on(SUSPENSE).is_empty());
    // Each says what closed it: the allocation is of what was announced anew.
    let why = |kind| end.of(kind)[0].explanation.as_str();
    assert!(why("FUNDING_MISSING").ends_with("closed by itself: it was withdrawn"));
    assert!(why("AMOUNT").ends_with("reference and amount agree"));
}

#[test]
fn a_wire_in_two_parts_is_announced_part_by_part_under_one_reference() {
    let (mut week, _) = first_day(PLENTY, 1_000);
    let part = |on, cents| wire(on, cents, "MKT-1", "");
    let end = day(
        &mut week,
        0,
        vec![wire(FIRST, PLENTY, "PAY-1", ""), part(FIRST, 400)],
    );
    assert!(open(&end).contains(&("AMOUNT", "market/MKT-1", 400)));
    withdraw(&week, 2);
    announce(&week, "market", 400, week.today, "MKT-1");
    let end = day(&mut week, 0, vec![part(SECOND, 600)]);
    let of = |end: &End| {
        let mine = open(end).into_iter().filter(|one| one.1 == "market/MKT-1");
        mine.map(|one| (one.0.to_owned(), one.2))
            .collect::<Vec<_>>()
    };
    assert_eq!(of(&end), [("AMOUNT".to_owned(), 600)]);
    assert!(
        end.of("AMOUNT")[1].explanation.contains("another amount"),
        "{:?}",
        end.breaks
    );
    let there = desk(week.path());
    let same = Funding {
        originator: Some("market".to_owned()),
        cents: SignedCents::new(400),
        on: week.today,
        reference: "MKT-1".to_owned(),
    };
    block(funding::announce(&there, same)).expect_err("it would take one told twice");
    drop(there);
    announce(&week, "market", 600, week.today, "MKT-1");
    let end = day(&mut week, 0, Vec::new());
    assert_eq!(of(&end), []);
    assert!(end.on(SUSPENSE).is_empty(), "{:?}", end.on(SUSPENSE));
    let parts = end.of("AMOUNT");
    let named = |one: &&BreakRecord| one.explanation.ends_with("reference and amount agree");
    assert!(parts.len() == 2 && parts.iter().all(named), "{parts:?}");
}

#[test]
fn a_wire_whose_text_says_another_reference_is_not_credited_by_its_day_and_amount() {
    let (mut week, _) = first_day(PLENTY, PLENTY + 100);
    let wires = vec![
        wire(
            FIRST,
            PLENTY,
            "",
            "WIRE IN FROM ACME CORP INV SOMETHINGELSE-99",
        ),
        wire(
            FIRST,
            PLENTY + 100,
            "",
            "FEDWIRE CREDIT FROM DEMO MARKET ACCT 0012345678",
        ),
    ];
    let end = day(&mut week, 0, wires);
    assert!(funds(&end, "payroll") < 0 && funds(&end, "market") > 0);
    let [found] = end.of("UNEXPECTED_AT_BANK")[..] else {
        panic!("{:?}", end.breaks);
    };
    assert!(found.explanation.contains("payroll/PAY-1"), "{found:?}");
    assert_eq!(end.on(SUSPENSE).len(), 1);
    // Whoever finds out what it is announces it so.
    withdraw(&week, 1);
    announce(&week, "payroll", PLENTY, week.today, "SOMETHINGELSE-99");
    let end = day(&mut week, 0, Vec::new());
    assert!(
        open(&end).is_empty() && end.on(SUSPENSE).is_empty(),
        "{:?}",
        end.breaks
    );
}

#[test]
fn a_wire_that_nobody_announced_is_a_break_until_somebody_does() {
    let (mut week, _) = first_day(PLENTY, PLENTY);
    let wires = vec![
        wire(FIRST, PLENTY, "PAY-1", ""),
        wire(FIRST, PLENTY, "MKT-1", ""),
        wire(FIRST, 70_000, "SALES 99", "FROM BILLING"),
    ];
    let end = day(&mut week, 0, wires);
    assert_eq!(open(&end), [("UNEXPECTED_AT_BANK", "W240", 70_000)]);
    announce(&week, "own", 70_000, week.today, "sales 99");
    let before = own(&end);
    let end = day(&mut week, 0, Vec::new());
    assert_eq!(open(&end), []);
    assert_eq!(own(&end), before - 70_000);
    assert!(end.on(SUSPENSE).is_empty());
    let why = &end.of("UNEXPECTED_AT_BANK")[0].explanation;
    assert!(why.contains("reference and amount agree"), "{why}");
}

#[test]
fn a_wire_that_the_bank_takes_back_leaves_its_originator_where_it_was() {
    let (mut week, end) = first_day(PLENTY, PLENTY);
    let short = -funds(&end, "payroll");
    let wires = vec![
        wire(FIRST, PLENTY, "PAY-1", ""),
        wire(FIRST, PLENTY, "MKT-1", ""),
    ];
    day(&mut week, 0, wires);
    let back = vec![wire(SECOND, -PLENTY, "PAY-1", "WIRE REVERSED")];
    let end = day(&mut week, 0, back);
    let missing = [
        ("FUNDING_MISSING", "payroll/PAY-1", PLENTY),
        ("OVERDRAWN", "payroll", short),
    ];
    assert_eq!(open(&end), missing);
    assert_eq!(funds(&end, "payroll"), -short);
    assert!(end.on(SUSPENSE).is_empty());
    // It comes once more.
    let end = day(&mut week, 0, vec![wire(THIRD, PLENTY, "PAY-1", "")]);
    assert_eq!(open(&end), []);
    assert_eq!(funds(&end, "payroll"), PLENTY - short);
}

#[test]
fn two_wires_of_one_amount_that_say_nothing_are_credited_to_nobody() {
    let (mut week, _) = first_day(PLENTY, PLENTY);
    let silent = || wire(FIRST, PLENTY, "", "INCOMING WIRE");
    let end = day(&mut week, 0, vec![silent(), silent()]);
    let kinds: Vec<_> = open(&end).iter().map(|one| (one.0, one.2)).collect();
    assert_eq!(kinds, [("AMBIGUOUS", PLENTY); 2]);
    assert!(funds(&end, "payroll") < 0 && funds(&end, "market") < 0);
    assert_eq!(end.on(SUSPENSE).len(), 2);
    // One of each amount says enough.
    let (mut week, _) = first_day(PLENTY, PLENTY + 100);
    let other = wire(FIRST, PLENTY + 100, "", "INCOMING WIRE");
    let end = day(&mut week, 0, vec![silent(), other]);
    assert_eq!(open(&end), []);
    assert!(funds(&end, "payroll") > 0 && funds(&end, "market") > 0);
}

#[test]
fn our_own_funds_are_announced_like_any_and_are_no_originators() {
    let (mut week, end) = first_day(PLENTY, PLENTY);
    let before = own(&end);
    announce(&week, "own", 5_000, SECOND, "OWN-1");
    announce(&week, "own", -700, SECOND, "OWN-2");
    let wires = vec![
        wire(FIRST, PLENTY, "PAY-1", ""),
        wire(FIRST, PLENTY, "MKT-1", ""),
    ];
    day(&mut week, 0, wires);
    let wires = vec![
        wire(SECOND, 5_000, "OWN-1", ""),
        wire(SECOND, -700, "OWN-2", ""),
    ];
    let end = day(&mut week, 0, wires);
    assert_eq!(open(&end), []);
    assert_eq!(own(&end), before - 4_300);
}

#[test]
fn what_an_originator_takes_out_is_announced_and_not_more_than_it_has() {
    let (mut week, _) = first_day(PLENTY, PLENTY);
    let wires = vec![
        wire(FIRST, PLENTY, "PAY-1", ""),
        wire(FIRST, PLENTY, "MKT-1", ""),
    ];
    let end = day(&mut week, 0, wires);
    let has = funds(&end, "payroll");
    announce(&week, "payroll", -(has + 1), THIRD, "OUT-1");
    let end = day(&mut week, 0, Vec::new());
    assert_eq!(open(&end), [], "nothing has gone");
    let out = vec![wire(THIRD, -(has + 1), "OUT-1", "")];
    let end = day(&mut week, 0, out);
    assert_eq!(open(&end), [("OVERDRAWN", "payroll", 1)]);
}

#[test]
fn an_originator_may_stand_below_zero_up_to_its_limit() {
    let mut week = Week::unfunded(FIRST);
    let end = day(&mut week, PAYMENTS, Vec::new());
    let short = -funds(&end, "payroll");
    let limited = |cents: i64| {
        let mut desk = desk(week.path());
        for (name, cents) in [("payroll", cents), ("market", PLENTY)] {
            let one = desk.bank.originators.get_mut(name).expect("an originator");
            one.limit = format!("{}.{:02}", cents / 100, cents % 100)
                .parse()
                .expect("dollars");
        }
        desk
    };
    let run = |cents| {
        let copy = crate::tree::scratch();
        let at = copy.path().join("copy");
        crate::tree::copy(week.path(), &at);
        let mut there = limited(cents);
        there.ports = desk(&at).ports;
        block(jobs::day::run(&there, SECOND)).expect("a day");
        let objects = there.ports.objects.clone();
        let name = desk::names::reconciled(SECOND);
        let read = jobs::records::get::<jobs::records::reconciled::Reconciled>(&*objects, &name);
        let done = block(read).expect("read").expect("reconciled");
        let open = done.breaks.into_iter().filter(|one| one.is_open());
        open.map(|one| (one.key, one.cents.get()))
            .collect::<Vec<_>>()
    };
    assert_eq!(run(short), []);
    assert_eq!(run(short - 1), [("payroll".to_owned(), 1)]);
}
