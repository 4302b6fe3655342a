//! Days that are made up for, and records that are lost: each day takes its own files and no
//! others, whatever is run when.

use crate::bank::door::Still;
use crate::child::{configuration, run};
use crate::days::stage::stage;
use crate::days::world::{self, World, block, desk, files_in, put_out};
use crate::tree::{self, assert_same, bytes, scratch};
use jiff::civil::{Date, date};
use jobs::{day, ingest};
use sandbox::bank::FaultPlan;
use settlement::calendar::next_banking_day;
use settlement::windows::cutoff_at;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

const PRODUCTS: &[&str] = &["objects", "archive"];

/// The staged day, and the next.
const DATE: &str = "2026-11-27";
const NEXT: &str = "2026-11-30";

/// Runs a day at noon of `now`.
fn run_day(at: &Path, day: Date, now: Date) {
    let mut desk = desk(at);
    let noon = cutoff_at(now, jiff::civil::time(12, 0, 0, 0));
    desk.ports.clock = Arc::new(Still(noon));
    block(day::run(&desk, day)).expect("a day");
}

#[test]
fn after_ten_days_of_outage_each_day_takes_its_own_files() {
    let (dir, before) = (scratch(), [date(2026, 11, 24), date(2026, 11, 25)]);
    let live = dir.path().join("live");
    let mut world = World::new(FaultPlan::standard(3));
    for day in before {
        let desk = desk(&live);
        block(world.morning(&live, &desk, day, 60));
        drop(desk);
        run_day(&live, day, day);
        world.evening(&live, day);
    }
    let days: Vec<Date> = std::iter::successors(Some(date(2026, 11, 27)), |day| {
        Some(next_banking_day(*day)).filter(|next| *next <= date(2026, 12, 10))
    })
    .collect();
    assert_eq!(days.len(), 10);
    let last = days[9];
    for working in ["by the clock", "ahead of it"] {
        let (undisturbed, outage) = (scratch(), scratch());
        let [one, other] = [&undisturbed, &outage].map(|dir| dir.path().join("copy"));
        tree::copy(&live, &one);
        tree::copy(&live, &other);
        let mut bank = world.clone();
        for day in &days {
            put_out(&one, bank.files(*day));
            run_day(&one, *day, *day);
        }
        put_out(&other, world.clone().files(last));
        assert!(files_in(&other.join("bank/from-bank")).len() > 10);
        for day in &days {
            let now = if working == "by the clock" {
                last
            } else {
                before[1]
            };
            run_day(&other, *day, now);
        }
        let expected = bytes(&one, PRODUCTS);
        assert_same(working, &expected, &bytes(&other, PRODUCTS));
    }
}

/// The staged installation after its day, with the next day's files waiting.
fn next_morning() -> (TempDir, PathBuf) {
    let dir = scratch();
    let at = dir.path().join("copy");
    tree::copy(&stage().after("archive"), &at);
    configuration(&at);
    let mut world = World::new(FaultPlan::none());
    world.files(date(2026, 11, 27)); // that morning is over
    let files = world.files(date(2026, 11, 30));
    assert!(!files.is_empty());
    put_out(&at, files);
    (dir, at)
}

fn lose(at: &Path, name: &str) {
    fs::remove_file(at.join("objects").join(name)).expect("it was there");
}

#[test]
fn a_lost_posting_lets_no_file_in_and_is_written_again() {
    for (by, also) in [("post", None), ("day", None), ("day", Some("reconciled"))] {
        let (_dir, at) = next_morning();
        let before = bytes(&at, &["objects", "archive", "bank"]);
        let posted = format!("posted/{DATE}.json");
        lose(&at, &posted);
        if let Some(also) = also {
            lose(&at, &format!("{also}/{DATE}.json"));
        }
        let answer = run(&at, &["ingest", "--date", DATE]);
        let advice = format!("run tieout post --date {DATE}");
        answer.expect(2, &[&posted, "is gone", &advice, &format!("--date {NEXT}")]);
        let first = format!("run tieout day --date {DATE} first");
        run(&at, &["day", "--date", NEXT]).expect(2, &[&first]);
        let healed = run(&at, &[by, "--date", DATE]);
        assert!([0, 1].contains(&healed.status), "{healed:?}");
        let what = format!("{by}, lost: posted {also:?}");
        assert_same(&what, &before, &bytes(&at, &["objects", "archive", "bank"]));
        let answer = run(&at, &["day", "--date", NEXT]);
        assert!([0, 1].contains(&answer.status), "{answer:?}");
    }
}

