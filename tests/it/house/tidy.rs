//! The rules of CONTRIBUTING.md that a program can check, as a test.
//!
//! Lengths are not taste: a file holds one concept and a function fits on a screen, so that a
//! reader can check it without a second window. Names say what a thing is; a clock, an unordered
//! map or a path of somebody's machine would make two runs differ.

use crate::house::source::{Text, assert_none, file, files, root};
use std::fs;

/// Lines a file may have.
const FILE_LINES: usize = 500;
/// Lines a function may have, its head and closing brace included.
const FUNCTION_LINES: usize = 70;
/// Characters a line of Rust may have.
const COLUMNS: usize = 100;

/// Files that may be longer, and why.
const LONGER: &[(&str, &str)] = &[("data/prices.toml", "a table: one price a row")];

/// Words that name no concept.
const EMPTY_NAMES: &[&str] = &[
    "helper", "helpers", "util", "utils", "common", "misc", "core", "manager", "stuff",
];

fn rust() -> Vec<Text> {
    files(&["rs"])
}

fn complain(at: &Text, line: usize, what: &str) -> String {
    format!("{}:{line}: {what}", at.name)
}

#[test]
fn files_are_short() {
    let texts = files(&["rs", "toml", "py", "html"]);
    let allowed = |name: &str| LONGER.iter().any(|(longer, _)| *longer == name);
    let long = texts.iter().filter(|t| t.text.lines().count() > FILE_LINES);
    let long = long.filter(|t| !allowed(&t.name));
    let said = long.map(|t| format!("{}: {} lines", t.name, t.text.lines().count()));
    assert_none("files have at most 500 lines", &said.collect::<Vec<_>>());
}

#[test]
fn lines_are_short() {
    let mut long = Vec::new();
    for text in rust() {
        for (at, line) in text.lines() {
            let columns = line.chars().count();
            if columns > COLUMNS {
                long.push(complain(&text, at, &format!("{columns} columns")));
            }
        }
    }
    assert_none("lines of Rust have at most 100 columns", &long);
}

/// The functions of a formatted file with their first line and their length: a function ends at
/// the first brace as far in as its head.
fn functions(text: &Text) -> Vec<(usize, usize, String)> {
    let lines: Vec<&str> = text.text.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let head = line.trim_start();
        let indent = line.len() - head.len();
        let before = head.split("fn ").next().unwrap_or_default();
        let words = [
            "pub",
            "const",
            "async",
            "unsafe",
            "pub(crate)",
            "pub(super)",
        ];
        let is_head = head.contains("fn ")
            && before
                .split(' ')
                .all(|w| w.is_empty() || words.contains(&w));
        if !is_head {
            continue;
        }
        let end = format!("{}}}", " ".repeat(indent));
        let rest = lines[at..].iter();
        // One without a body, or with it on one line, ends before any brace of its own.
        let length = rest.clone().position(|l| *l == end).map_or(1, |n| n + 1);
        let bodiless = rest
            .take(length)
            .position(|l| l.trim_end().ends_with(';') && !l.contains('{'));
        let opened = lines[at..at + length]
            .iter()
            .position(|l| l.trim_end().ends_with('{'));
        if opened.is_none() || bodiless.is_some_and(|b| opened.is_some_and(|o| b < o)) {
            continue;
        }
        found.push((at + 1, length, head.to_owned()));
    }
    found
}

#[test]
fn functions_fit_on_a_screen() {
    let (mut long, mut seen) = (Vec::new(), 0);
    for text in rust() {
        for (at, length, head) in functions(&text) {
            seen += 1;
            if length > FUNCTION_LINES {
                long.push(complain(&text, at, &format!("{length} lines: {head}")));
            }
        }
    }
    assert!(
        seen > 1_000,
        "the scan found only {seen} functions: is it broken?"
    );
    assert_none("functions have at most 70 lines", &long);
}

#[test]
fn the_scan_sees_where_a_function_ends() {
    let text = Text {
        name: "x.rs".to_owned(),
        text: [
            "trait T {",
            "    fn head(&self);",
            "    pub async fn two(",
            "        &self,",
            "    ) {",
            "        a();",
            "    }",
            "}",
            "fn one() {",
            "}",
        ]
        .join("\n"),
    };
    let found: Vec<_> = functions(&text)
        .iter()
        .map(|(at, n, _)| (*at, *n))
        .collect();
    assert_eq!(found, [(3, 5), (9, 2)]);
}

#[test]
fn names_say_what_a_thing_is() {
    let mut empty = Vec::new();
    for text in files(&[]) {
        let parts = text.name.split(['/', '.', '_', '-']);
        let bad: Vec<&str> = parts.filter(|part| EMPTY_NAMES.contains(part)).collect();
        if !bad.is_empty() {
            empty.push(format!("{}: {}", text.name, bad.join(", ")));
        }
    }
    for text in rust() {
        for (at, line) in text.lines() {
            let named = line
                .trim_start()
                .trim_start_matches("pub ")
                .strip_prefix("mod ");
            let name = named.map(|rest| rest.trim_end_matches([';', '{', ' ']));
            if name.is_some_and(|name| EMPTY_NAMES.contains(&name)) {
                empty.push(complain(&text, at, line));
            }
        }
    }
    assert_none("names that say nothing", &empty);
}

