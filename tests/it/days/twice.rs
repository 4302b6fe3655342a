//! What the bank says a second time: it is seen, and nothing is counted twice.

use crate::child::{configuration, run};
use crate::days::stage::stage;
use crate::days::world;
use crate::tree::{assert_same, bytes, copy, scratch};
use desk::config::PRICES;
use settlement::savings::PriceList;
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

/// Prices change, and rules do from version to version: a date that is saved keeps its cost.
#[test]
fn a_date_that_is_saved_is_never_priced_again() {
    let stage = stage();
    let dir = scratch();
    let at = dir.path().join("saved");
    copy(&stage.after("savings"), &at);
    let before = bytes(&at, &["objects"]);
    let mut desk = world::desk(&at);
    let dearer = PRICES.replace("percent = \"2.9\"", "percent = \"3.9\"");
    assert_ne!(dearer, PRICES, "the price list has another card price now");
    desk.prices = PriceList::parse(&dearer).expect("a price list");
    world::block(world::job(&desk, stage.date, "savings")).expect("the same tally as before");
    assert_same("priced at other prices", &before, &bytes(&at, &["objects"]));
}
