//! What comes back about an entry: the books and the cost of each payment agree on what the bank
//! bills for it, and ingestion and reconciliation on which entry it is.

use crate::child::{configuration, run};
use crate::days::stage::stage;
use crate::tree::{bytes, copy, scratch};
use serde_json::Value;
use std::fs;
use std::path::Path;

const DATE: &str = "2026-11-27";

fn record(at: &Path, kind: &str) -> Value {
    let path = at.join(format!("objects/{kind}/{DATE}.json"));
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).expect("a record")
}

/// Puts into the drop box that a notification of change for the first entry sent is refused, as
/// a bank would say it, and answers with the entry's trace.
fn refused_notice(at: &Path) -> String {
    let sent = bytes(at, &["objects/outbound"]);
    let (name, body) = sent.first_key_value().expect("a file was sent");
    let text = String::from_utf8_lossy(body);
    let entry = text.lines().find(|line| line.starts_with('6'));
    let trace = entry.and_then(|line| line.get(79..94)).expect("a trace");
    let (change, to) = (
        format!("{trace}:C01:1918171614"),
        "bank/from-bank/refused.ach",
    );
    let made = [
        "ach", "noc", name, "--date", DATE, "--entry", &change, "--out", to,
    ];
    run(at, &made).expect(0, &[]);
    let notice = fs::read_to_string(at.join(to)).expect("made");
    let refuse = |line: &str| match line.starts_with("798C01") {
        true => format!("798C61{}C010000001{}\n", &line[6..64], &line[74..]),
        false => format!("{line}\n"),
    };
    let refused: String = notice.lines().map(refuse).collect();
    assert_ne!(refused, notice, "it has an addenda 98");
    fs::write(at.join(to), refused).expect("written");
    trace.to_owned()
}

/// What a day's answers cost in notifications of change, in micro-dollars: to the books, and to
/// the payments.
fn changes(at: &Path) -> (i64, i64) {
    let fees = record(at, "posted")["fees"].clone();
    let days = fees["days"].as_array().expect("fees");
    let cents: i64 = days
        .iter()
        .map(|day| day["cents"].as_i64().expect("cents"))
        .sum();
    let books = cents * 10_000 + fees["carry"].as_i64().expect("a carry");
    let cost = &record(at, "saved")["day"]["cost"]["bank_change"];
    (books, cost.as_i64().expect("micro-dollars"))
}

#[test]
fn a_refused_notice_costs_its_payment_what_the_books_accrue_for_it() {
    let dir = scratch();
    let (without, with) = (dir.path().join("without"), dir.path().join("with"));
    for at in [&without, &with] {
        copy(&stage().before("cut"), at);
        configuration(at);
    }
    let trace = refused_notice(&with);
    for at in [&without, &with] {
        run(at, &["day", "--date", DATE]).expect(1, &["archive"]);
    }
    let (before, after) = (changes(&without), changes(&with));
    assert_eq!(
        after.0 - before.0,
        500_000,
        "the bank's price for a notification"
    );
    assert_eq!(after.1 - before.1, 500_000, "and the payment's cost");
    // It is matched with its entry, by both who look: no break speaks of it.
    let breaks = record(&with, "reconciled")["breaks"].to_string();
    assert!(!breaks.contains(&trace), "{breaks}");
}
