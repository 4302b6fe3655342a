//! Every command on input that is not what it should be: the exit status of the contract, a
//! message that says what, where and what to do, and nothing half-written.

use crate::child::{self, Answer, configuration, run};
use crate::days::stage::stage;
use crate::days::world::{desk, files_in};
use crate::tree::{self, assert_same, bytes, scratch};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

mod hostile;
mod inbound;
mod proof;

/// The staged day, the banking days beside it, and the holiday between.
const DATE: &str = "2026-11-27";
const BEFORE: &str = "2026-11-25";
const HOLIDAY: &str = "2026-11-26";
const NEXT: &str = "2026-11-30";

/// The jobs' commands, each of which wants a date.
const DATED: &[&str] = &[
    "day",
    "cut",
    "deliver",
    "ingest",
    "allocate",
    "post",
    "reconcile",
    "savings",
    "archive",
];

/// A copy of a staged installation with a configuration in it.
fn installation(staged: &Path) -> (TempDir, PathBuf) {
    let dir = scratch();
    let at = dir.path().join("copy");
    tree::copy(staged, &at);
    configuration(&at);
    (dir, at)
}

/// A file that was sent on the staged day, as a file of the user's.
fn sent_file(to: &Path) -> PathBuf {
    let all = bytes(&stage().after("cut"), &["objects/outbound"]);
    let (_, body) = all
        .into_iter()
        .filter(|(name, _)| name.contains(DATE))
        .max_by_key(|(_, body)| body.len())
        .expect("a file was cut");
    let path = to.join("sent.ach");
    fs::write(&path, body).expect("written");
    path
}

fn names_in(dir: &Path) -> Vec<String> {
    let mut names = Vec::new();
    tree::walk(dir, &mut |path, _| names.push(path.display().to_string()));
    names
}

#[test]
fn a_missing_file_is_named() {
    let dir = scratch();
    child::installation(dir.path());
    for args in [
        &["ach", "validate", "gone.ach"][..],
        &["ach", "describe", "gone.ach"],
        &["ach", "json", "gone.ach"],
        &["ach", "from-json", "gone.ach"],
        &["statement", "describe", "gone.ach"],
        &["statement", "json", "gone.ach"],
        &["ingest", "--date", DATE, "gone.ach"],
        &["day", "--date", DATE, "--config", "gone.ach"],
        &["verify", "gone.ach"],
    ] {
        run(dir.path(), args).expect(2, &["gone.ach", "No such file"]);
    }
}

#[test]
fn a_folder_where_a_file_should_be_is_named() {
    let dir = scratch();
    child::installation(dir.path());
    fs::create_dir(dir.path().join("folder")).expect("made");
    for args in [
        &["ach", "validate", "folder"][..],
        &["ach", "describe", "folder"],
        &["ach", "json", "folder"],
        &["statement", "describe", "folder"],
        &["ingest", "--date", DATE, "folder"],
        &["day", "--date", DATE, "--config", "folder"],
    ] {
        run(dir.path(), args).expect(2, &["folder", "directory"]);
    }
    let from_json = run(dir.path(), &["ach", "from-json", "folder"]);
    assert!([1, 2].contains(&from_json.status), "{from_json:?}");
    from_json.expect(from_json.status, &["folder", "directory"]);
    run(dir.path(), &["verify", "folder"]).expect(2, &["manifest.json", "tieout retrieve"]);
}

#[test]
fn a_wrong_command_line_is_a_question_of_usage() {
    let dir = scratch();
    run(dir.path(), &["settle"]).expect(2, &["settle", "--help"]);
    run(dir.path(), &["day"]).expect(2, &["--date"]);
    run(dir.path(), &["verify"]).expect(2, &["<DIR>"]);
    let window = ["cut", "--date", DATE, "--window", "sd9"];
    run(dir.path(), &window).expect(2, &["sd9", "sd1, sd2, sd3 or standard"]);
    for job in DATED {
        let wrong = run(dir.path(), &[job, "--date", "27.11.2026"]);
        wrong.expect(2, &["27.11.2026", "--date"]);
        run(dir.path(), &[job, "--date", "2026-02-30"]).expect(2, &["2026-02-30"]);
    }
    assert_eq!(names_in(dir.path()), Vec::<String>::new());
}

#[test]
fn a_day_on_which_no_bank_works_is_refused_before_anything_is_made() {
    let dir = scratch();
    for job in DATED {
        run(dir.path(), &[job, "--date", HOLIDAY]).expect(2, &[HOLIDAY, BEFORE, DATE]);
    }
    let retrieve = ["retrieve", "--date", HOLIDAY, "--to", "day"];
    run(dir.path(), &retrieve).expect(2, &[BEFORE, DATE]);
    run(dir.path(), &["verify", "--date", HOLIDAY]).expect(2, &[BEFORE, DATE]);
    assert_eq!(names_in(dir.path()), Vec::<String>::new());
}

