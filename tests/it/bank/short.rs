//! Batches whose figure is less than they are: by a return that the bank keeps from it, or by one
//! of several entries of which nobody knows which, before their file is rejected.

use crate::bank::returned::{ack_of, debits, nothing_rests, rejected};
use crate::bank::sent::{Sent, file};
use crate::bank::week::{CLEARING, SUSPENSE, Week};
use formats::statement::Line;
use jiff::civil::{Date, date};
use settlement::codes::sec::SecCode;
use settlement::money::{Cents, SignedCents};
use settlement::payment::State;
use std::collections::BTreeMap;

/// A Tuesday; the Thursday after it is a holiday.
const FIRST: Date = date(2026, 11, 24);
const SETTLES: Date = date(2026, 11, 25);
const FRIDAY: Date = date(2026, 11, 27);
const MONDAY: Date = date(2026, 11, 30);
const END: Date = date(2026, 12, 8);

fn cents(line: &Line, more: i64) -> Line {
    Line {
        amount: SignedCents::new(line.amount.get() + more),
        ..line.clone()
    }
}

fn moves(of: &Sent) -> i64 {
    of.line(false).amount.get()
}

/// The money of a return given back.
fn given_back(of: &Sent, type_code: &str, text: &str) -> Line {
    Line {
        type_code: type_code.to_owned(),
        bank_reference: "GIVEN".to_owned(),
        text: text.to_owned(),
        ..of.line(false)
    }
}

#[test]
fn a_return_that_is_netted_and_debited_apart_ends_even_once_it_is_given_back() {
    for (netted_on, type_code, text) in [
        (SETTLES, "257", ""),
        (SETTLES, "142", "REVERSAL"),
        (FRIDAY, "257", ""),
        (FRIDAY, "142", "REVERSAL"),
    ] {
        let mut week = Week::new(FIRST);
        week.day(60, Vec::new(), &mut |_, _| {});
        let of = debits(&week, SecCode::Ppd).remove(0);
        week.day(0, Vec::new(), &mut |_, _| {});
        let mut batch: Option<Line> = None;
        while week.today < END {
            let backs = file("a.ach", FRIDAY, b'A', &[of.back("R01", 7)]);
            let files = (week.today == FRIDAY).then_some(backs);
            week.day(0, files.into_iter().collect(), &mut |day, lines| {
                let whole = |line: &&Line| line.customer_reference == of.key();
                let whole = lines.iter().find(whole).cloned();
                lines.retain(|line| line.customer_reference != of.key());
                batch = batch.clone().or(whole);
                let batch = batch.as_ref().expect("it settles on the 25th");
                lines.extend((day == netted_on).then(|| cents(batch, -moves(&of))));
                lines.extend((day == FRIDAY).then(|| of.line(true)));
                lines.extend((day == MONDAY).then(|| given_back(&of, type_code, text)));
            });
        }
        let end = week.end();
        let what = format!("{netted_on} {type_code} {text}");
        assert_eq!(end.open(), [], "{what}: {:#?}", end.breaks);
        assert_eq!(week.state(&of), State::Returned, "{what}");
        nothing_rests(&week);
    }
}

/// The entries of one batch and side, by what the bank calls it, in a file of debits.
fn batches(all: &[Sent]) -> BTreeMap<String, Vec<Sent>> {
    let mut batches: BTreeMap<String, Vec<Sent>> = BTreeMap::new();
    for one in all {
        batches.entry(one.key()).or_default().push(one.clone());
    }
    batches
}

#[test]
fn a_file_is_rejected_when_all_but_some_of_which_nobody_knows_which_have_settled() {
    const ALIKE: Cents = Cents::new(4_321);
    let mut week = Week::new(FIRST);
    week.alike = Some(ALIKE);
    week.day(120, Vec::new(), &mut |_, _| {});
    let of = debits(&week, SecCode::Ppd).remove(0);
    let ack = ack_of(&week, &of);
    let all: Vec<Sent> = week.sent(FIRST);
    let all: Vec<Sent> = all.into_iter().filter(|one| one.file == of.file).collect();
    let alike = |one: &&Sent| one.cents == ALIKE.get();
    let many = |(_, of): &(&String, &Vec<Sent>)| {
        of.iter().filter(alike).count() > 2 && of.iter().all(Sent::is_debit)
    };
    let batches = batches(&all);
    let (key, batch) = batches.iter().find(many).expect("a batch with three alike");
    let mut told: BTreeMap<String, Line> = BTreeMap::new();
    while week.today <= MONDAY {
        let files = (week.today == MONDAY).then(|| rejected(&ack, None));
        week.day(0, files.into_iter().collect(), &mut |_, lines| {
            for line in lines.iter_mut() {
                if line.customer_reference == *key {
                    *line = cents(line, -4_321);
                }
                let ours = batches.contains_key(&line.customer_reference);
                if ours {
                    let name = format!("{}{}", line.customer_reference, line.amount.get());
                    told.insert(name, line.clone());
                }
            }
        });
    }
    let end = week.end();
    let waited = batch.iter().filter(alike).count() as i64 * 4_321;
    let whole: i64 = all.iter().map(moves).sum();
    let mut open = end.open();
    open.sort_unstable();
    let side = format!("{key}/debit");
    let expected = [("AMOUNT", side.as_str()), ("STATUS", of.file.as_str())];
    assert_eq!(open, expected, "{:#?}", end.breaks);
    assert_eq!(end.of("AMOUNT")[0].cents.get(), waited - 4_321);
    assert_eq!(end.of("STATUS")[0].cents.get(), whole - waited);
    for one in batch {
        let state = week.state(one);
        assert_eq!(state == State::Failed, alike(&one), "{one:?}: {state:?}");
    }
    assert!(end.on(CLEARING).is_empty(), "{:?}", end.on(CLEARING));
    let rests: Vec<i64> = end.on(SUSPENSE).iter().map(|one| one.2).collect();
    assert_eq!(rests, [4_321 - waited]);
    // The bank takes back what it had settled: all of the file has failed, and nothing is left.
    let back: Vec<Line> = told
        .values()
        .map(|line| Line {
            type_code: if line.amount.get() < 0 { "142" } else { "455" }.to_owned(),
            amount: line.amount.checked_neg().expect("cents"),
            bank_reference: format!("TB{}{}", &line.customer_reference[6..], line.amount.get()),
            text: "REVERSAL".to_owned(),
            ..line.clone()
        })
        .collect();
    week.day(0, Vec::new(), &mut |_, lines| lines.extend(back.clone()));
    let end = week.end();
    assert_eq!(end.open(), [], "{:#?}", end.breaks);
    for one in &all {
        assert_eq!(week.state(one), State::Failed, "{one:?}");
    }
    nothing_rests(&week);
}
