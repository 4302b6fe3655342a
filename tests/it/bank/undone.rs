//! What the bank takes back, names later than it moved, or rejects and settles all the same: judged
//! by where the payments stand, what rests in the books, and which breaks are open.

use crate::bank::returned::{ack_of, debits, nothing_rests, rejected};
use crate::bank::sent::{Sent, file};
use crate::bank::week::{CLEARING, End, SUSPENSE, Week};
use crate::days::world::{block, desk, job, story, with_ports};
use crate::tree::{self, assert_same, bytes, scratch};
use connectors::faulty::{Faults, When};
use formats::statement::Line;
use jiff::civil::{Date, date};
use sandbox::bank::OutFile;
use settlement::codes::sec::SecCode;
use settlement::money::SignedCents;
use settlement::payment::State;
use std::path::Path;

/// A Tuesday; the Thursday after it is a holiday.
const FIRST: Date = date(2026, 11, 24);
const SETTLES: Date = date(2026, 11, 25);
const FRIDAY: Date = date(2026, 11, 27);
const MONDAY: Date = date(2026, 11, 30);
const TUESDAY: Date = date(2026, 12, 1);
const WEDNESDAY: Date = date(2026, 12, 2);
const END: Date = date(2026, 12, 8);

const PAYMENTS: u64 = 60;

/// The line that settles the batch of an entry, by the name of the batch.
fn settlement(of: &Sent, lines: &[Line]) -> Option<Line> {
    let mut lines = lines.iter();
    lines
        .find(|line| line.customer_reference == of.key())
        .cloned()
}

/// The same line the other way, in the bank's words.
fn back(line: &Line) -> Line {
    let cents = -line.amount.get();
    Line {
        type_code: if cents < 0 { "455" } else { "142" }.to_owned(),
        amount: SignedCents::new(cents),
        bank_reference: format!("TB{}", &line.customer_reference[6..]),
        text: "REVERSAL".to_owned(),
        ..line.clone()
    }
}

/// A week after its first day, and a debit of it.
fn begun() -> (Week, Sent) {
    let mut week = Week::new(FIRST);
    week.day(PAYMENTS, Vec::new(), &mut |_, _| {});
    let of = debits(&week, SecCode::Ppd).remove(0);
    (week, of)
}

/// Runs days until `until` is the next one: the batch's line comes on the 25th, is taken back on
/// the statement of `taken` and told again on that of `again`.
fn run(week: &mut Week, of: &Sent, until: Date, (taken, again): (Date, Option<Date>)) -> i64 {
    let mut line: Option<Line> = None;
    while week.today < until {
        week.day(0, Vec::new(), &mut |day, lines| {
            if line.is_none() {
                line = settlement(of, lines);
            }
            let Some(line) = &line else { return };
            if day == taken {
                lines.push(back(line));
            }
            if Some(day) == again {
                lines.push(Line {
                    bank_reference: "AGAIN".to_owned(),
                    ..line.clone()
                });
            }
        });
    }
    line.map_or(0, |line| line.amount.get())
}

fn rests(end: &End, accounts: &[&str], key: &str) -> i64 {
    let of = end.on(accounts).into_iter().filter(|one| one.1 == key);
    of.map(|one| one.2).sum()
}

/// The entries of a day's file that `of` is in.
fn of_file(week: &Week, of: &Sent) -> Vec<Sent> {
    let mut all = week.sent(FIRST);
    all.retain(|one| one.file == of.file);
    all
}

fn moved(all: &[Sent]) -> i64 {
    all.iter().map(|one| one.line(false).amount.get()).sum()
}

/// What customers have, hold and owe is what their wires and payments make of it: all that went out
/// and has not failed or come back.
#[track_caller]
fn customers_agree(week: &Week) {
    let on = week.end();
    let on: i64 = on
        .on(&["2010", "2020", "1130"])
        .iter()
        .map(|one| one.2)
        .sum();
    // A settlement that was taken back leaves its payment, and what came back, in the books.
    let counts = |one: &Sent| {
        let payment = week.payment(one);
        payment.returned.is_none() && payment.state != State::Failed
    };
    let all = week.sent(FIRST).into_iter().filter(counts);
    let made: i64 = all.map(|one| -one.line(false).amount.get()).sum();
    assert_eq!(on, made + week.wired());
}