#[test]
fn an_installation_without_payments_has_quiet_days() {
    let dir = scratch();
    child::installation(dir.path());
    let not_yet = run(dir.path(), &["verify", "--date", DATE]);
    not_yet.expect(2, &[DATE, "not archived", "tieout day"]);
    run(dir.path(), &["day", "--date", DATE]).expect(0, &["archive 2026-11-27"]);
    run(dir.path(), &["verify", "--date", DATE]).expect(0, &["as it was sealed"]);
}

#[test]
fn a_configuration_with_a_mistake_is_refused_and_the_place_named() {
    let dir = scratch();
    let at = dir.path();
    let bank = desk::config::SANDBOX_BANK;
    for (text, words) in [
        ("[adresses]\ndata = 'file:data'\n", "adresses"),
        ("[addresses]\nobject = 'file:data'\n", "object"),
        ("[addresses]\nobjects = 's3://bucket/prefix'\n", "file:DIR"),
        ("bank = 7\n", "line 1, column 8"),
        ("bank = 'gone.toml'\n", "gone.toml"),
        ("bank = 'torn.toml'\n", "torn.toml"),
        ("bank = 'digit.toml'\n", "digit.toml"),
        ("prices = 'torn.toml'\n", "torn.toml"),
        ("[addresses\n", "line 1"),
    ] {
        let torn: String = bank.chars().take(bank.len() / 2).collect();
        fs::write(at.join("torn.toml"), torn).expect("written");
        let digit = bank.replacen("odfi = \"", "odfi = \"9", 1);
        assert_ne!(digit, bank, "the profile names its ODFI");
        fs::write(at.join("digit.toml"), digit).expect("written");
        fs::write(at.join("wrong.toml"), text).expect("written");
        let answer = run(at, &["day", "--date", DATE, "--config", "wrong.toml"]);
        answer.expect(2, &[words]);
    }
    assert_eq!(
        names_in(at).len(),
        3,
        "nothing was made: {:?}",
        names_in(at)
    );
}

#[test]
fn a_file_where_a_folder_should_be_is_not_overwritten() {
    let dir = scratch();
    let at = dir.path();
    fs::write(at.join("file"), "mine").expect("written");
    fs::write(at.join("tieout.toml"), "[addresses]\ndata = 'file:file'\n").expect("written");
    run(at, &["day", "--date", DATE]).expect(2, &["file/", "move what is in the way"]);
    run(at, &["init"]).expect(2, &["file: a file", "new or an empty folder"]);
    run(at, &["demo", "--dir", "file"]).expect(3, &["--dir file", "new folder"]);
    assert_eq!(fs::read(at.join("file")).expect("there"), b"mine");
}

#[test]
fn a_demo_clears_only_what_a_demo_made() {
    let dir = scratch();
    let at = dir.path();
    fs::create_dir(at.join("mine")).expect("made");
    fs::write(at.join("mine/notes.txt"), "mine").expect("written");
    let answer = run(at, &["demo", "--dir", "mine", "--payments", "5"]);
    answer.expect(2, &["--dir mine", "name a new folder"]);
    assert_eq!(names_in(&at.join("mine")).len(), 1);
    for days in ["0", "401"] {
        let answer = run(at, &["demo", "--days", days, "--dir", "new"]);
        answer.expect(2, &["--days must be from 1 to 400"]);
    }
    assert!(!at.join("new").exists());
}

#[test]
fn another_command_at_work_is_left_alone() {
    let (_dir, at) = installation(&stage().before("cut"));
    let holding = desk(&at);
    let answer = run(&at, &["day", "--date", DATE]);
    answer.expect(3, &["another command works on it"]);
    drop(holding);
    run(&at, &["day", "--date", DATE]).expect(1, &["breaks"]);
}

#[test]
fn a_torn_table_is_named_and_nothing_goes_on_from_it() {
    let stage = stage();
    for (name, damage) in [
        (
            "cut short",
            (|body| body.truncate(body.len() / 2)) as fn(&mut Vec<u8>),
        ),
        ("empty", Vec::clear),
        ("without its end", |body| body.truncate(body.len() - 1)),
        ("zeroed", |body| body.fill(0)),
    ] {
        let (_dir, at) = installation(&stage.before("deliver"));
        let tables = bytes(&at, &["objects/ach_entries"]);
        let mine = |table: &&String| table.contains(DATE);
        let table = tables.keys().find(mine).expect("entries of the day");
        let mut body = tables[table].clone();
        damage(&mut body);
        fs::write(at.join(table), body).expect("written");
        let left = bytes(&at, &["objects/posted", "archive", "bank/to-bank"]);
        let short = table.strip_prefix("objects/").expect("below objects");
        let answer = run(&at, &["day", "--date", DATE]);
        answer.expect(1, &[short]);
        let now = bytes(&at, &["objects/posted", "archive", "bank/to-bank"]);
        assert_same(name, &left, &now);
    }
}

