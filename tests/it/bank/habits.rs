//! Weeks with a bank of one habit each: what is right in another way leaves no break, what is told
//! again is said once.

use crate::bank::week::{CLEARING, End, SUSPENSE, Week};
use jiff::civil::{Date, date};
use sandbox::bank::Habits;

const FIRST: Date = date(2026, 11, 24);

/// Two days with payments, and quiet ones until the last answer has come.
fn week(habits: Habits, until: Date) -> End {
    let mut week = Week::with(FIRST, habits);
    for _ in 0..2 {
        week.day(400, Vec::new(), &mut |_, _| {});
    }
    week.quiet_until(until);
    let end = week.end();
    let rests = [end.on(CLEARING), end.on(SUSPENSE)].concat();
    assert!(rests.is_empty(), "{habits:?}: {rests:?}");
    end
}

#[test]
fn what_a_bank_does_in_its_own_way_leaves_no_break() {
    let none = Habits::default();
    for habits in [
        Habits {
            one_name: true,
            ..none
        },
        Habits {
            undated: true,
            ..none
        },
        Habits {
            second_changes: true,
            ..none
        },
        Habits {
            one_name: true,
            undated: true,
            second_changes: true,
            ..none
        },
    ] {
        let end = week(habits, date(2026, 12, 4));
        assert_eq!(end.open(), [], "{habits:?}");
    }
}

#[test]
fn what_a_bank_sets_right_itself_closes_by_itself() {
    let habits = Habits {
        corrects: true,
        ..Habits::default()
    };
    let end = week(habits, date(2026, 12, 4));
    assert_eq!(end.open(), []);
    let wrong = end.of("RETURN_UNMATCHED");
    assert!(!wrong.is_empty(), "no return came on the first morning");
    assert!(
        wrong.iter().all(|b| b.explanation.contains("corrected by")),
        "{wrong:#?}"
    );
}

#[test]
fn what_a_bank_tells_again_is_said_once_each() {
    let habits = Habits {
        told_again: true,
        one_name: true,
        ..Habits::default()
    };
    let end = week(habits, date(2026, 12, 8));
    let mut keys: Vec<_> = end.open().iter().map(|(kind, key)| (*kind, *key)).collect();
    assert!(
        !keys.is_empty() && keys.iter().all(|(kind, _)| *kind == "DUP_ENTRY"),
        "{keys:?}"
    );
    let all = keys.len();
    keys.dedup();
    assert_eq!(keys.len(), all);
}

#[test]
fn a_debit_that_was_not_authorized_comes_back_on_its_last_day() {
    let habits = Habits {
        last_day: true,
        ..Habits::default()
    };
    let end = week(habits, date(2027, 2, 1));
    assert_eq!(end.open(), []);
}
