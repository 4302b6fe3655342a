//! What goes where: results once, on stdout; errors, progress and log lines on stderr; nothing
//! where nothing was asked for; and files under their names when they are whole.

use crate::child::{Answer, command, installation, run};
use crate::tree::scratch;
use jiff::civil::date;
use settlement::bank::BankProfile;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A day that nothing waits for.
const DATE: &str = "2026-11-27";

#[test]
fn each_tally_is_printed_once() {
    let dir = scratch();
    installation(dir.path());
    let answer = run(dir.path(), &["day", "--date", DATE]);
    answer.expect(0, &[]);
    assert_eq!(answer.err, "");
    let text = answer.text();
    for job in [
        "cut-sd1",
        "cut-standard",
        "deliver",
        "ingest",
        "allocate",
        "post",
        "archive",
    ] {
        let begins = format!("{job} {DATE}: ");
        let lines = text.lines().filter(|line| line.starts_with(&begins));
        assert_eq!(lines.count(), 1, "{job} in {text}");
    }
}

#[test]
fn quiet_is_quiet() {
    let dir = scratch();
    let at = dir.path();
    installation(at);
    for call in [
        "init --quiet",
        "day --date 2026-11-27 --quiet",
        "cut --date 2026-11-27 --quiet",
        "post --date 2026-11-27 --quiet",
        "retrieve --date 2026-11-27 --to back --quiet",
        "verify back --quiet",
        "ach generate --entries 3 --out ppd.ach --quiet",
        "ach validate ppd.ach --quiet",
        "ach diff ppd.ach ppd.ach --quiet",
        "ach split ppd.ach --by sec --out parts --quiet",
        "man --out pages --quiet",
    ] {
        let args: Vec<&str> = call.split(' ').collect();
        let answer = run(at, &args);
        answer.expect(0, &[]);
        assert_eq!(
            (answer.text().as_str(), answer.err.as_str()),
            ("", ""),
            "{call}"
        );
    }
    run(at, &["day", "--date", DATE, "--quiet", "--json"]).expect(0, &["tieout/day/1"]);
    run(at, &["ach", "describe", "--quiet", "ppd.ach"]).expect(0, &["Batch"]);
    run(at, &["ach", "validate", "--quiet", "gone.ach"]).expect(2, &["gone.ach"]);
    let refused = run(at, &["day", "--date", "2026-11-26", "--quiet"]);
    assert!(refused.out.is_empty() && refused.err.starts_with("tieout: "));
}

#[test]
fn a_demo_says_on_stdout_what_it_came_to_and_on_stderr_how_far_it_is() {
    let dir = scratch();
    let small = ["demo", "--payments", "20", "--days", "1", "--dir", "small"];
    let answer = run(dir.path(), &small);
    answer.expect(0, &["Tied out: yes"]);
    assert!(
        answer.err.contains("2026-11-24 Tue: sent"),
        "{}",
        answer.err
    );
    assert!(
        !answer.err.contains('\u{1b}'),
        "no bar where there is no terminal"
    );
    let quiet = run(dir.path(), &[&small[..], &["--quiet"]].concat());
    quiet.expect(0, &[]);
    assert_eq!((quiet.text().as_str(), quiet.err.as_str()), ("", ""));
}

fn logged(at: &Path, form: &str, filter: &str) -> Answer {
    let args = [
        "demo",
        "--payments",
        "30",
        "--days",
        "1",
        "--dir",
        "small",
        "--log",
        form,
    ];
    let mut command = command(at, &args);
    command.env("TIEOUT_LOG", filter);
    Answer::of(command.output().expect("started"))
}

#[test]
fn the_log_tells_of_each_job_and_names_no_account() {
    let dir = scratch();
    let answer = logged(dir.path(), "json", "trace");
    answer.expect(0, &["job begins", "job ends"]);
    let all = format!("{}{}", answer.text(), answer.err);
    let bank = BankProfile::parse(desk::config::SANDBOX_BANK).expect("profile");
    let requests = sandbox::customers::payments(7, &bank, date(2026, 11, 24), 30);
    for request in requests {
        assert!(
            !all.contains(request.account_number.reveal()),
            "an account number is logged"
        );
    }
    let lines = answer.err.lines().filter(|line| line.starts_with('{'));
    let lines: Vec<serde_json::Value> = lines
        .map(|line| serde_json::from_str(line).expect(line))
        .collect();
    let posted = lines
        .iter()
        .find(|line| line["tally"] == "post")
        .expect("the end of post");
    assert!(
        posted["records_in"].is_u64() && posted["cents_in"].is_i64(),
        "{posted}"
    );
    assert_eq!(posted["span"]["date"], "2026-11-24");
}

#[test]
fn a_filter_of_the_log_is_obeyed_or_refused() {
    let dir = scratch();
    let silent = logged(dir.path(), "text", "error");
    silent.expect(0, &[]);
    assert!(!silent.err.contains("job begins"), "{}", silent.err);
    logged(dir.path(), "text", "jobs=loud").expect(2, &["TIEOUT_LOG", "warn"]);
}

/// A file system of 64 KiB, where this machine lets us make one.
struct Tiny(PathBuf);

impl Tiny {
    fn mount(at: PathBuf) -> Option<Tiny> {
        std::fs::create_dir(&at).expect("made");
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"])
            .arg(&at)
            .output();
        let mounted = mount.is_ok_and(|output| output.status.success());
        mounted.then_some(Tiny(at))
    }
}

impl Drop for Tiny {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).output();
    }
}

#[test]
fn a_full_disk_is_said_with_what_to_do_and_leaves_no_half_file() {
    let dir = scratch();
    let at = dir.path();
    let Some(tiny) = Tiny::mount(at.join("tiny")) else {
        return; // mounting needs rights that few have
    };
    let big = ["ach", "generate", "--entries", "3000", "--out", "big.ach"];
    run(at, &big).expect(0, &[]);
    let json = run(at, &["ach", "json", "big.ach"]);
    std::fs::write(at.join("big.json"), &json.out).expect("written");
    for call in [
        "ach generate --entries 3000 --out tiny/x.ach",
        "ach generate --entries 3000 --defect entry.amount --out tiny/x.ach",
        "ach mask big.ach --out tiny/x.ach",
        "ach reverse big.ach --date 2026-11-27 --out tiny/x.ach",
        "ach from-json big.json --out tiny/x.ach",
        "ach merge big.ach --date 2026-11-27 --out tiny/merged",
        "ach split big.ach --by sec --out tiny/parts",
    ] {
        let args: Vec<&str> = call.split(' ').collect();
        let answer = run(at, &args);
        answer.expect(3, &["tiny/", "free some space"]);
        let mut left = Vec::new();
        crate::tree::walk(&tiny.0, &mut |path, is_dir| {
            if !is_dir {
                left.push(path.to_path_buf());
            }
        });
        assert_eq!(left, Vec::<PathBuf>::new(), "{call}");
    }
}

#[test]
fn a_manual_and_completions_are_made_of_the_command_line() {
    let dir = scratch();
    let at = dir.path();
    let page = run(at, &["man"]);
    page.expect(0, &[".TH", "tieout"]);
    run(at, &["man", "--out", "new/man1"]).expect(0, &["tieout-ach-merge.1"]);
    assert!(at.join("new/man1/tieout-day.1").exists());
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        run(at, &["completions", shell]).expect(0, &["reconcile"]);
    }
}
