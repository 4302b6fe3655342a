//! A record or a file that is changed or lost between two jobs: what can be made again is, to the
//! same bytes; what cannot is named, with what to do, and nothing is built on it.

use crate::child::{self, configuration};
use crate::days::stage::{Stage, stage};
use crate::days::world::{self, block, desk};
use crate::tree::{self, assert_same, bytes, scratch};
use desk::failure::Failure;
use settlement::calendar::next_banking_day;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A copy of the stage after a job.
struct Copy {
    _folder: TempDir,
    dir: PathBuf,
}

fn after(stage: &Stage, job: &str) -> Copy {
    let folder = scratch();
    let dir = folder.path().join("copy");
    tree::copy(&stage.after(job), &dir);
    let _folder = folder;
    Copy { _folder, dir }
}

/// The files below `part` of an installation whose names end so, in order.
fn files(dir: &Path, part: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    tree::walk(&dir.join(part), &mut |path, is_dir| {
        if !is_dir && path.display().to_string().ends_with(ending) {
            found.push(path.to_path_buf());
        }
    });
    found
}

fn run(dir: &Path, stage: &Stage, job: &str) -> Result<(), Failure> {
    block(world::job(&desk(dir), stage.date, job))
}

fn refused(dir: &Path, stage: &Stage, job: &str, name: &str) -> Failure {
    let failure = run(dir, stage, job).expect_err("refused");
    assert!(failure.message.contains(name), "{job}: {failure}");
    assert!(!failure.remedy.is_empty(), "{job}: {failure}");
    failure
}

#[test]
fn a_file_that_was_changed_after_it_was_cut_does_not_go_to_the_bank() {
    let stage = stage();
    let lines = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
    let changes: [fn(String) -> String; 4] = [
        |text| text.replacen("0000", "0001", 1), // still one of its kind
        |text| format!("{text}{text}"),
        |_| "hello, bank".to_owned(),
        |_| String::new(),
    ];
    for change in changes {
        let copy = after(&stage, "cut");
        let file = files(&copy.dir, "objects/outbound", ".ach")
            .pop()
            .expect("a file");
        let body = fs::read(&file).expect("readable");
        fs::write(&file, change(lines(&body))).expect("written");
        let name = file.strip_prefix(copy.dir.join("objects")).expect("below");
        refused(&copy.dir, &stage, "deliver", &name.display().to_string());
        let at_bank = files(&copy.dir, "bank/to-bank", ".ach");
        assert!(
            at_bank
                .iter()
                .all(|sent| fs::read(sent).expect("readable").starts_with(b"101"))
        );
        fs::remove_file(&file).expect("moved away");
        refused(&copy.dir, &stage, "deliver", &name.display().to_string());
        run(&copy.dir, &stage, "cut").expect("rendered again");
        run(&copy.dir, &stage, "deliver").expect("sent");
        let (here, there) = (
            bytes(&copy.dir, &["bank"]),
            bytes(&stage.after("deliver"), &["bank"]),
        );
        assert_same("sent after all", &there, &here);
    }
}

#[test]
fn a_lost_newest_cut_is_frozen_again_as_it_was() {
    let stage = stage();
    for job in ["cut", "deliver", "ingest"] {
        let copy = after(&stage, job);
        let newest = files(&copy.dir, "objects/cuts", ".json")
            .pop()
            .expect("a cut");
        fs::remove_file(&newest).expect("lost");
        run(&copy.dir, &stage, "cut").expect("frozen again");
        let objects = &["objects"];
        assert_same(
            job,
            &bytes(&stage.after(job), objects),
            &bytes(&copy.dir, objects),
        );
    }
}