#[test]
fn a_settlement_that_is_taken_back_waits_until_it_is_posted_again() {
    let (mut week, of) = begun();
    // Taken back before its hold has ended.
    let id = format!("{}/debit", of.key());
    week.day(0, Vec::new(), &mut |_, _| {});
    let cents = run(&mut week, &of, TUESDAY, (FRIDAY, None));
    let end = week.end();
    assert_eq!(
        end.open(),
        [("SETTLEMENT_UNDONE", id.as_str())],
        "{:#?}",
        end.breaks
    );
    assert_eq!(end.of("SETTLEMENT_UNDONE")[0].cents.get(), cents);
    assert_eq!(rests(&end, CLEARING, &of.key()), cents);
    assert_eq!((week.state(&of), week.findings()), (State::Pending, 1));
    assert!(!week.payment(&of).hold_ended, "its money is not there");
    // It waits as long as the bank likes: an old break is no new finding.
    week.day(0, Vec::new(), &mut |_, _| {});
    assert_eq!((week.state(&of), week.findings()), (State::Pending, 0));
    let line = Line {
        type_code: "165".to_owned(),
        amount: SignedCents::new(cents),
        bank_reference: "AGAIN".to_owned(),
        customer_reference: of.key(),
        ..Line::default()
    };
    week.day(0, Vec::new(), &mut |day, lines| {
        assert_eq!(day, TUESDAY);
        lines.push(line.clone());
    });
    let end = week.end();
    assert_eq!(end.open(), [], "{:#?}", end.breaks);
    let cured = end.of("SETTLEMENT_UNDONE")[0];
    assert!(
        cured.explanation.contains("closed by itself: allocation"),
        "{cured:?}"
    );
    let payment = week.payment(&of);
    assert_eq!(
        (payment.state, payment.settled_on),
        (State::Success, Some(SETTLES))
    );
    week.quiet_until(END);
    assert!(week.payment(&of).hold_ended);
    nothing_rests(&week);
    let told = week.events(&of);
    let settled = ["settled", "settlement_undone", "settled", "hold_ended"];
    assert!(told.ends_with(&settled), "{told:?}");
}

#[test]
fn a_settlement_that_is_taken_back_for_good_is_told_with_what_was_spent() {
    let (mut week, of) = begun();
    let cents = run(&mut week, &of, END, (TUESDAY, None));
    let end = week.end();
    let open = end.of("SETTLEMENT_UNDONE");
    assert_eq!((open.len(), end.open().len()), (1, 1), "{:#?}", end.breaks);
    let payment = week.payment(&of);
    assert_eq!((payment.state, payment.hold_ended), (State::Pending, true));
    let out: i64 = of_file(&week, &of)
        .iter()
        .filter(|one| one.batch == of.batch && week.payment(one).returned.is_none())
        .map(|one| one.line(false).amount.get())
        .sum();
    let told = format!("{} of it had become available", SignedCents::new(out));
    assert!(
        open[0].explanation.contains(&told),
        "{told}: {}",
        open[0].explanation
    );
    assert_eq!(rests(&end, CLEARING, &of.key()), cents);
}

#[test]
fn what_came_back_and_settled_no_more_has_failed_and_is_returned_when_it_settles_again() {
    for again in [None, Some(date(2026, 12, 3))] {
        let (mut week, of) = begun();
        week.day(0, Vec::new(), &mut |_, _| {});
        let mut line = None;
        let backs = file("a.ach", FRIDAY, b'A', &[of.back("R01", 7)]);
        let money = of.line(true);
        week.day(0, vec![backs], &mut |_, lines| {
            line = settlement(&of, lines)
        });
        assert_eq!(week.state(&of), State::Returned);
        let line = line.expect("it settles on the 25th");
        while week.today < END {
            week.day(0, Vec::new(), &mut |day, lines| {
                lines.extend((day == FRIDAY).then(|| money.clone()));
                lines.extend((day == TUESDAY).then(|| back(&line)));
                lines.extend((Some(day) == again).then(|| Line {
                    bank_reference: "AGAIN".to_owned(),
                    ..line.clone()
                }));
            });
        }
        let end = week.end();
        let state = if again.is_some() {
            State::Returned
        } else {
            State::Failed
        };
        assert_eq!(week.state(&of), state, "{again:?}");
        assert_eq!(end.open().is_empty(), again.is_some(), "{:#?}", end.breaks);
        customers_agree(&week);
        if again.is_some() {
            nothing_rests(&week);
        }
    }
}

