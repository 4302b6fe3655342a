//! Batches whose figure is less than they are, by a return that the bank keeps from it.

use crate::bank::returned::{debits, nothing_rests};
use crate::bank::sent::{Sent, file};
use crate::bank::week::Week;
use formats::statement::Line;
use jiff::civil::{Date, date};
use settlement::codes::sec::SecCode;
use settlement::money::SignedCents;
use settlement::payment::State;

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
