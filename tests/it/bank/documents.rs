//! Every command's JSON: one document on stdout, under a name that docs/json.md has, with no
//! member that it does not describe.

use crate::child::{Answer, run};
use crate::house::source::{assert_none, file};
use crate::tree::{bytes, scratch};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The demo's day, and the one that it leaves open.
const DAY: &str = "2026-11-24";
const OPEN: &str = "2026-12-03";

/// docs/json.md, by its headings.
struct Described(Vec<(String, String)>);

impl Described {
    fn read() -> Described {
        let text = file("docs/json.md").expect("the documents' description");
        let mut sections = Vec::<(String, String)>::new();
        for line in text.lines() {
            let heading = line.strip_prefix("## ").or(line.strip_prefix("### "));
            match (heading, sections.last_mut()) {
                (Some(heading), _) => {
                    sections.push((heading.trim_matches('`').to_owned(), String::new()));
                }
                (None, Some((_, section))) => *section += &format!("{line}\n"),
                (None, None) => {}
            }
        }
        Described(sections)
    }

    fn section(&self, heading: &str) -> &str {
        let found = self.0.iter().find(|(name, _)| name == heading);
        let (_, section) = found.unwrap_or_else(|| panic!("docs/json.md: no section {heading}"));
        section
    }

    /// The words in backquotes of a section, and of those it links to.
    fn words(&self, heading: &str) -> BTreeSet<String> {
        let mut text = self.section(heading).to_owned();
        for (name, section) in &self.0 {
            let kept = |c: &char| c.is_ascii_alphanumeric() || *c == ' ' || *c == '-';
            let anchor: String = name.to_lowercase().chars().filter(kept).collect();
            if text.contains(&format!("](#{})", anchor.replace(' ', "-"))) {
                text += section;
            }
        }
        let prose = text.split("```").step_by(2).collect::<String>();
        let quoted = prose.split('`').skip(1).step_by(2);
        let apart = |c: char| !c.is_ascii_alphanumeric() && c != '_';
        quoted
            .flat_map(|words| words.split(apart))
            .map(str::to_owned)
            .collect()
    }

    /// The example of a section.
    fn example(&self, heading: &str) -> Value {
        let section = self.section(heading);
        let (_, from) = section.split_once("```json\n").expect(heading);
        let (text, _) = from.split_once("```").expect(heading);
        serde_json::from_str(text).unwrap_or_else(|e| panic!("{heading}: {e} in {text}"))
    }
}

/// The names of the members anywhere in a document. What an arm of a dialect changes is named by
/// the arm.
fn members(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                names.insert(name.clone());
                if name != "dialects" {
                    members(value, names);
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| members(value, names)),
        _ => {}
    }
}

/// The members of `document` that the section of its schema does not describe.
fn undescribed(described: &Described, document: &Value) -> Vec<String> {
    let schema = document["schema"].as_str().expect("a schema");
    let words = described.words(schema);
    let mut names = BTreeSet::new();
    members(document, &mut names);
    names.remove("schema");
    let unknown = names.into_iter().filter(|name| !words.contains(name));
    unknown.map(|name| format!("{schema}: {name}")).collect()
}

/// Files for the commands that take some.
fn files(at: &Path) {
    for args in [
        &["--entries", "10", "--out", "ppd.ach"][..],
        &["--sec", "CCD", "--seed", "2", "--out", "other.ach"],
        &["--defect", "entry.amount", "--out", "bad.ach"],
        &[
            "--kind",
            "returns",
            "--entries",
            "2",
            "--out",
            "returns.ach",
        ],
    ] {
        run(at, &[&["ach", "generate"], args].concat()).expect(0, &[]);
    }
    let json = run(at, &["ach", "json", "ppd.ach"]);
    fs::write(at.join("ppd.json"), &json.out).expect("written");
    let request = r#"{"direction": "credit", "on": "2026-11-27",
        "features": {"amount_cents": 480000, "new_things": 2, "customer_age_days": 412}}"#;
    fs::write(at.join("request.json"), request).expect("written");
    fs::write(at.join("letter.txt"), "Dear customer,\n").expect("written");
    fs::write(at.join("small.toml"), "[addresses]\ndata = 'file:small'\n").expect("written");
}

