//! Files of the bank that are torn, wrong or in another shape: quarantined by name, and the day
//! goes on.

use super::{DATE, NEXT, installation, waiting};
use crate::child::run;
use crate::days::stage::stage;
use crate::tree::{assert_same, bytes};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// The one object of `folder` that is called after the bank's `name`; a hash follows it.
fn named(folder: &Path, name: &str) -> PathBuf {
    let entries = fs::read_dir(folder)
        .expect("a folder")
        .flatten()
        .map(|entry| entry.path());
    let called = |path: &PathBuf| {
        let file = path.file_name().expect("name").to_string_lossy();
        file.starts_with(&format!("{name}."))
    };
    entries
        .into_iter()
        .find(called)
        .unwrap_or_else(|| panic!("{name} is not there"))
}

fn ingested(at: &Path, name: &str) -> Value {
    let path = named(&at.join(format!("objects/ingested/received={DATE}")), name);
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{name}: {e}"));
    serde_json::from_str(&text).expect("a record")
}

/// Returns with one digit of the file control's amounts changed.
fn wrong_totals(good: &[u8]) -> Vec<u8> {
    let mut body = good.to_vec();
    let at = good
        .windows(5)
        .rposition(|w| w == b"\n9000")
        .expect("control");
    let digit = &mut body[at + 1 + 42];
    *digit = if *digit == b'9' { b'1' } else { b'9' };
    body
}

#[test]
fn files_that_cannot_be_believed_are_quarantined_and_the_day_goes_on() {
    let (_dir, at) = installation(&stage().before("ingest"));
    let returns = fs::read(waiting(&at, "returns-A.ach")).expect("returns");
    let statement = fs::read(waiting(&at, ".bai")).expect("a statement");
    let text = String::from_utf8(returns.clone()).expect("ASCII");
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let large = [&statement[..], &b"88,/\n".repeat(1_800_000)].concat();
    let cases: [(&str, Vec<u8>); 8] = [
        ("x-large.bai", large),
        ("x-torn.ach", returns[..returns.len() * 2 / 5].to_vec()),
        ("x-torn.bai", statement[..statement.len() * 2 / 3].to_vec()),
        ("x-totals.ach", wrong_totals(&returns)),
        ("x-utf16.ach", utf16),
        ("x-empty.ach", Vec::new()),
        ("x-letter.txt", b"Dear customer,".to_vec()),
        ("x-zeros.bai", vec![0; 10_000]),
    ];
    for (name, body) in &cases {
        fs::write(at.join("bank/from-bank").join(name), body).expect("put out");
    }
    let answer = run(&at, &["ingest", "--date", DATE]);
    answer.expect(1, &["quarantined files 8"]);
    let again = run(&at, &["ingest", "--date", DATE, "--json"]);
    for (name, _) in &cases {
        let said = format!("{name}: quarantined, CONTROL_TOTAL: ");
        answer.expect(1, &[&said]);
        again.expect(1, &[&said]);
    }
    answer.expect(1, &["; line ", "[error ", "is read up to 8000000"]);
    for (name, body) in &cases {
        let record = ingested(&at, name);
        assert_eq!(record["outcome"], "quarantined", "{name}");
        let findings = record["findings"].as_array().expect("findings");
        assert!(!findings.is_empty(), "{name} has no reason");
        let copy = named(&at.join(format!("objects/inbound/received={DATE}")), name);
        assert!(&fs::read(copy).expect("a copy") == body, "{name}");
        assert!(!at.join("bank/from-bank").join(name).exists(), "{name}");
    }
    run(&at, &["day", "--date", DATE]).expect(1, &["archive"]);
    let path = at.join(format!("objects/reconciled/{DATE}.json"));
    let breaks = fs::read_to_string(path).expect("reconciled");
    for (name, _) in &cases {
        assert!(
            breaks.contains(name),
            "{name} is in quarantine and no break says so"
        );
    }
}