#[test]
fn a_damaged_record_is_named() {
    let (_dir, at) = installation(&stage().before("deliver"));
    let cuts = bytes(&at, &["objects/cuts"]);
    let (name, body) = cuts.last_key_value().expect("a frozen cut");
    fs::write(at.join(name), &body[..body.len() / 2]).expect("written");
    let short = name.strip_prefix("objects/").expect("below objects");
    run(&at, &["deliver", "--date", DATE]).expect(1, &[short, "restore it"]);
}

#[test]
fn ach_commands_answer_to_any_bytes() {
    let dir = scratch();
    let at = dir.path();
    let good = fs::read(sent_file(at)).expect("there");
    let lines: Vec<&[u8]> = good
        .split(|b| *b == b'\n')
        .filter(|l| !l.is_empty())
        .collect();
    let with = |end: &[u8]| {
        lines
            .iter()
            .flat_map(|l| [*l, end].concat())
            .collect::<Vec<u8>>()
    };
    let text = String::from_utf8(good.clone()).expect("ASCII");
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut totals = good.clone();
    let control = lines
        .iter()
        .rposition(|l| l.starts_with(b"9000"))
        .expect("file control");
    let amounts = control * 95 + 40;
    totals[amounts] = if totals[amounts] == b'0' { b'1' } else { b'0' };
    for (name, body, status) in [
        ("good", good.clone(), 0),
        ("crlf", with(b"\r\n"), 0),
        ("no-line-ends", with(b""), 0),
        ("wrong-totals", totals, 1),
        ("torn", good[..good.len() / 2].to_vec(), 1),
        ("utf16", utf16, 1),
        ("binary", (0..=255).cycle().take(5_000).collect(), 1),
        ("empty", Vec::new(), 1),
    ] {
        let file = format!("{name}.ach");
        fs::write(at.join(&file), &body).expect("written");
        let answer = run(at, &["ach", "validate", &file]);
        answer.expect(status, &[&file]);
        if status == 1 {
            answer.expect(status, &["line ", "column "]);
        }
        run(at, &["ach", "describe", &file]).expect(status, &[]);
        let json = run(at, &["ach", "json", &file]);
        json.expect(status, &[]);
        if status == 0 {
            round_trip(at, &json, &body);
        }
    }
}

fn round_trip(at: &Path, json: &Answer, body: &[u8]) {
    fs::write(at.join("file.json"), &json.out).expect("written");
    let back = run(at, &["ach", "from-json", "file.json"]);
    back.expect(0, &[]);
    assert!(back.out == body, "JSON and back is not the same file");
}

#[test]
fn what_is_no_statement_is_said_so() {
    let dir = scratch();
    let at = dir.path();
    sent_file(at);
    for (name, body) in [
        ("empty.txt", ""),
        ("text.txt", "hello"),
        ("x.xml", "<a><b></a>"),
    ] {
        fs::write(at.join(name), body).expect("written");
    }
    for name in ["sent.ach", "empty.txt", "text.txt", "x.xml"] {
        run(at, &["statement", "describe", name]).expect(1, &[name, "line 1", "expected BAI2"]);
        run(at, &["statement", "json", name]).expect(1, &[name]);
    }
    let other = run(at, &["ach", "from-json", "text.txt"]);
    other.expect(1, &["text.txt"]);
}

/// The bank's files of the staged day that are waiting, by the end of their names.
fn waiting(at: &Path, end: &str) -> PathBuf {
    let mut files = files_in(&at.join("bank/from-bank"));
    files.retain(|path| path.display().to_string().ends_with(end));
    files.sort();
    files.into_iter().next().expect("the bank put it out")
}

#[test]
fn a_command_that_is_cut_off_by_its_reader_ends_quietly() {
    let dir = scratch();
    let path = sent_file(dir.path());
    let name = path
        .file_name()
        .expect("name")
        .to_string_lossy()
        .into_owned();
    let mut command = child::command(dir.path(), &["ach", "json", &name]);
    let mut child = command
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("started");
    // The harness's own first lines may be refused too; what counts is that nothing panics in us.
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("ended");
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(
        !err.contains("jobs/src") && !err.contains("formats/src"),
        "{err}"
    );
}