#[test]
fn a_cut_that_is_lost_after_its_books_closed_is_named_and_leads_in_no_circle() {
    let stage = stage();
    let copy = after(&stage, "archive");
    let newest = files(&copy.dir, "objects/cuts", ".json")
        .pop()
        .expect("a cut");
    let name = newest
        .strip_prefix(copy.dir.join("objects"))
        .expect("below");
    let (name, kept) = (
        name.display().to_string(),
        fs::read(&newest).expect("readable"),
    );
    fs::remove_file(&newest).expect("lost");
    refused(&copy.dir, &stage, "cut", &name);
    let next = next_banking_day(stage.date);
    let failure = block(world::job(&desk(&copy.dir), next, "cut")).expect_err("refused");
    assert!(failure.message.contains(&name), "{failure}");
    assert!(failure.remedy.contains("restore"), "{failure}");
    fs::write(&newest, kept).expect("put back");
    block(world::job(&desk(&copy.dir), next, "cut")).expect("goes on");
}

#[test]
fn a_lost_head_of_the_sealed_days_is_written_again_as_it_was() {
    let stage = stage();
    let copy = after(&stage, "archive");
    let head = copy.dir.join("objects/archive/head.json");
    let kept = fs::read(&head).expect("a head");
    fs::remove_file(&head).expect("lost");
    let failure = block(world::job(&desk(&copy.dir), stage.date, "archive"));
    failure.expect("written again");
    assert_eq!(fs::read(&head).expect("a head"), kept);
    // A day may not begin a chain of its own beside the one that is there.
    fs::remove_file(&head).expect("lost");
    let date = settlement::calendar::previous_banking_day(stage.date);
    let failure = block(world::job(&desk(&copy.dir), date, "archive")).expect_err("refused");
    assert!(failure.message.contains("archive/head.json"), "{failure}");
    assert!(
        failure.remedy.contains(&stage.date.to_string()),
        "{failure}"
    );
}

#[test]
fn a_posting_that_is_lost_is_made_again_and_takes_no_file_of_a_later_day() {
    let stage = stage();
    let copy = after(&stage, "archive");
    let posted = copy.dir.join(format!("objects/posted/{}.json", stage.date));
    let kept = fs::read(&posted).expect("a posting");
    fs::remove_file(&posted).expect("lost");
    let later = copy.dir.join("bank/from-bank/tomorrow.txt");
    fs::write(&later, "tomorrow's").expect("written");
    block(jobs::day::run(&desk(&copy.dir), stage.date)).expect("made again");
    assert_eq!(fs::read(&posted).expect("a posting"), kept);
    assert!(later.exists(), "tomorrow's file is for tomorrow");
}

#[test]
fn nothing_is_proved_over_a_store_that_was_emptied() {
    let copy = after(&stage(), "deliver");
    configuration(&copy.dir);
    fs::remove_file(copy.dir.join("store/0.jnl")).expect("every payment is in it");
    for job in ["day", "ingest", "reconcile"] {
        let said = child::run(&copy.dir, &[job, "--date", "2026-11-27"]);
        said.expect(1, &["no payment at all", "from one moment"]);
    }
}

#[test]
fn a_store_or_an_archive_of_another_moment_lets_nothing_be_cut_again() {
    let stage = stage();
    let next = next_banking_day(stage.date);
    let earlier = after(&stage, "archive");
    fs::remove_dir_all(earlier.dir.join("store")).expect("removed");
    tree::copy(
        &stage.before("cut").join("store"),
        &earlier.dir.join("store"),
    );
    let failure = block(world::job(&desk(&earlier.dir), next, "cut")).expect_err("refused");
    assert!(failure.message.contains("earlier moment"), "{failure}");
    let later = Copy {
        _folder: scratch(),
        dir: earlier.dir.join("later"),
    };
    tree::copy(&stage.before("cut"), &later.dir);
    fs::remove_dir_all(later.dir.join("archive")).expect("removed");
    tree::copy(
        &stage.after("archive").join("archive"),
        &later.dir.join("archive"),
    );
    let failure = refused(&later.dir, &stage, "cut", "tieout-");
    assert!(failure.message.contains("earlier moment"), "{failure}");
}

