//! Questions over the tables: what they answer, as known when, and from which parts alone.

use crate::child::run;
use crate::days::stage::{closed, stage};
use crate::house::source::file;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// The staged day, and the banking day after it.
const DATE: &str = "2026-11-27";
const NEXT: &str = "2026-11-30";

/// The named questions.
fn names(at: &Path) -> Vec<String> {
    let list = run(at, &["query", "--list", "--json"]);
    list.expect(0, &[]);
    let list: Value = serde_json::from_str(&list.text()).expect("a document");
    let all = list["queries"].as_array().expect("questions");
    let name = |one: &Value| one["name"].as_str().expect("a name").to_owned();
    all.iter().map(name).collect()
}

/// A question as of a day, with everything that some of them need.
fn ask(at: &Path, name: &str, as_of: &str) -> Value {
    let mut args = vec!["query", name, "--as-of", as_of, "--json"];
    match name {
        "annual_totals" => args.extend(["--from", "2026-11-01"]),
        "originator_statement" => args.extend(["--param", "originator=billing"]),
        "payment_history" => args.extend(["--param", "payment=0CNGE8NHR5R80"]),
        _ => {}
    }
    let answer = run(at, &args);
    answer.expect(0, &["tieout/query/1"]);
    serde_json::from_str(&answer.text()).expect("a document")
}

/// Every answer as of a day, as text.
pub fn answers(at: &Path, as_of: &str) -> Vec<String> {
    let names = names(at);
    let all = names.iter().map(|name| ask(at, name, as_of).to_string());
    all.collect()
}

fn figures(answer: &Value, column: &str) -> Vec<i64> {
    let columns = answer["columns"].as_array().expect("columns");
    let at = columns.iter().position(|name| name == column);
    let at = at.unwrap_or_else(|| panic!("{column} in {columns:?}"));
    let rows = answer["rows"].as_array().expect("rows");
    let figure = |row: &Value| row[at].as_i64().expect("a number");
    rows.iter().map(figure).collect()
}

/// A part of a table on disk.
fn a_part(at: &Path, table: &str) -> PathBuf {
    let mut found = Vec::new();
    crate::tree::walk(&at.join("objects").join(table), &mut |path, is_folder| {
        if !is_folder && path.extension().is_some_and(|ending| ending == "parquet") {
            found.push(path.to_path_buf());
        }
    });
    found.sort();
    found.pop().expect("a part")
}

#[test]
fn the_questions_of_a_closed_day_are_answered_and_agree_with_each_other() {
    let (_dir, at) = closed();
    for name in names(&at) {
        let answer = ask(&at, &name, DATE);
        assert_eq!(answer["as_of"], DATE, "{name}");
    }
    let balances = ask(&at, "trial_balance", DATE);
    assert_eq!(figures(&balances, "balance_cents").iter().sum::<i64>(), 0);
    let guard = ask(&at, "parts_guard", DATE);
    let ok = figures(&guard, "ok");
    assert!(ok.len() > 8 && ok.iter().all(|ok| *ok == 1), "{guard}");
    let complete = ask(&at, "completeness", DATE);
    assert!(figures(&complete, "claimed").iter().sum::<i64>() > 0);
    for column in ["without_entry", "settled_without_line"] {
        assert!(figures(&complete, column).iter().all(|count| *count == 0));
    }
    let cash = ask(&at, "bank_vs_books", DATE);
    assert_eq!(figures(&cash, "bank_closing_cents").len(), 1, "{cash}");
    let controls = ask(&at, "daily_controls", DATE);
    assert!(figures(&controls, "recomputed").iter().all(|ok| *ok == 1));
    let people = run(&at, &["query", "trial_balance"]);
    people.expect(0, &["1010", "as known at the close of 2026-11-27"]);
    let sheet = run(&at, &["query", "trial_balance", "--csv"]);
    let lines = sheet
        .expect(0, &["as known at the close of 2026-11-27"])
        .text();
    let rows = balances["rows"].as_array().expect("rows").len();
    assert_eq!(lines.lines().count(), rows + 1, "{lines}");
    assert!(lines.starts_with("account,debit_cents,credit_cents,balance_cents\n"));
}