/// A statement that the demo's bank put out.
fn statement(at: &Path) {
    let all = bytes(at, &["small/objects/inbound"]);
    let (_, body) = all
        .iter()
        .find(|(name, _)| name.contains(".bai"))
        .expect("a statement");
    fs::write(at.join("statement.bai"), body).expect("written");
}

/// Each command, but for those that refuse `--json`; where `OPEN` stands, as the open date.
const CALLS: &[(&str, &[i32])] = &[
    ("demo --payments 60 --days 1 --dir small --leave-open", &[0]),
    ("init", &[0]),
    ("cut --date OPEN --dry-run", &[0]),
    ("cut --date OPEN --window sd1 --dry-run", &[0]),
    ("cut --date OPEN --window sd1", &[0]),
    ("cut --date OPEN", &[0]),
    ("cut --date OPEN --dry-run", &[0]),
    (
        "funding announce --own --amount 5.00 --on OPEN --reference OWN-5",
        &[0],
    ),
    ("funding list", &[0]),
    ("funding list --date OPEN", &[0]),
    ("funding withdraw NUMBER", &[0]),
    ("merchants add shop --originator market", &[0]),
    ("merchants approve shop --by first", &[0]),
    ("merchants suspend shop --by second --note asked", &[0]),
    ("merchants list", &[0]),
    ("merchants key shop --name web --scope tokens", &[0]),
    ("merchants keys", &[0]),
    ("merchants revoke KEPT", &[0]),
    ("vault rotate", &[0]),
    ("vault rewrap", &[0]),
    ("deliver --date OPEN", &[0]),
    ("ingest --date OPEN", &[0, 1]),
    ("ingest --date OPEN letter.txt", &[1]),
    ("allocate --date OPEN", &[0]),
    ("post --date OPEN", &[0]),
    ("reconcile --date OPEN", &[0, 1]),
    ("savings --date OPEN", &[0]),
    ("archive --date OPEN", &[0]),
    ("day --date OPEN", &[0, 1]),
    ("sandbox day --date OPEN", &[0, 1]),
    ("retrieve --date OPEN --to back", &[0]),
    ("verify back", &[0]),
    ("check", &[0]),
    ("upgrade --dry-run", &[0]),
    ("query --list", &[0]),
    ("query breaks_by_age", &[0]),
    ("query annual_totals --from 2026-11-01", &[0]),
    (
        "export-customer --originator ORIGINATOR --token TOKEN",
        &[0],
    ),
    (
        "export-customer --originator ORIGINATOR --token TOKEN --out theirs.json",
        &[0],
    ),
    ("query trial_balance --sql", &[0]),
    ("tables list", &[0]),
    ("tables ddl --engine duckdb", &[0]),
    ("tables parts", &[0]),
    ("verify --date OPEN", &[0]),
    ("ach validate ppd.ach bad.ach gone.ach", &[2]),
    ("ach describe ppd.ach bad.ach", &[1]),
    ("ach describe --mask returns.ach", &[0, 1]),
    ("ach from-json ppd.json --out again.ach", &[0]),
    ("ach rules", &[0]),
    ("ach generate --entries 10 --out made.ach", &[0]),
    ("ach mask bad.ach --out masked.ach", &[1]),
    ("ach reverse ppd.ach --date OPEN --out reversal.ach", &[0]),
    ("ach reverse reversal.ach --date OPEN --out twice.ach", &[1]),
    ("ach diff ppd.ach other.ach", &[1]),
    ("ach diff ppd.ach masked.ach", &[1]),
    (
        "ach merge ppd.ach ppd.ach again.ach --date OPEN --out merged",
        &[1],
    ),
    ("ach split ppd.ach --by sec --out parts", &[0]),
    (
        "ach return ppd.ach --date OPEN --entry TRACE:R01 --out r.ach",
        &[0],
    ),
    (
        "ach noc ppd.ach --date OPEN --entry TRACE:C05:32 --out n.ach",
        &[0],
    ),
    ("statement describe statement.bai letter.txt", &[1]),
    ("statement json statement.bai", &[0]),
    (
        "risk train --sandbox --requests 4000 --out model.toml --scores training.csv",
        &[0],
    ),
    (
        "risk features --sandbox --seed 8 --requests 2000 --out f.parquet --scores period.csv",
        &[0],
    ),
    (
        "risk drift --training training.csv --period period.csv",
        &[0, 1],
    ),
    ("risk score request.json --model model.toml", &[0]),
    ("risk rules", &[0]),
    ("man --out man1", &[0]),
];

