//! The version before: the same form of installation, fewer rules.
//!
//! `fixtures/form-3.tar.zst` was stopped on 2026-11-30 after the first window was sent and the
//! morning's files were taken, in a week of five days with 60 payments each from a bank that makes
//! mistakes and tells its returns twice; the last day is 2026-12-08.

use super::CLOSED;
use super::older::{Older, assert_agree, facts};
use crate::days::world::block;
use jiff::civil::{Date, date};
use jobs::day;

/// The same by the program that says once what is said of a side of a batch, keeps names in a table
/// of their own and lists parts: of the same form, and to be read by whatever comes after it.
const NAMES: &[u8] = include_bytes!("../../../fixtures/form-3-names.tar.zst");

pub const FORM_3: &[u8] = include_bytes!("../../../fixtures/form-3.tar.zst");
const STOPPED: Date = date(2026, 11, 30);
const LAST: Date = date(2026, 12, 8);

/// Upgrades, asks, runs from the middle of the day on which it stopped to the last, and asks again;
/// answers what it came to.
fn runs_to_the_end(older: &Older) -> Vec<String> {
    older
        .tieout(&["upgrade"])
        .expect(0, &["every record can be read"]);
    let asked = older.questions(CLOSED);
    block(day::run(&older.desk(), STOPPED)).expect("a day");
    older.run_to_the_end();
    assert_eq!(older.questions(CLOSED), asked, "as known at a close before");
    older.questions(&LAST.to_string());
    block(facts(&older.desk(), LAST, |payment, _| {
        (payment.state, payment.version)
    }))
}

#[test]
fn an_installation_with_names_apart_runs_its_week_to_the_end_with_the_same_books() {
    let older = Older::unpack(NAMES);
    let found = runs_to_the_end(&older);
    assert_agree(&older.expected(), &found);
    older
        .tieout(&["check"])
        .expect(0, &["records whose parts are in the table parts"]);
}

#[test]
fn an_installation_of_the_version_before_runs_its_week_to_the_end_with_the_same_books() {
    let older = Older::unpack(FORM_3);
    let found = runs_to_the_end(&older);
    // By a rule that is new: nobody had announced what the payouts need.
    let (overdrawn, found): (Vec<String>, Vec<String>) = found
        .into_iter()
        .partition(|fact| fact.starts_with("break OVERDRAWN "));
    assert_eq!(overdrawn, ["break OVERDRAWN payroll 20755228 OPEN"]);
    assert_agree(&older.expected(), &found);
    older.tieout(&["check", "--all"]).expect(0, &[]);
}