#[test]
fn a_past_close_answers_as_it_did_to_the_byte() {
    let (_dir, at) = closed();
    let before = answers(&at, DATE);
    let day = ["day", "--date", NEXT];
    assert!(run(&at, &day).status <= 1);
    assert_ne!(answers(&at, NEXT), before);
    assert_eq!(answers(&at, DATE), before);
    // A day without books is the last close before it.
    assert_eq!(answers(&at, "2026-11-29"), before);
    run(&at, &["query", "trial_balance", "--as-of", "2020-01-01"])
        .expect(2, &["no date up to 2020-01-01 is reconciled yet"]);
}

#[test]
fn a_part_that_no_record_names_counts_nowhere() {
    let (_dir, at) = closed();
    let before = answers(&at, DATE);
    for table in ["journal", "ach_entries", "payment_events", "balances"] {
        let part = a_part(&at, table);
        fs::copy(&part, part.with_file_name("stray-0123456789abcdef.parquet")).expect("copied");
    }
    assert_eq!(answers(&at, DATE), before);
}

#[test]
fn a_part_that_was_changed_is_refused_and_one_that_is_gone_is_named() {
    let (_dir, at) = closed();
    let part = a_part(&at, "balances");
    let bytes = fs::read(&part).expect("read");
    let mut turned = bytes.clone();
    turned[bytes.len() / 2] ^= 1;
    fs::write(&part, &turned).expect("written");
    let asked = ["query", "trial_balance"];
    run(&at, &asked).expect(1, &["balances/", "it is not the part that was written"]);
    fs::remove_file(&part).expect("removed");
    run(&at, &asked).expect(1, &["balances/", "gone, and a record names it"]);
    fs::write(&part, &bytes).expect("written");
    run(&at, &asked).expect(0, &[]);
}

/// The records of the staged day that name parts of tables, and its manifest.
fn records(at: &Path) -> Vec<PathBuf> {
    let objects = at.join("objects");
    let mut found = Vec::new();
    for folder in [
        "cuts",
        "ingested",
        "allocated",
        "posted",
        "reconciled",
        "saved",
    ] {
        crate::tree::walk(&objects.join(folder), &mut |path, is_folder| {
            if !is_folder && (folder == "cuts" || path.to_string_lossy().contains(DATE)) {
                found.push(path.to_path_buf());
            }
        });
    }
    let manifest = objects.join(format!("archive/date={DATE}/manifest.json"));
    found.extend(manifest.exists().then_some(manifest));
    found
}

#[test]
fn a_record_that_is_gone_is_named_by_every_question_whether_or_not_the_day_is_sealed() {
    let (_dir, sealed) = closed();
    let open = crate::tree::scratch();
    let unsealed = open.path().join("copy");
    crate::tree::copy(&stage().after("savings"), &unsealed);
    crate::child::configuration(&unsealed);
    for at in [&sealed, &unsealed] {
        let records = records(at);
        assert!(records.len() > 12, "{records:?}");
        for record in &records {
            let bytes = fs::read(record).expect("read");
            let name = record.strip_prefix(at.join("objects")).expect("a name");
            let name = name.to_string_lossy().into_owned();
            fs::remove_file(record).expect("removed");
            for question in ["trial_balance", "parts_guard"] {
                let asked = ["query", question, "--as-of", DATE];
                run(at, &asked).expect(1, &[&name, "gone"]);
            }
            fs::write(record, &bytes).expect("written");
        }
        run(at, &["query", "parts_guard", "--as-of", DATE]).expect(0, &[]);
    }
}

#[test]
fn the_table_of_parts_says_what_the_records_say_or_is_found() {
    let (_dir, at) = closed();
    run(&at, &["check"]).expect(0, &["records whose parts are in the table parts"]);
    let listed = a_part(&at, "parts");
    let bytes = fs::read(&listed).expect("read");
    let another = listed.with_file_name("posted.2026-01-02.parquet");
    fs::copy(&listed, &another).expect("copied");
    run(&at, &["check"]).expect(1, &["parts/", "it is of no record"]);
    fs::remove_file(&another).expect("removed");
    fs::remove_file(&listed).expect("removed");
    run(&at, &["check"]).expect(1, &["parts/", "run tieout tables parts"]);
    run(&at, &["tables", "parts"]).expect(0, &["have their parts listed"]);
    assert_eq!(fs::read(&listed).expect("made again"), bytes);
    run(&at, &["check"]).expect(0, &[]);
    let mut turned = bytes.clone();
    turned[bytes.len() / 2] ^= 1;
    fs::write(&listed, &turned).expect("written");
    let wrong = ["parts/", "it does not say what", "move it away"];
    run(&at, &["check"]).expect(1, &wrong);
    run(&at, &["query", "parts_guard"]).expect(1, &wrong);
    assert_ne!(run(&at, &["tables", "parts"]).status, 0);
}