#[test]
fn line_ends_make_no_difference() {
    let stage = stage();
    let name = waiting(&stage.before("ingest"), "returns-A.ach");
    let name = name
        .file_name()
        .expect("name")
        .to_string_lossy()
        .into_owned();
    let expected = ingested(&stage.after("ingest"), &name);
    assert_eq!(expected["outcome"], "taken");
    for end in ["\r\n", ""] {
        let (_dir, at) = installation(&stage.before("ingest"));
        let path = at.join("bank/from-bank").join(&name);
        let text = fs::read_to_string(&path).expect("ASCII");
        fs::write(&path, text.replace('\n', end)).expect("changed");
        run(&at, &["ingest", "--date", DATE]).expect(0, &[]);
        let record = ingested(&at, &name);
        for what in ["outcome", "kind", "records", "quarantined"] {
            assert_eq!(record[what], expected[what], "{what} with {end:?}");
        }
        let rows = |value: &Value| value["parts"][0]["rows"].clone();
        assert_eq!(rows(&record), rows(&expected), "{end:?}");
    }
}

#[test]
fn one_bad_entry_is_quarantined_alone() {
    let stage = stage();
    let (_dir, at) = installation(&stage.before("ingest"));
    let path = waiting(&at, "returns-A.ach");
    let name = path
        .file_name()
        .expect("name")
        .to_string_lossy()
        .into_owned();
    let good = ingested(&stage.after("ingest"), &name);
    let text = fs::read_to_string(&path).expect("ASCII");
    // A letter in the original trace number of the first addenda: totals do not see it.
    let addenda = text.find("\n799R").expect("a return") + 1;
    let mut changed = text.into_bytes();
    changed[addenda + 15] = b'X';
    fs::write(&path, changed).expect("changed");
    run(&at, &["ingest", "--date", DATE]).expect(1, &["quarantined"]);
    let record = ingested(&at, &name);
    assert_eq!(record["outcome"], "taken", "{record:#}");
    assert_eq!(record["records"], good["records"]);
    assert_eq!(record["quarantined"]["records"], 1, "{record:#}");
    let finding = record["findings"][0]
        .as_str()
        .expect("a finding")
        .to_owned();
    assert!(finding.contains("line "), "{finding}");
}

#[test]
fn a_file_for_closed_books_is_told_the_next_day() {
    let (dir, at) = installation(&stage().after("archive"));
    let file = dir.path().join("late.bai");
    fs::write(&file, "01,\n").expect("written");
    let file = file.display().to_string();
    let before = bytes(&at, &["objects"]);
    let answer = run(&at, &["ingest", "--date", DATE, &file]);
    answer.expect(2, &["closed", &format!("--date {NEXT}")]);
    assert_same("nothing was written", &before, &bytes(&at, &["objects"]));
    run(&at, &["ingest", "--date", NEXT, &file]).expect(1, &["quarantined files 1"]);
}

#[test]
fn of_local_files_none_is_taken_where_one_cannot_be_read() {
    let (dir, at) = installation(&stage().before("ingest"));
    let file = dir.path().join("good.bai");
    fs::copy(waiting(&at, ".bai"), &file).expect("copied");
    let before = bytes(&at, &["objects"]);
    let file = file.display().to_string();
    let answer = run(&at, &["ingest", "--date", DATE, &file, "gone.bai"]);
    answer.expect(2, &["gone.bai"]);
    assert_same("nothing was written", &before, &bytes(&at, &["objects"]));
}

#[test]
fn another_content_under_a_name_that_was_taken_is_kept_beside_it() {
    let (dir, at) = installation(&stage().before("ingest"));
    let file = dir.path().join("letter.txt");
    let path = file.display().to_string();
    for (content, count) in [("one", "files 1;"), ("two", "files 2;")] {
        fs::write(&file, content).expect("written");
        run(&at, &["ingest", "--date", DATE, &path]).expect(1, &[count]);
    }
}