#[test]
fn a_line_with_a_name_takes_the_place_of_one_without() {
    let (mut week, of) = begun();
    let mut line = None;
    let mut told = |day: Date, lines: &mut Vec<Line>| {
        for one in lines
            .iter_mut()
            .filter(|one| one.customer_reference == of.key())
        {
            one.customer_reference.clear();
            one.text.clear();
            line = Some(one.clone());
        }
        if day == TUESDAY {
            lines.push(Line {
                bank_reference: "NAMED".to_owned(),
                customer_reference: of.key(),
                ..line.clone().expect("it came without a name")
            });
        }
    };
    while week.today <= TUESDAY {
        week.day(0, Vec::new(), &mut told);
    }
    assert_eq!(
        (week.state(&of), week.end().open().len()),
        (State::Success, 0)
    );
    let before = week.payment(&of);
    week.day(0, Vec::new(), &mut told);
    assert_eq!(week.payment(&of), before, "nothing has changed for it");
    while week.today < END {
        week.day(0, Vec::new(), &mut told);
    }
    let cents = line.expect("a line").amount.get();
    let end = week.end();
    let [(kind, _)] = end.open()[..] else {
        panic!("{:#?}", end.breaks);
    };
    assert_eq!(kind, "UNEXPECTED_AT_BANK");
    assert_eq!(end.of(kind)[0].cents.get(), cents);
    let suspense: Vec<i64> = end.on(SUSPENSE).iter().map(|one| one.2).collect();
    assert_eq!(suspense, [-cents], "the line's own money, once");
    assert_eq!(end.on(&["1110", "2110", "2120"]).len(), 0);
}

/// A week in which the file of a debit is rejected on a morning, before or after it settles.
fn with_rejection(on: Date) -> (Week, Sent) {
    let (mut week, of) = begun();
    let ack = ack_of(&week, &of);
    while week.today <= MONDAY {
        let files: Vec<OutFile> = (week.today == on)
            .then(|| rejected(&ack, None))
            .into_iter()
            .collect();
        week.day(0, files, &mut |_, _| {});
    }
    (week, of)
}

#[test]
fn a_file_that_is_rejected_and_settles_all_the_same_is_one_break_until_its_money_is_taken_back() {
    for on in [SETTLES, FRIDAY, MONDAY] {
        let (mut week, of) = with_rejection(on);
        let all = of_file(&week, &of);
        let end = week.end();
        assert_eq!(
            end.open(),
            [("STATUS", of.file.as_str())],
            "{on}: {:#?}",
            end.breaks
        );
        assert_eq!(end.of("STATUS")[0].cents.get(), moved(&all), "{on}");
        assert_eq!(week.state(&of), State::Success, "{on}");
        nothing_rests(&week);
        customers_agree(&week);
        let mut settled: Vec<Line> = Vec::new();
        for one in &all {
            let mine: Vec<Sent> = all
                .iter()
                .filter(|other| (other.batch, other.is_debit()) == (one.batch, one.is_debit()))
                .cloned()
                .collect();
            let cents = moved(&mine);
            if settled
                .iter()
                .any(|line| line.customer_reference == one.key() && line.amount.get() == cents)
            {
                continue;
            }
            settled.push(Line {
                amount: SignedCents::new(cents),
                customer_reference: one.key(),
                ..Line::default()
            });
        }
        week.day(0, Vec::new(), &mut |_, lines| {
            lines.extend(settled.iter().map(back))
        });
        let end = week.end();
        assert_eq!(end.open(), [], "{on}: {:#?}", end.breaks);
        assert_eq!(week.state(&of), State::Failed, "{on}");
        nothing_rests(&week);
        customers_agree(&week);
    }
}

