//! Dates that mean one thing each, on whole days: windows to their last day, years that end in
//! between, headers that say nothing, value dates that cannot be.

use crate::bank::sent::{Back, Sent, file};
use crate::bank::week::Week;
use formats::statement::{Funds, Line};
use jiff::civil::{Date, date};
use settlement::codes::sec::SecCode;
use settlement::payment::State;

/// An ordinary Friday; what is cut on it settles on Monday, and its sixtieth day is a Friday.
const FRIDAY: Date = date(2026, 11, 20);
const LAST: Date = date(2027, 1, 25);

fn standard(week: &Week, of: impl Fn(&Sent) -> bool) -> Vec<Sent> {
    let mut all = week.sent(FRIDAY);
    all.retain(|one| one.file.contains("standard") && of(one));
    all
}

#[test]
fn a_debit_of_an_ordinary_friday_comes_back_on_its_last_day_and_a_day_later_by_name() {
    let mut week = Week::new(FRIDAY);
    week.day(60, Vec::new(), &mut |_, _| {});
    let debits = standard(&week, |one| one.is_debit() && one.sec == SecCode::Ppd);
    let [in_time, blank, late, nameless] = &debits[..4] else {
        panic!("{debits:?}");
    };
    week.quiet_until(LAST);
    let blank_header = Back {
        settled: Some(0),
        ..blank.back("R10", 8)
    };
    let first = file(
        "returns.ach",
        LAST,
        b'A',
        &[in_time.back("R10", 7), blank_header],
    );
    week.day(0, vec![first], &mut |_, _| {});
    assert_eq!(
        week.end().open(),
        [],
        "in time, also where the header says nothing"
    );
    // The same file name once more; one of the two names no payment of ours.
    let next = date(2027, 1, 26);
    let without = Back {
        names_payment: false,
        ..nameless.back("R10", 10)
    };
    let second = file("returns.ach", next, b'A', &[late.back("R10", 9), without]);
    week.day(0, vec![second], &mut |_, _| {});
    for one in [in_time, blank, late, nameless] {
        assert_eq!(week.state(one), State::Returned);
    }
    let end = week.end();
    let mut expected = [late, nameless].map(|one| ("RETURN_LATE", one.trace.to_string()));
    expected.sort();
    let found: Vec<_> = end
        .open()
        .into_iter()
        .map(|(k, key)| (k, key.to_owned()))
        .collect();
    assert_eq!(found, expected, "{:#?}", end.breaks);
    for found in end.of("RETURN_LATE") {
        let said = &found.explanation;
        assert!(
            said.contains("until 2027-02-02, five banking days"),
            "{said}"
        );
        assert!(found.right.is_some(), "its payment is named");
    }
}

#[test]
fn the_day_on_which_a_return_settled_decides_and_not_the_day_on_which_it_is_read() {
    let first = date(2026, 12, 28);
    let mut week = Week::new(first);
    week.day(60, Vec::new(), &mut |_, _| {});
    let mut all = week.sent(first);
    all.retain(|one| one.is_debit() && one.sec == SecCode::Ppd && one.file.contains("standard"));
    // Settled on Tuesday the 29th: an ordinary return settles until Thursday the 31st.
    let read = date(2027, 1, 5);
    week.quiet_until(read);
    let on = |of, by, day: Date| Back {
        settled: Some(day.day_of_year().unsigned_abs()),
        ..Sent::back(of, "R01", by)
    };
    let backs = [
        on(&all[0], 7, date(2026, 12, 31)),
        on(&all[1], 8, date(2027, 1, 4)),
    ];
    week.day(0, vec![file("a.ach", read, b'A', &backs)], &mut |_, _| {});
    let (end, late) = (week.end(), all[1].trace.to_string());
    assert_eq!(
        end.open(),
        [("RETURN_LATE", late.as_str())],
        "{:#?}",
        end.breaks
    );
}

#[test]
fn a_reason_that_is_for_other_entries_is_no_timely_return_and_money_all_the_same() {
    let mut week = Week::new(FRIDAY);
    week.day(120, Vec::new(), &mut |_, _| {});
    week.day(0, Vec::new(), &mut |_, _| {});
    let company = standard(&week, |one| one.is_debit() && one.sec == SecCode::Ccd).remove(0);
    let payout = standard(&week, |one| !one.is_debit() && one.sec == SecCode::Ppd).remove(0);
    let day = week.today;
    let backs = [company.back("R10", 7), payout.back("R10", 8)];
    week.day(0, vec![file("a.ach", day, b'A', &backs)], &mut |_, _| {});
    let money = [&company, &payout].map(|one| one.line(true));
    let mut told = Some(money);
    let mut tell = |_: Date, lines: &mut Vec<Line>| lines.extend(told.take().into_iter().flatten());
    week.day(0, Vec::new(), &mut tell);
    week.day(0, Vec::new(), &mut |_, _| {});
    let end = week.end();
    let mut expected = [&company, &payout].map(|one| ("RETURN_LATE", one.trace.to_string()));
    expected.sort();
    let found: Vec<_> = end
        .open()
        .into_iter()
        .map(|(k, key)| (k, key.to_owned()))
        .collect();
    // The bank bills returns of its own making only, so its fee is not what the books have.
    let found: Vec<_> = found
        .into_iter()
        .filter(|(k, _)| *k != "UNEXPECTED_AT_BANK")
        .collect();
    assert_eq!(found, expected, "{:#?}", end.breaks);
    let said = end
        .of("RETURN_LATE")
        .iter()
        .all(|b| b.explanation.contains("is no reason"));
    assert!(said, "{:#?}", end.breaks);
    for one in [&company, &payout] {
        assert_eq!(week.state(one), State::Returned);
        let trace = one.trace.to_string();
        assert!(
            end.balances.iter().all(|(_, key, _)| *key != trace),
            "booked and met"
        );
    }
}

#[test]
fn a_value_date_before_the_file_was_sent_is_said_and_moves_no_hold() {
    let mut week = Week::new(FRIDAY);
    week.day(60, Vec::new(), &mut |_, _| {});
    let before = date(2026, 11, 18);
    let mut moved = None;
    let mut tell = |_: Date, lines: &mut Vec<Line>| {
        let line = lines.iter_mut().find(|line| line.type_code == "165");
        if let (Some(line), true) = (line, moved.is_none()) {
            line.funds = Funds::Dated(before);
            moved = Some(line.customer_reference.clone());
        }
    };
    week.day(0, Vec::new(), &mut tell);
    week.day(0, Vec::new(), &mut tell);
    let (end, batch) = (week.end(), moved.expect("a batch of debits settled"));
    let key = format!("{batch}/debit/value");
    assert_eq!(end.open(), [("DATE", key.as_str())], "{:#?}", end.breaks);
    for one in week.sent(FRIDAY) {
        let payment = week.payment(&one);
        let Some(entry) = payment
            .entry
            .filter(|entry| entry.batch.to_string() == batch)
        else {
            continue;
        };
        assert_eq!(
            payment.settled_on,
            Some(entry.settles_on),
            "windows and hold run from it"
        );
    }
}
