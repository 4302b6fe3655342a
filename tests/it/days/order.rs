//! Jobs one by one, as schedules run them: often, in any order that makes sense, and refused in
//! one that does not.

use crate::days::stage::stage;
use crate::days::world::{self, block, desk};
use crate::tree::{self, assert_same, bytes, scratch};
use desk::failure::{Result, Status};
use desk::names;
use jiff::civil::date;
use jobs::records;
use jobs::records::reconciled::Reconciled;
use jobs::tally::Tally;
use jobs::{allocate, archive, cut, day, deliver, ingest, post, reconcile, savings};
use settlement::windows::Window;
use std::fs;
use std::path::{Path, PathBuf};

const PRODUCTS: &[&str] = &["objects", "archive", "bank"];

#[test]
fn a_day_of_single_runs_gives_the_bytes_of_one_run_of_the_day() {
    let (stage, dir) = (stage(), scratch());
    let (at, date) = (dir.path().join("copy"), stage.date);
    tree::copy(&stage.before("cut"), &at);
    let held = hide_half_of_what_the_bank_has(&at);
    let desk = desk(&at);
    block(async {
        // After each cut its files go out, and what has come from the bank so far comes in.
        for window in Window::ALL.iter().copied() {
            cut::run(&desk, date, window).await.expect("cut");
            deliver::run(&desk, date).await.expect("deliver");
            ingest::run(&desk, date).await.expect("ingest");
        }
        for (path, body) in &held {
            fs::write(path, body).expect("the bank puts out the rest");
        }
        ingest::run(&desk, date).await.expect("ingest");
        ingest::run(&desk, date).await.expect("nothing new");
        allocate::run(&desk, date).await.expect("allocate");
        post::run(&desk, date).await.expect("post");
        reconcile::run(&desk, date).await.expect("reconcile");
        savings::run(&desk, date).await.expect("savings");
        archive::run(&desk, date).await.expect("archive");
    });
    drop(desk);
    let expected = bytes(&stage.after("archive"), PRODUCTS);
    assert_same("single runs", &expected, &bytes(&at, PRODUCTS));
}

fn hide_half_of_what_the_bank_has(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = crate::days::world::files_in(&dir.join("bank/from-bank"));
    files.sort();
    let later = files.split_off(files.len() / 2);
    assert!(!later.is_empty(), "the bank has something for later");
    let hide = |path: PathBuf| {
        let body = fs::read(&path).expect("readable");
        fs::remove_file(&path).expect("hidden");
        (path, body)
    };
    later.into_iter().map(hide).collect()
}

#[test]
fn a_job_before_its_turn_says_what_to_run_first_and_changes_nothing() {
    let (stage, dir) = (stage(), scratch());
    let (at, date) = (dir.path().join("copy"), stage.date);
    tree::copy(&stage.before("cut"), &at);
    let desk = desk(&at);
    let untouched = bytes(&at, PRODUCTS);
    let refused = |job: &str, tally: Result<Tally>, first| {
        let failure = tally.expect_err(job);
        assert_eq!(failure.status, Status::Usage, "{job}: {failure}");
        assert!(failure.to_string().contains(first), "{job}: {failure}");
        assert_same(job, &untouched, &bytes(&at, PRODUCTS));
    };
    block(async {
        refused("post", post::run(&desk, date).await, "tieout cut");
        refused(
            "reconcile",
            reconcile::run(&desk, date).await,
            "tieout post",
        );
        refused("savings", savings::run(&desk, date).await, "tieout post");
        refused("archive", archive::run(&desk, date).await, "tieout day");
        // A delivery of nothing does not count as the day's delivery.
        deliver::run(&desk, date).await.expect("nothing is cut yet");
        refused("post", post::run(&desk, date).await, "tieout cut");
        day::run(&desk, date).await.expect("nothing is in the way");
    });
    drop(desk);
    let expected = bytes(&stage.after("archive"), PRODUCTS);
    assert_same("after all that", &expected, &bytes(&at, PRODUCTS));
}

#[test]
fn what_was_sent_before_anything_was_reconciled_is_looked_at() {
    let dir = scratch();
    let (first, next) = (date(2026, 11, 24), date(2026, 11, 25));
    block(async {
        let desk = desk(dir.path());
        world::begin(&desk).await;
        world::ask(&desk, first, 60).await;
        for name in ["cut", "deliver"] {
            world::job(&desk, first, name).await.expect(name);
        }
        day::run(&desk, next).await.expect("a day");
        let name = names::reconciled(next);
        let done = records::get::<Reconciled>(&*desk.ports.objects, &name).await;
        let done = done.expect("read").expect("reconciled");
        let leg = done.legs.iter().find(|leg| leg.text.starts_with("L0"));
        // Nobody expects what no day has told the books of: each of them is a break.
        let leg = leg.expect("the leg of payments");
        assert_eq!(leg.taken.records, 60, "{}", leg.text);
        assert!(leg.broken.records > 0, "{}", leg.text);
    });
}