/// Fails with every line of `texts` that holds one of `words`, where `allowed` does not say why.
fn nowhere(rule: &str, texts: &[Text], words: &[String], allowed: impl Fn(&Text, &str) -> bool) {
    let mut found = Vec::new();
    for text in texts {
        for (at, line) in text.lines() {
            for word in words.iter().filter(|word| line.contains(word.as_str())) {
                if !allowed(text, line) {
                    found.push(complain(text, at, word));
                }
            }
        }
    }
    assert_none(rule, &found);
}

/// What must not be written anywhere is put together here, or it would be written here.
fn words(halves: &[(&str, &str)]) -> Vec<String> {
    halves
        .iter()
        .map(|(one, other)| format!("{one}{other}"))
        .collect()
}

#[test]
fn nothing_is_left_to_do() {
    let marks = words(&[
        ("to", "do!("),
        ("unimple", "mented!("),
        ("db", "g!("),
        ("FIX", "ME"),
        ("XX", "X:"),
        ("TO", "DO"),
    ]);
    nowhere(
        "unfinished work belongs into an issue",
        &files(&["rs", "md", "toml"]),
        &marks,
        |_, _| false,
    );
}

#[test]
fn only_the_clock_asks_for_the_time() {
    let calls = words(&[
        ("SystemTime::", "now"),
        ("Timestamp::", "now"),
        ("Zoned::", "now"),
    ]);
    let clock = |text: &Text, _: &str| text.name == "connectors/embedded/src/clock.rs";
    nowhere("take a date or the Clock port", &rust(), &calls, clock);
}

#[test]
fn nothing_that_reaches_bytes_is_unordered() {
    let maps = words(&[("Hash", "Map"), ("Hash", "Set")]);
    let pure = [
        "settlement/",
        "formats/",
        "desk/",
        "jobs/",
        "sandbox/",
        "online/",
    ];
    let mut texts = rust();
    texts.retain(|text| pure.iter().any(|folder| text.name.starts_with(folder)));
    let excused = |_: &Text, line: &str| line.contains("// order never reaches bytes");
    nowhere(
        "use a BTreeMap, or say why order never reaches bytes",
        &texts,
        &maps,
        excused,
    );
}

#[test]
fn no_file_knows_anybodys_machine() {
    let paths = words(&[
        ("/wo", "rk/"),
        ("/ro", "ot/"),
        ("/ho", "me/"),
        ("/Us", "ers/"),
    ]);
    nowhere(
        "paths must be relative to the project",
        &files(&[]),
        &paths,
        |_, _| false,
    );
}

#[test]
fn every_module_says_what_it_is() {
    let mut silent = Vec::new();
    for text in rust() {
        let of_tests = text.name.ends_with("tests.rs") || text.name.contains("/tests/");
        if !of_tests && !text.text.starts_with("//!") {
            silent.push(text.name.clone());
        }
    }
    assert_none("a file starts with what it is for", &silent);
}

#[test]
fn every_crate_inherits_the_lints() {
    let mut own = Vec::new();
    for text in files(&["toml"]) {
        // One that is a workspace of its own cannot inherit from this one.
        let alone = text.text.contains("[workspace]");
        let member = text.name.ends_with("/Cargo.toml") && !alone;
        if member && !text.text.contains("[lints]\nworkspace = true") {
            own.push(text.name);
        }
    }
    assert_none("add [lints] workspace = true", &own);
    for strict in ["settlement/src/lib.rs", "formats/src/lib.rs"] {
        let text = file(strict).expect("a crate");
        for lint in [
            "clippy::float_arithmetic",
            "clippy::arithmetic_side_effects",
        ] {
            assert!(text.contains(lint), "{strict}: deny {lint}");
        }
    }
}

#[test]
fn decisions_are_numbered_without_a_gap() {
    let folder = root().join("docs/adr");
    let entries = fs::read_dir(&folder).expect("docs/adr");
    let mut names: Vec<String> = entries
        .map(|entry| {
            entry
                .expect("entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .filter(|name| name != "README.md")
        .collect();
    names.sort();
    let index = file("docs/adr/README.md").expect("the list of decisions");
    for (number, name) in (1..).zip(&names) {
        assert!(
            name.starts_with(&format!("{number:04}-")),
            "{name} should be {number:04}"
        );
        let text = file(&format!("docs/adr/{name}")).expect("readable");
        assert!(
            text.starts_with(&format!("# {number:04} ")),
            "{name}: its first line"
        );
        for part in [
            "Context",
            "Decision",
            "Consequences",
            "Rejected",
            "Revisit when",
        ] {
            assert!(
                text.contains(&format!("**{part}")),
                "{name}: {part} is missing"
            );
        }
        assert!(index.contains(name.as_str()), "{name} is not in the list");
    }
    assert!(!names.is_empty());
}
