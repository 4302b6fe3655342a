//! Files of the world, where somebody has put them beside the project: nothing panics, each one
//! gives a result or findings with a place, and JSON loses no byte.
//!
//! What the library makes of each file is tested there; here the commands are.

use crate::child::{self, run};
use crate::days::world::{block, desk};
use crate::house::source::root;
use crate::tree::{self, bytes, scratch};
use jiff::civil::date;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

/// Files given to one process: starting one for each would be most of the time.
const AT_ONCE: usize = 60;

/// The corpus beside the project, where somebody has put one: every file of it.
fn corpus() -> Vec<PathBuf> {
    let mut files = Vec::new();
    tree::walk(&root().join("../shared/corpus"), &mut |path, is_dir| {
        if !is_dir {
            files.push(path.to_path_buf());
        }
    });
    files
}

fn names(files: &[PathBuf]) -> Vec<String> {
    files
        .iter()
        .map(|path| path.display().to_string())
        .collect()
}

/// Runs `command` over the corpus; every file must be answered for.
fn over_all(command: &[&str], answered: impl Fn(&str, &child::Answer)) {
    let dir = scratch();
    for files in corpus().chunks(AT_ONCE) {
        let names = names(files);
        let args: Vec<&str> = command
            .iter()
            .copied()
            .chain(names.iter().map(String::as_str))
            .collect();
        let answer = run(dir.path(), &args);
        assert!(
            [0, 1].contains(&answer.status),
            "{command:?}: {}",
            answer.err
        );
        assert!(
            !answer.err.contains("panicked"),
            "{command:?}: {}",
            answer.err
        );
        for name in &names {
            answered(name, &answer);
        }
    }
}

#[test]
fn ach_validate_answers_for_every_file_with_places() {
    over_all(&["ach", "validate", "--json"], |name, answer| {
        let document: serde_json::Value = serde_json::from_slice(&answer.out).expect("JSON");
        let files = document["files"].as_array().expect("files");
        let file = files.iter().find(|file| file["path"] == name).expect(name);
        let findings = file["findings"].as_array().expect("findings");
        let bad = findings.iter().any(|f| f["severity"] == "error");
        assert_eq!(file["ok"], !bad, "{name}");
        for finding in findings {
            assert!(
                finding["line"].is_u64() && finding["column"].is_u64(),
                "{name}"
            );
            assert!(
                !finding["message"].as_str().unwrap_or_default().is_empty(),
                "{name}"
            );
        }
    });
}

#[test]
fn ach_and_statement_describe_answer_for_every_file() {
    over_all(&["ach", "describe", "--mask"], |_, answer| {
        assert!(!answer.out.is_empty());
    });
    over_all(&["statement", "describe"], |name, answer| {
        let said = answer.err.contains(name) || !answer.out.is_empty();
        assert!(said, "{name}: nothing was said");
    });
    over_all(&["statement", "json"], |_, answer| {
        serde_json::from_slice::<serde_json::Value>(&answer.out).expect("one document");
    });
}

#[test]
fn json_and_back_gives_every_byte_of_every_file() {
    for path in corpus() {
        let body = fs::read(&path).expect("readable");
        let mut json = Vec::new();
        formats::nacha::json::write_json(&body[..], &mut json).expect("written");
        let mut back = Vec::new();
        let read = formats::nacha::json::read_json(&json[..], &mut back);
        assert!(read.is_ok(), "{}: {}", path.display(), read.unwrap_err());
        assert!(back == body, "{}: JSON and back differs", path.display());
    }
}

#[test]
fn ingest_takes_or_quarantines_every_file_and_the_day_goes_on() {
    let files = corpus();
    if files.is_empty() {
        return;
    }
    let (dir, day) = (scratch(), date(2026, 11, 27));
    let drop_box = dir.path().join("bank/from-bank");
    fs::create_dir_all(&drop_box).expect("made");
    for (number, path) in files.iter().enumerate() {
        let name = path.file_name().expect("name").to_string_lossy();
        // Two folders of the corpus may have a file of one name.
        fs::copy(path, drop_box.join(format!("{number:04}-{name}"))).expect("copied");
    }
    let desk = desk(dir.path());
    block(jobs::day::run(&desk, day)).expect("a day with the world's files");
    drop(desk);
    let records = bytes(dir.path(), &["objects/ingested"]);
    assert_eq!(records.len(), files.len());
    let mut outcomes: BTreeMap<String, usize> = BTreeMap::new();
    for (name, text) in &records {
        let record: jobs::records::ingested::Ingested = serde_json::from_slice(text).expect(name);
        let outcome = match record.outcome {
            jobs::records::ingested::Outcome::Taken => "taken",
            jobs::records::ingested::Outcome::Duplicate { .. } => "duplicate",
            jobs::records::ingested::Outcome::Quarantined => {
                assert!(!record.findings.is_empty(), "{name} has no reason");
                "quarantined"
            }
        };
        *outcomes.entry(outcome.to_owned()).or_default() += 1;
    }
    assert!(outcomes.contains_key("taken"), "{outcomes:?}");
}