#[test]
fn what_is_no_question_is_refused_and_nothing_is_written() {
    let (_dir, at) = closed();
    let before = crate::tree::bytes(&at, &["objects", "archive"]);
    for (asked, says) in [
        (
            &["SELECT COUNT(*) AS n FROM journal"][..],
            "journal has no day",
        ),
        (&["DROP TABLE journal"], "nothing here changes tables"),
        (
            &["SELECT * FROM read_csv('/etc/passwd')"],
            "other than a table",
        ),
        (&["SELECT 1; SELECT 2"], "not one question"),
        (&["no_such"], "no question has this name"),
        (&["payment_history"], "--param payment=..."),
        (&["payment_history", "--param", "payment"], "--param"),
        (
            &["payment_history", "--param", "payment=x' OR '1"],
            "payment",
        ),
        (&["trial_balance", "--param", "x=1"], "--list"),
        (&["trial_balance", "--from", "2026-11-24"], "from"),
        (&["returns_by_code", "--from", "2026-12-24"], "--to"),
        (&["SELECT 1 AS one FROM {nothing}"], "{as_of}"),
        (
            &["SELECT nothing FROM breaks WHERE recon_date = DATE '{as_of}'"],
            "nothing",
        ),
        (&["trial_balance", "--as-of", "yesterday"], "--as-of"),
        (&[], "NAME|SQL"),
    ] {
        let args = [&["query"][..], asked].concat();
        let answer = run(&at, &args);
        answer.expect(2, &[says]);
    }
    let hostile = "SELECT key AS \"\u{1b}[31m\", 1 AS one FROM balances \
                   WHERE ledger_date = DATE '{as_of}'";
    let shown = run(&at, &["query", hostile]);
    assert!(!shown.expect(0, &[]).text().contains('\u{1b}'));
    crate::tree::assert_same(
        "asking",
        &before,
        &crate::tree::bytes(&at, &["objects", "archive"]),
    );
}

#[test]
fn docs_finance_md_says_what_the_questions_say() {
    let (_dir, at) = closed();
    let text = file("docs/finance.md").expect("the page");
    let list = run(&at, &["query", "--list", "--json"]).text();
    let list: Value = serde_json::from_str(&list).expect("a document");
    for one in list["queries"].as_array().expect("questions") {
        let name = one["name"].as_str().expect("a name");
        let section = text
            .split("\n## ")
            .find(|part| part.starts_with(&format!("{name}\n")));
        let section = section.unwrap_or_else(|| panic!("docs/finance.md: no section {name}"));
        for said in [&one["question"], &one["definition"]] {
            let said = said.as_str().expect("text");
            assert!(section.contains(said), "docs/finance.md, {name}: {said}");
        }
        for takes in one["takes"].as_array().expect("parameters") {
            let takes = takes["parameter"].as_str().expect("a name");
            assert!(section.contains(&format!("`{takes}`")), "{name}: {takes}");
        }
        let answer = ask(&at, name, DATE);
        let columns = answer["columns"].as_array().expect("columns").iter();
        let columns: Vec<String> = columns
            .map(|column| format!("`{}`", column.as_str().expect("a name")))
            .collect();
        let columns = format!("Columns: {}.", columns.join(", "));
        assert!(
            section.contains(&columns),
            "docs/finance.md, {name}: {columns}"
        );
    }
}

#[test]
fn engines_are_told_of_every_table() {
    let (_dir, at) = closed();
    run(&at, &["tables", "list"]).expect(0, &["journal", "parts", "2026-11-27"]);
    run(&at, &["tables", "ddl", "--engine", "duckdb"]).expect(
        0,
        &[
            "CREATE OR REPLACE VIEW journal AS",
            "objects/journal/*/*.parquet",
        ],
    );
    run(&at, &["tables", "ddl", "--location", "s3://bucket/x"]).expect(
        0,
        &[
            "CREATE EXTERNAL TABLE IF NOT EXISTS raw_journal",
            "'2026-11-",
        ],
    );
    run(&at, &["tables", "ddl"]).expect(2, &["--location"]);
}