/// What has no document: a file or a script on stdout, and what is a document of its own kind; and
/// what nobody in a young installation may be told (`days/forgets.rs` does).
const OTHERWISE: &[&str] = &["ach json", "completions", "forget", "sandbox answer"];

/// The commands of the command line that have none below them.
fn leaves() -> Vec<String> {
    fn walk(command: &clap::Command, path: &str, all: &mut Vec<String>) {
        for sub in command.get_subcommands() {
            walk(sub, format!("{path} {}", sub.get_name()).trim(), all);
        }
        if !command.has_subcommands() {
            all.push(path.to_owned());
        }
    }
    let mut all = Vec::new();
    walk(&jobs::cli::command(), "", &mut all);
    all
}

fn document(call: &str, answer: &Answer) -> Value {
    let text = answer.text();
    assert!(
        text.starts_with("{\"schema\":\"tieout/"),
        "{call}: {answer:?}"
    );
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{call}: {e} in {text}"))
}

#[test]
fn every_command_prints_one_document_that_is_described() {
    let dir = scratch();
    let at = dir.path();
    files(at);
    let described = Described::read();
    let mut unknown = Vec::new();
    let (mut trace, mut number) = (String::new(), String::new());
    let mut kept = String::new();
    let (mut originator, mut token) = (String::new(), String::new());
    for (call, statuses) in CALLS {
        if call.starts_with("statement") {
            statement(at);
        }
        let call = call.replace("OPEN", OPEN).replace("TRACE", &trace);
        let call = call.replace("NUMBER", &number).replace("KEPT", &kept);
        let call = call.replace("ORIGINATOR", &originator);
        let call = call.replace("TOKEN", &token);
        let args: Vec<&str> = call.split(' ').collect();
        let everywhere = ["--json", "--config", "small.toml"];
        let answer = run(at, &[&args[..], &everywhere].concat());
        assert!(statuses.contains(&answer.status), "{call}: {answer:?}");
        let document = document(&call, &answer);
        assert_ne!(document["schema"], "tieout/error/1", "{call}: {answer:?}");
        unknown.extend(undescribed(&described, &document));
        if call.starts_with("funding announce") {
            number = document["fundings"][0]["number"].to_string();
        }
        if call.starts_with("merchants key ") {
            let kept_as = document["keys"][0]["kept_as"].as_str();
            kept = kept_as.expect("what it is kept as").to_owned();
        }
        if call.starts_with("query annual_totals") {
            let row = &document["rows"][0];
            originator = row[0].as_str().expect("an originator").to_owned();
            token = row[1].as_str().expect("a token").to_owned();
        }
        if call.starts_with("ach describe ppd") {
            let entry = &document["files"][0]["batches"][0]["entries"][0];
            trace = entry["trace"].as_str().expect("a trace").to_owned();
        }
    }
    unknown.sort();
    unknown.dedup();
    assert_none("members that docs/json.md does not describe", &unknown);
    for leaf in leaves() {
        let told = |call: &str| call == leaf || call.starts_with(&format!("{leaf} "));
        let known = CALLS.iter().any(|(call, _)| told(call)) || OTHERWISE.contains(&leaf.as_str());
        assert!(
            known,
            "tieout {leaf}: what does it print with --json? say it here"
        );
    }
}

#[test]
fn every_example_has_the_name_and_the_members_of_its_section() {
    let described = Described::read();
    let mut unknown = Vec::new();
    let names = described.0.iter().map(|(name, _)| name);
    let schemas: Vec<&String> = names.filter(|name| name.starts_with("tieout/")).collect();
    assert!(schemas.len() >= 15, "{schemas:?}");
    for schema in schemas {
        let example = described.example(schema);
        assert_eq!(example["schema"].as_str(), Some(schema.as_str()));
        unknown.extend(undescribed(&described, &example));
    }
    assert_none("members that docs/json.md does not describe", &unknown);
}

