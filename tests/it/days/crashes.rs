//! A fault at every step of every job, on both sides of its effect: run again, the bytes are
//! those of a run that nothing happened to.
//!
//! Each job has the same three tests, all of them on a copy of one [`Stage`].

use crate::days::stage::{Stage, stage};
use crate::days::world::{self, block, desk, story, with_ports};
use crate::tree::{self, assert_same, bytes, scratch};
use connectors::faulty::{Faults, When};
use jiff::civil::Date;
use jobs::JOBS;
use std::collections::BTreeMap;
use std::path::Path;

/// Everything a job can leave: files, packages, uploads, and what it takes from the bank.
const PRODUCTS: &[&str] = &["objects", "archive", "bank"];

/// Changing calls one job makes at most on this stage: the loop below ends.
const MOST_STEPS: u64 = 400;

/// All that can be seen of an installation.
type Sight = (BTreeMap<String, Vec<u8>>, Vec<String>);

fn sight(dir: &Path, date: Date) -> Sight {
    let desk = desk(dir);
    let story = block(story(&desk, date));
    (bytes(dir, PRODUCTS), story)
}

fn assert_undisturbed(what: &str, expected: &Sight, dir: &Path, date: Date) {
    let (files, story) = sight(dir, date);
    assert_same(what, &expected.0, &files);
    assert_eq!(expected.1, story, "{what}: the payments' events differ");
    tree::walk(dir, &mut |path, is_dir| {
        let unfinished = path.parent().is_some_and(|p| p.ends_with(".unfinished"));
        assert!(is_dir || !unfinished, "{what}: left {}", path.display());
    });
}

fn runs_once(job: &str) {
    let (stage, dir) = (stage(), scratch());
    let (before, after) = (
        bytes(&stage.before(job), PRODUCTS),
        bytes(&stage.after(job), PRODUCTS),
    );
    assert!(before != after, "{job} has something to do on this day");
    let copy = dir.path().join("copy");
    tree::copy(&stage.before(job), &copy);
    let desk = desk(&copy);
    block(world::job(&desk, stage.date, job)).expect(job);
    drop(desk);
    assert_undisturbed(
        job,
        &sight(&stage.after(job), stage.date),
        &copy,
        stage.date,
    );
}

fn a_rerun_is_identical(job: &str) {
    let (stage, dir) = (stage(), scratch());
    let copy = dir.path().join("copy");
    tree::copy(&stage.after(job), &copy);
    for _ in 0..2 {
        let desk = desk(&copy);
        block(world::job(&desk, stage.date, job)).expect(job);
    }
    assert_undisturbed(
        job,
        &sight(&stage.after(job), stage.date),
        &copy,
        stage.date,
    );
}

fn a_crash_at_any_step_is_healed_by_a_rerun(job: &str) {
    let stage = stage();
    let expected = sight(&stage.after(job), stage.date);
    for when in [When::Before, When::After] {
        let mut nth = 1;
        while struck(&stage, job, nth, when, &expected) {
            nth += 1;
            assert!(nth < MOST_STEPS, "{job}: a fault makes work without end");
        }
        assert!(nth > 1, "{job} changes nothing on this day");
    }
}

/// Runs `job` with a fault at its `nth` change, then again without; whether there was one.
fn struck(stage: &Stage, job: &str, nth: u64, when: When, expected: &Sight) -> bool {
    let what = format!("{job}, fault {when:?} change {nth}");
    let dir = scratch();
    let copy = dir.path().join("copy");
    tree::copy(&stage.before(job), &copy);
    let faults = Faults::at(nth, when);
    let sound = desk(&copy);
    let failing = with_ports(&copy, faults.around(&sound.ports));
    let ended = block(world::job(&failing, stage.date, job));
    drop(failing);
    if !faults.struck() {
        ended.expect(&what);
        return false;
    }
    block(world::job(&sound, stage.date, job)).expect(&what);
    drop(sound);
    assert_undisturbed(&what, expected, &copy, stage.date);
    true
}

macro_rules! crash_tests {
    ($($job:ident)*) => {
        const TESTED: &[&str] = &[$(stringify!($job)),*];
        $(mod $job {
            #[test]
            fn runs_once() {
                super::runs_once(stringify!($job));
            }

            #[test]
            fn a_rerun_is_identical() {
                super::a_rerun_is_identical(stringify!($job));
            }

            #[test]
            fn a_crash_at_any_step_is_healed_by_a_rerun() {
                super::a_crash_at_any_step_is_healed_by_a_rerun(stringify!($job));
            }
        })*
    };
}

crash_tests!(cut deliver ingest allocate post reconcile savings archive);

#[test]
fn every_job_is_tested() {
    let jobs: Vec<&str> = JOBS.iter().map(|job| job.name).collect();
    assert_eq!(jobs, TESTED);
}
