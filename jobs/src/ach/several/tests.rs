//! The commands on files of a folder, as people run them.

use super::super::answers::{AnswerKind, Answers};
use super::super::make;
use super::*;
use formats::nacha::generate::Plan;
use formats::nacha::ops::Numbering;
use jiff::civil::{date, time};
use settlement::codes::sec::SecCode;

const NEW: Creation = Creation {
    date: date(2026, 11, 25),
    time: time(6, 0, 0, 0),
    modifier: b'A',
};

fn invent(folder: &Path, name: &str, sec: SecCode, seed: u64) -> PathBuf {
    let path = folder.join(name);
    let plan = Plan {
        seed,
        ..Plan::of(sec, 10)
    };
    make::invent(&plan, None, Some(&path)).unwrap();
    path
}

#[test]
fn files_are_merged_split_and_compared_and_nothing_half_made_is_left() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    let one = invent(folder, "one.ach", SecCode::Ppd, 1);
    let two = invent(folder, "two.ach", SecCode::Ccd, 2);
    let bad = folder.join("bad.ach");
    std::fs::write(&bad, "not a file\n").unwrap();
    let files = [one.clone(), bad, two, folder.join("absent.ach")];
    let merged = merge(&files, NEW, Caps::default(), folder, Shown::Nothing).unwrap();
    assert_eq!((merged.files.len(), merged.files[0].entries), (1, 20));
    assert_eq!(merged.aside.len(), 2);
    assert_eq!(merged.status(), Some(Status::Findings));
    let parts = split(
        &folder.join("merged-01.ach"),
        By::Sec,
        folder,
        Shown::Nothing,
    )
    .unwrap();
    assert_eq!(parts.files.len(), 2);
    let compared = diff(&one, &folder.join("PPD.ach"), 10, Shown::Nothing).unwrap();
    assert_eq!((compared.entries_same, compared.entries_changed), (10, 0));
    let left: Vec<_> = std::fs::read_dir(folder).unwrap().flatten().collect();
    assert_eq!(left.len(), 6, "one, two, bad, merged, PPD, CCD");
}

#[test]
fn a_trace_that_is_not_there_makes_no_return_file() {
    let dir = tempfile::tempdir().unwrap();
    let file = invent(dir.path(), "one.ach", SecCode::Ppd, 1);
    let out = dir.path().join("returns.ach");
    let numbering = Numbering {
        first_sequence: 1,
        settlement_day: 329,
    };
    let answer = |text: &str| {
        let mut answers = Answers::default();
        answers.add(AnswerKind::Return, text)?;
        answers.write(&file, NEW, numbering, Some(&out))
    };
    let missing = answer("076401250009999:R01").unwrap_err();
    assert_eq!(missing.status, Status::Findings);
    assert!(!out.exists());
    assert_eq!(answer("076401250000002:R01").unwrap().entries, 1);
    assert!(out.exists());
    assert_eq!(
        answer("076401250000002:R99").unwrap_err().status,
        Status::Usage
    );
    let mut changes = Answers::default();
    let none = changes
        .add(AnswerKind::Change, "076401250000002:C01")
        .unwrap_err();
    assert!(none.remedy.contains("what is right"));
}

#[test]
fn a_folder_that_is_not_there_is_made_for_the_files_that_go_into_it() {
    let dir = tempfile::tempdir().unwrap();
    let one = invent(dir.path(), "one.ach", SecCode::Ppd, 1);
    let (parts, merged) = (dir.path().join("new/parts"), dir.path().join("merged"));
    split(&one, By::Direction, &parts, Shown::Nothing).unwrap();
    assert!(parts.join("credits.ach").exists() || parts.join("debits.ach").exists());
    let files = [one];
    merge(&files, NEW, Caps::default(), &merged, Shown::Nothing).unwrap();
    assert!(merged.join("merged-01.ach").exists());
    let in_the_way = dir.path().join("one.ach/parts");
    let failure = split(&files[0], By::Sec, &in_the_way, Shown::Nothing).unwrap_err();
    assert_eq!(failure.status, Status::CouldNot);
    assert!(!failure.remedy.is_empty(), "{failure}");
}