#[test]
fn the_contract_of_validate_and_demo_holds() {
    let described = Described::read();
    let demo = described.example("tieout/demo/1");
    for path in [
        "/seed",
        "/days",
        "/payments/in",
        "/payments/settled",
        "/payments/returned",
        "/payments/failed",
        "/payments/canceled",
        "/payments/waiting",
        "/cents/in",
        "/files/outbound",
        "/files/inbound",
        "/breaks/planted",
        "/breaks/found",
        "/clearing_not_zero",
        "/tied_out",
        "/elapsed_ms/cut",
        "/elapsed_ms/archive",
        "/dir",
    ] {
        assert!(demo.pointer(path).is_some(), "demo --json: {path}");
    }
    let dir = scratch();
    let made = [
        "ach",
        "generate",
        "--defect",
        "entry.amount",
        "--out",
        "bad.ach",
    ];
    run(dir.path(), &made).expect(0, &[]);
    let answer = run(dir.path(), &["ach", "validate", "--json", "bad.ach"]);
    let validated = document("ach validate", answer.expect(1, &[]));
    for path in [
        "/files/0/path",
        "/files/0/ok",
        "/files/0/kind",
        "/files/0/sec_codes",
        "/files/0/batches",
        "/files/0/entries",
        "/files/0/addenda",
        "/files/0/debit_cents",
        "/files/0/credit_cents",
        "/files/0/findings/0/rule",
        "/files/0/findings/0/severity",
        "/files/0/findings/0/line",
        "/files/0/findings/0/column",
        "/files/0/findings/0/field",
        "/files/0/findings/0/message",
    ] {
        assert!(
            validated.pointer(path).is_some(),
            "ach validate --json: {path}"
        );
    }
}

#[test]
fn a_failure_is_a_document_too_and_says_what_to_do() {
    let dir = scratch();
    let at = dir.path();
    run(
        at,
        &["ach", "generate", "--entries", "3", "--out", "ppd.ach"],
    )
    .expect(0, &[]);
    run(at, &["init"]).expect(0, &[]);
    fs::write(at.join("file"), "mine").expect("written");
    for (call, status, code, words) in [
        ("day --date 2026-11-26 --json", 2, "usage", "2026-11-25"),
        ("day --json", 2, "usage", "--date"),
        ("--json settle", 2, "usage", "settle"),
        ("cut --date DAY --window sd9 --json", 2, "usage", "sd9"),
        ("ach describe gone.ach --json", 2, "usage", "gone.ach"),
        ("ach generate --json", 2, "usage", "--out"),
        ("ach mask ppd.ach --json", 2, "usage", "--out"),
        ("completions bash --json", 2, "usage", "--json"),
        ("man --json", 2, "usage", "--out"),
        ("verify --date DAY --json", 2, "usage", "tieout day"),
        (
            "init --restored --dir none --json",
            2,
            "usage",
            "tieout init",
        ),
        (
            "ach return ppd.ach --date DAY --entry 999999990000001:R01 --out r --json",
            1,
            "findings",
            "999999990000001",
        ),
        (
            "ach generate --out none/x.ach --json",
            3,
            "could_not",
            "none/x.ach",
        ),
        ("demo --dir file --json", 3, "could_not", "--dir file"),
    ] {
        let call = call.replace("DAY", DAY);
        let args: Vec<&str> = call.split(' ').collect();
        let answer = run(at, &args);
        answer.expect(status, &[words]);
        let document = document(&call, &answer);
        assert_eq!(document["schema"], "tieout/error/1", "{call}");
        let error = &document["error"];
        assert_eq!(
            (&error["code"], &error["status"]),
            (&code.into(), &status.into()),
            "{call}"
        );
        for member in ["message", "what_to_do"] {
            assert!(
                !error[member].as_str().expect(member).is_empty(),
                "{call}: {member}"
            );
        }
        assert!(!answer.err.is_empty(), "{call}: stderr says it as well");
    }
}
