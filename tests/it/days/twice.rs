//! What the bank says a second time: it is seen, and nothing is counted twice.

use crate::child::{configuration, run};
use crate::days::stage::stage;
use crate::tree::{bytes, copy, scratch};
use std::fs;
use std::path::Path;

const DATE: &str = "2026-11-27";

fn day_and_savings(at: &Path) -> serde_json::Value {
    configuration(at);
    run(at, &["day", "--date", DATE]).expect(1, &["archive"]);
    let path = at.join(format!("objects/saved/{DATE}.json"));
    let text = fs::read_to_string(path).expect("saved");
    let saved: serde_json::Value = serde_json::from_str(&text).expect("a record");
    saved["day"].clone()
}

/// A return of the first entry sent before the staged day, as its bank would make it.
fn answer(at: &Path, modifier: &str, to: &str) {
    let sent = bytes(at, &["objects/outbound"]);
    let (name, body) = sent.first_key_value().expect("a file was sent");
    let text = String::from_utf8_lossy(body);
    let entry = text.lines().find(|line| line.starts_with('6'));
    let trace = entry.and_then(|line| line.get(79..94)).expect("a trace");
    let answer = format!("{trace}:R03");
    let made = ["ach", "return", name, "--date", DATE, "--entry", &answer];
    let made = [&made[..], &["--modifier", modifier, "--out", to]].concat();
    run(at, &made).expect(0, &[]);
}

#[test]
fn a_return_that_is_told_twice_is_priced_once() {
    let dir = scratch();
    let (once, twice) = (dir.path().join("once"), dir.path().join("twice"));
    for at in [&once, &twice] {
        copy(&stage().before("cut"), at);
        answer(at, "Y", "bank/from-bank/y-returns.ach");
    }
    answer(&twice, "Z", "bank/from-bank/z-returns.ach");
    let priced = day_and_savings(&once);
    assert_ne!(priced["cost"]["bank_return"], 0, "{priced}");
    assert_eq!(priced, day_and_savings(&twice));
}