#[test]
fn a_delivery_does_not_leave_out_a_window_whose_cut_is_lost() {
    let stage = stage();
    let copy = after(&stage, "cut");
    let cuts = files(&copy.dir, "objects/cuts", ".json");
    for lost in cuts.iter().rev().take(2) {
        fs::remove_file(lost).expect("lost");
    }
    refused(&copy.dir, &stage, "deliver", "its frozen cut is gone");
    run(&copy.dir, &stage, "cut").expect("frozen again");
    run(&copy.dir, &stage, "deliver").expect("sent");
    let objects = &["objects"];
    let (there, here) = (
        bytes(&stage.after("deliver"), objects),
        bytes(&copy.dir, objects),
    );
    assert_same("as it was", &there, &here);
}

#[test]
fn an_installation_whose_record_is_lost_gets_no_other_identity() {
    let stage = stage();
    let copy = after(&stage, "archive");
    let record = copy.dir.join("objects/installation.json");
    let kept = fs::read(&record).expect("a record");
    fs::remove_file(&record).expect("lost");
    let desk = desk(&copy.dir);
    for failure in [
        block(desk::installation::current(&desk)).expect_err("lost"),
        block(jobs::upgrade::run(&desk, jobs::upgrade::How::default()))
            .map(drop)
            .expect_err("lost"),
    ] {
        assert!(failure.message.contains("installation.json"), "{failure}");
        assert!(failure.remedy.contains("restore"), "{failure}");
    }
    assert!(!record.exists(), "nothing was written");
    fs::write(&record, kept).expect("put back");
    block(desk::installation::current(&desk)).expect("whole again");
}

#[test]
fn a_store_that_was_put_back_alone_is_known_however_many_quiet_days_lie_between() {
    let stage = stage();
    let copy = after(&stage, "archive");
    let mut date = stage.date;
    for _ in 0..2 {
        date = next_banking_day(date);
        block(jobs::day::run(&desk(&copy.dir), date)).expect("a quiet day");
    }
    let next = next_banking_day(date);
    let store = copy.dir.join("store");
    fs::remove_dir_all(&store).expect("removed");
    tree::copy(&stage.before("cut").join("store"), &store);
    let all = &["objects", "bank"];
    let before = bytes(&copy.dir, all);
    let failure = block(world::job(&desk(&copy.dir), next, "cut")).expect_err("refused");
    assert!(failure.message.contains("earlier moment"), "{failure}");
    // Nothing of its own either: an empty one that says it is the same.
    let mark = fs::read(store.join("installation.json")).expect("a mark");
    fs::remove_dir_all(&store).expect("removed");
    drop(desk(&copy.dir));
    fs::write(store.join("installation.json"), mark).expect("marked");
    let failure = block(world::job(&desk(&copy.dir), next, "cut")).expect_err("refused");
    assert!(failure.message.contains("earlier moment"), "{failure}");
    assert_same("nothing was cut", &before, &bytes(&copy.dir, all));
}

#[test]
fn what_an_older_cut_sent_is_not_sent_again_though_the_newest_is_known() {
    let stage = stage();
    let copy = after(&stage, "archive");
    let first = jiff::civil::date(2026, 11, 24);
    let cuts = block(jobs::parts::frozen_on(&desk(&copy.dir), first)).expect("cuts");
    let there = desk(&copy.dir);
    let back = block(jobs::sent_before::Back::before(&there, stage.date)).expect("a chain");
    let mut before = jobs::sent_before::SentBefore::over(back);
    for cut in cuts {
        let rows = block(jobs::parts::Entries::of(&there, &cut)).expect("entries");
        let rows: Vec<_> = rows.map(|row| row.expect("an entry")).collect();
        let ids = rows
            .iter()
            .map(|row| row.payment_id.parse().expect("an id"));
        let ids: Vec<settlement::ids::PaymentId> = ids.collect();
        let sent = block(before.of(&there, ids.clone())).expect("read");
        assert_eq!(sent.len(), ids.len());
        assert!(sent.values().all(|by| *by == cut.cut.0));
    }
}
