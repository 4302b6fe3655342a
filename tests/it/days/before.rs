//! The bytes of today beside those of before: each file that the demo sends to the bank and each
//! part of each table, held against the list that an earlier version left.
//!
//! The list is one that `sha256sum -c` reads in the demo's folder of objects. A change that means
//! to alter bytes writes it anew with `UPDATE_GOLDEN=1` and says in its message which lines moved
//! and why. Another version of the Parquet library moves every table, and no file to the bank.

use crate::days::whole::play;
use crate::house::source::{file, root};
use crate::tree::{bytes, scratch};
use std::collections::BTreeMap;
use std::fs;

/// Name and SHA-256 of what an earlier version made of `tieout demo --payments 300 --seed 7`.
const GOLDEN: &str = "tests/golden/demo-seed7.txt";

/// What is sent to the bank stands below this, under a name of date and window.
const SENT: &str = "outbound/";

/// The hash of each file sent and of each table part, by its name below `objects/`.
fn products(of: BTreeMap<String, Vec<u8>>) -> BTreeMap<String, String> {
    let inside = |(name, body): (String, Vec<u8>)| {
        let name = name.strip_prefix("objects/")?.to_owned();
        let counts = name.starts_with(SENT) || name.ends_with(".parquet");
        counts.then(|| (name, settlement::archive::sha256(&body).to_string()))
    };
    of.into_iter().filter_map(inside).collect()
}

fn written(products: &BTreeMap<String, String>) -> String {
    let line = |(name, hash): (&String, &String)| format!("{hash}  {name}\n");
    products.iter().map(line).collect()
}

/// The lines of `one` that `other` does not have, each with `sign` before it.
fn only_in<'a>(sign: &'a str, one: &'a str, other: &str) -> impl Iterator<Item = String> + 'a {
    let known: Vec<String> = other.lines().map(str::to_owned).collect();
    let unknown = one.lines().filter(move |l| !known.iter().any(|k| k == l));
    unknown.map(move |line| format!("{sign} {line}"))
}

#[test]
fn the_demo_sends_the_files_and_fills_the_tables_that_it_did_before() {
    let dir = scratch();
    play(dir.path(), |options| options.days = 5);
    let now = written(&products(bytes(dir.path(), &["objects"])));
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(root().join(GOLDEN), &now).expect("the list is written anew");
    }
    let before = file(GOLDEN).expect("the list");
    let gone = only_in("-", &before, &now);
    let moved: Vec<String> = gone.chain(only_in("+", &now, &before)).collect();
    assert!(
        moved.is_empty(),
        "{} lines of {GOLDEN} are not as they were (- before, + now):\n{}\n\
         if that is what you want, UPDATE_GOLDEN=1 writes it anew",
        moved.len(),
        moved.join("\n")
    );
}

#[test]
fn the_list_holds_every_day_and_every_table() {
    let before = file(GOLDEN).expect("the list");
    let names = before.lines().filter_map(|line| line.split_once("  "));
    let names: Vec<&str> = names.map(|(_, name)| name).collect();
    let sent = names.iter().filter(|name| name.starts_with(SENT));
    assert_eq!(sent.count(), 21, "four windows of five days, and one after");
    // The demo's bank writes BAI2, whose lines list no parts.
    let tables = formats::tables::TABLES.iter();
    for table in tables.filter(|table| table.name != "bank_line_details") {
        let part = format!("{}/", table.name);
        let held = names.iter().any(|name| name.starts_with(&part));
        assert!(held, "no part of the table {}", table.name);
    }
}