#[test]
fn an_entry_that_came_back_before_its_file_was_rejected_leaves_nothing_anywhere() {
    let (mut week, of) = begun();
    let ack = ack_of(&week, &of);
    let all = of_file(&week, &of);
    let mut unsettled = |_: Date, lines: &mut Vec<Line>| {
        lines.retain(|line| {
            let named = |one: &Sent| {
                line.customer_reference == one.key()
                    || line.customer_reference == one.trace.to_string()
            };
            !all.iter().any(named)
        });
    };
    let backs = file("0.ach", SETTLES, b'A', &[of.back("R03", 7)]);
    week.day(0, vec![backs], &mut unsettled);
    week.day(0, vec![rejected(&ack, None)], &mut unsettled);
    while week.today < END {
        week.day(0, Vec::new(), &mut unsettled);
    }
    let end = week.end();
    assert_eq!(
        end.open(),
        [("STATUS", of.file.as_str())],
        "{:#?}",
        end.breaks
    );
    assert_eq!(end.of("STATUS")[0].cents.get(), of.line(false).amount.get());
    for one in &all {
        assert_eq!(week.state(one), State::Failed, "{one:?}");
    }
    nothing_rests(&week);
    customers_agree(&week);
}

/// Everything that must not depend on where a run died.
const PRODUCTS: &[&str] = &["objects", "archive", "bank"];

fn allocated(at: &Path, day: Date) -> (std::collections::BTreeMap<String, Vec<u8>>, Vec<String>) {
    let desk = desk(at);
    (bytes(at, PRODUCTS), block(story(&desk, day)))
}

#[test]
fn a_day_that_undoes_is_allocated_to_the_same_bytes_wherever_it_is_interrupted() {
    let (mut week, of) = begun();
    let mut line = None;
    while week.today < TUESDAY {
        week.day(0, Vec::new(), &mut |_, lines| {
            line = line.take().or_else(|| settlement(&of, lines));
        });
    }
    let line = line.expect("it settles on the 25th");
    week.until_allocated(&mut |_, lines| lines.push(back(&line)));
    let dir = scratch();
    let (day, whole) = (week.today, dir.path().join("whole"));
    tree::copy(week.path(), &whole);
    block(job(&desk(&whole), day, "allocate")).expect("allocated");
    let (files, events) = allocated(&whole, day);
    assert!(
        events
            .iter()
            .any(|event| event.contains("SettlementUndone")),
        "{events:#?}"
    );
    for when in [When::Before, When::After] {
        for nth in 1.. {
            assert!(nth < 100, "a fault makes work without end");
            let copy = dir.path().join(format!("{when:?}-{nth}"));
            tree::copy(week.path(), &copy);
            let faults = Faults::at(nth, when);
            let sound = desk(&copy);
            let failing = with_ports(&copy, faults.around(&sound.ports));
            let ended = block(job(&failing, day, "allocate"));
            drop(failing);
            if !faults.struck() {
                ended.expect("no fault");
                assert!(
                    nth > 3,
                    "it changes the store, writes its record and its tally"
                );
                break;
            }
            block(job(&sound, day, "allocate")).expect("run again");
            drop(sound);
            let again = allocated(&copy, day);
            assert_same(&format!("{when:?} {nth}"), &files, &again.0);
            assert_eq!(again.1, events, "{when:?} {nth}");
        }
    }
}

#[test]
fn the_store_agrees_with_its_events_and_with_the_days() {
    let (mut week, of) = begun();
    run(&mut week, &of, WEDNESDAY, (FRIDAY, Some(MONDAY)));
    assert_eq!(week.state(&of), State::Success);
    let desk = desk(week.path());
    let proof = block(jobs::check::store::store(&desk)).expect("checked");
    assert_eq!(proof.findings, Vec::<String>::new());
}
