//! Jobs out of their turn: each is refused before it changes anything, and names the one that
//! comes first, so that following the messages always leads back to work.

use crate::child::{configuration, run};
use crate::days::stage::stage;
use crate::tree::{assert_same, bytes, copy, scratch};
use std::fs;
use std::path::Path;

/// The staged day, and the two banking days after it.
const DATE: &str = "2026-11-27";
const NEXT: &str = "2026-11-30";
const AFTER: &str = "2026-12-01";

const PRODUCTS: &[&str] = &["objects", "archive", "bank"];

fn refused(at: &Path, args: &[&str], words: &[&str]) {
    let before = bytes(at, PRODUCTS);
    run(at, args).expect(2, words);
    assert_same(&args.join(" "), &before, &bytes(at, PRODUCTS));
}

#[test]
fn a_cut_that_skips_a_day_is_refused_and_the_days_go_on() {
    let dir = scratch();
    let at = dir.path().join("copy");
    copy(&stage().after("archive"), &at);
    configuration(&at);
    let first = format!("tieout day --date {NEXT}");
    refused(&at, &["day", "--date", AFTER], &[&first]);
    let first = format!("tieout cut --date {NEXT}");
    refused(&at, &["cut", "--date", AFTER], &[&first]);
    refused(&at, &["cut", "--date", AFTER, "--dry-run"], &[&first]);
    refused(&at, &["cut", "--date", "2062-11-24"], &[&first]);
    run(&at, &["cut", "--date", NEXT, "--window", "sd1"]).expect(0, &["cut-sd1"]);
    // A day of which one window is cut is not over: the next one waits.
    refused(&at, &["cut", "--date", AFTER], &[&first]);
    run(&at, &["day", "--date", NEXT]).ran(&["archive"]);
    run(&at, &["day", "--date", AFTER]).ran(&["archive"]);
}

#[test]
fn a_dry_run_says_what_is_cut_already_and_that_the_books_are_closed() {
    let dir = scratch();
    let at = dir.path().join("copy");
    copy(&stage().after("cut"), &at);
    configuration(&at);
    let dry = ["cut", "--date", DATE, "--window", "standard", "--dry-run"];
    run(&at, &dry).expect(0, &["standard is cut already"]);
    let before = bytes(&at, PRODUCTS);
    let closed = ["cut", "--date", "2026-11-25", "--dry-run"];
    run(&at, &closed).expect(0, &["standard is cut already"]);
    assert_same("a dry run", &before, &bytes(&at, PRODUCTS));
}

#[test]
fn savings_wait_for_those_of_the_day_before() {
    let dir = scratch();
    let at = dir.path().join("copy");
    copy(&stage().after("reconcile"), &at);
    configuration(&at);
    for job in ["cut", "deliver", "ingest", "allocate", "post", "reconcile"] {
        let answer = run(&at, &[job, "--date", NEXT]);
        assert!([0, 1].contains(&answer.status), "{answer:?}");
    }
    let first = format!("tieout savings --date {DATE}");
    refused(&at, &["savings", "--date", NEXT], &[&first]);
    run(&at, &["savings", "--date", DATE]).expect(0, &["cost"]);
    run(&at, &["savings", "--date", NEXT]).expect(0, &["cost"]);
    let saved = fs::read_to_string(at.join(format!("objects/saved/{NEXT}.json"))).expect("saved");
    assert!(saved.contains(DATE), "the day before is carried on");
}