#[test]
fn a_posting_lost_among_later_ones_is_written_again() {
    let (_dir, at) = next_morning();
    let answer = run(&at, &["day", "--date", NEXT]);
    assert!([0, 1].contains(&answer.status), "{answer:?}");
    let before = bytes(&at, PRODUCTS);
    lose(&at, &format!("posted/{DATE}.json"));
    run(&at, &["post", "--date", DATE]).expect(0, &[]);
    assert_same("post", &before, &bytes(&at, PRODUCTS));
}

#[test]
fn nothing_is_taken_for_a_date_once_a_later_one_has_begun() {
    let dir = scratch();
    let at = dir.path().join("copy");
    tree::copy(&stage().before("post"), &at);
    configuration(&at);
    let letter = at.join("bank/from-bank/letter.txt");
    fs::write(&letter, "Dear customer,").expect("put out");
    run(&at, &["cut", "--date", NEXT]).expect(0, &[]);
    let refused = ["a later date", &format!("--date {NEXT}")];
    run(&at, &["ingest", "--date", DATE]).expect(2, &refused);
    let answer = run(&at, &["day", "--date", DATE]);
    answer.expect(1, &["nothing more is taken", "archive"]);
    assert!(letter.exists());
    run(&at, &["day", "--date", NEXT]).expect(1, &["letter.txt: quarantined"]);
    assert!(!letter.exists());
}

#[test]
fn a_file_that_is_of_a_later_day_waits_and_is_said() {
    let dir = scratch();
    let at = dir.path().join("copy");
    tree::copy(&stage().before("ingest"), &at);
    let mut files = files_in(&at.join("bank/from-bank"));
    files.retain(|path| path.to_string_lossy().ends_with("returns-A.ach"));
    let mut body = fs::read(&files[0]).expect("readable");
    body[23..29].copy_from_slice(b"261130");
    let later = at.join("bank/from-bank/later.ach");
    fs::write(&later, body).expect("put out");
    let mut desk = desk(&at);
    // On the day that the file is of: what it says can be, whenever this runs.
    let noon = cutoff_at(date(2026, 11, 30), jiff::civil::time(12, 0, 0, 0));
    desk.ports.clock = Arc::new(Still(noon));
    let tally = block(jobs::ingest::run(&desk, date(2026, 11, 27))).expect("ingest");
    let line = "later.ach: waits: it is of 2026-11-30 and waits for its day";
    assert!(tally.proofs.iter().any(|said| said == line), "{tally}");
    assert!(later.exists() && tally.findings == 0, "{tally}");
    assert_eq!(world::files_in(&at.join("bank/from-bank")), [later]);
}

#[test]
fn an_answer_to_a_file_whose_delivery_is_not_recorded_waits_for_it() {
    let (dir, stage) = (scratch(), stage());
    let at = dir.path().join("copy");
    tree::copy(&stage.before("ingest"), &at);
    let (records, aside) = (at.join("objects/deliveries"), at.join("aside"));
    fs::rename(&records, &aside).expect("as if the deliveries had died");
    for _ in 0..2 {
        let desk = desk(&at);
        let tally = block(ingest::run(&desk, stage.date)).expect("ingest");
        let left = files_in(&at.join("bank/from-bank"));
        let acks = |path: &PathBuf| path.to_string_lossy().contains("-ack-");
        assert!(!left.is_empty() && left.iter().all(acks), "{left:?}");
        let waits = |line: &&String| line.contains("whose delivery is not recorded");
        assert_eq!(tally.proofs.iter().filter(waits).count(), left.len());
    }
    fs::rename(&aside, &records).expect("they are done");
    block(ingest::run(&desk(&at), stage.date)).expect("ingest");
    assert_eq!(files_in(&at.join("bank/from-bank")), [] as [PathBuf; 0]);
    let expected = bytes(&stage.after("ingest"), &["objects/ingested"]);
    assert_same("waited", &expected, &bytes(&at, &["objects/ingested"]));
}

#[test]
fn a_copy_of_which_the_record_is_lost_is_read_again() {
    let (dir, stage) = (scratch(), stage());
    let at = dir.path().join("copy");
    tree::copy(&stage.after("ingest"), &at);
    let records = files_in(&at.join(format!("objects/ingested/received={DATE}")));
    let all = records.len();
    assert!(all > 4, "acknowledgements, returns and a statement");
    for record in records.iter().step_by(2) {
        fs::remove_file(record).expect("lost");
    }
    let tally = block(ingest::run(&desk(&at), stage.date)).expect("ingest");
    let lost = |line: &&String| line.contains("was lost: our copy was read again");
    assert_eq!(tally.proofs.iter().filter(lost).count(), all.div_ceil(2));
    let expected = bytes(&stage.after("ingest"), &["objects"]);
    assert_same("read again", &expected, &bytes(&at, &["objects"]));
    let tally = block(ingest::run(&desk(&at), stage.date)).expect("ingest");
    assert_eq!(tally.proofs.iter().filter(lost).count(), 0);
}
