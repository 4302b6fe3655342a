//! What people type: a slip is refused with what to do, before anything is made or replaced.

use crate::child::{Answer, command, installation, run};
use crate::days::stage::closed;
use crate::tree::scratch;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, symlink};
use std::path::Path;
use std::process::Stdio;

#[test]
fn what_others_put_into_the_environment_is_not_ours_to_read() {
    let dir = scratch();
    let mut told = command(dir.path(), &["init"]);
    told.env("LAST", OsStr::from_bytes(b"caf\xe9"));
    told.env(OsStr::from_bytes(b"\xff"), "x");
    let told = crate::child::Answer::of(told.output().expect("started"));
    told.expect(0, &["made an installation"]);
    let mut wrong = command(dir.path(), &["init"]);
    wrong.env("TIEOUT_DATA", OsStr::from_bytes(b"file:caf\xe9"));
    let wrong = crate::child::Answer::of(wrong.output().expect("started"));
    wrong.expect(2, &["TIEOUT_DATA"]);
}

#[test]
fn a_made_file_takes_the_place_of_a_file_alone_and_not_of_what_it_is_made_of() {
    let dir = scratch();
    let at = dir.path();
    let generate = ["ach", "generate", "--entries", "3"];
    run(at, &[&generate[..], &["--out", "ppd.ach"]].concat()).expect(0, &[]);
    run(at, &[&generate[..], &["--out", "ppd.ach"]].concat()).expect(0, &[]);
    crate::child::pipe(&at.join("pipe"));
    symlink("ppd.ach", at.join("link")).expect("a link");
    symlink("nowhere", at.join("dangling")).expect("a link");
    for name in ["pipe", "link", "dangling"] {
        let refused = run(at, &[&generate[..], &["--out", name]].concat());
        refused.expect(2, &["is no file that can be replaced", "stdout"]);
    }
    let kind = |name| {
        fs::symlink_metadata(at.join(name))
            .expect("there")
            .file_type()
    };
    assert!(kind("pipe").is_fifo() && kind("link").is_symlink());
    let before = fs::read(at.join("ppd.ach")).expect("a file");
    fs::create_dir(at.join("parts")).expect("a folder");
    fs::hard_link(at.join("ppd.ach"), at.join("parts/PPD.ach")).expect("a link");
    fs::hard_link(at.join("ppd.ach"), at.join("parts/merged-01.ach")).expect("a link");
    for call in [
        "ach reverse ppd.ach --date 2026-12-01 --out ppd.ach",
        "ach reverse ppd.ach --date 2026-12-01 --out ./parts/../ppd.ach",
        "ach mask ppd.ach --out ppd.ach",
        "ach from-json ppd.ach --out ppd.ach",
        "ach split ppd.ach --by sec --out parts",
        "ach merge ppd.ach --date 2026-12-01 --out parts",
    ] {
        let args: Vec<&str> = call.split(' ').collect();
        let refused = run(at, &args);
        refused.expect(2, &["is read, and would be replaced"]);
        assert_eq!(
            fs::read(at.join("ppd.ach")).expect("a file"),
            before,
            "{call}"
        );
    }
}

#[test]
fn a_model_takes_the_place_neither_of_its_history_nor_of_its_scores() {
    let dir = scratch();
    let at = dir.path();
    let made = run(
        at,
        &words("risk features --sandbox --requests 1000 --out history.csv"),
    );
    made.expect(0, &[]);
    let history = fs::read(at.join("history.csv")).expect("a sheet");
    for call in [
        "risk train --history history.csv --out history.csv",
        "risk train --history history.csv --out model.toml --scores history.csv",
        "risk train --history history.csv --out model.toml --scores model.toml",
        "risk features --history history.csv --out history.csv",
    ] {
        run(at, &words(call)).expect(2, &["nothing was written"]);
        assert_eq!(fs::read(at.join("history.csv")).expect("a sheet"), history);
        assert!(!at.join("model.toml").exists(), "{call}");
    }
}

fn words(call: &str) -> Vec<&str> {
    call.split(' ').collect()
}

#[test]
fn an_installation_is_made_in_a_folder_and_not_at_an_address() {
    let dir = scratch();
    let at = dir.path();
    for wrong in ["s3://books/here", "file:abc", "dynamodb:payments", ""] {
        for command in ["init", "demo"] {
            let refused = run(at, &[command, "--dir", wrong]);
            refused.expect(2, &["--dir"]);
        }
    }
    assert_eq!(fs::read_dir(at).expect("a folder").count(), 0);
    run(at, &["init", "--dir", "./a:b"]).expect(0, &[]);
}

#[test]
fn a_secret_that_nobody_reads_is_no_key() {
    let dir = scratch();
    let at = dir.path();
    installation(at);
    run(at, &words("merchants add shop --originator market")).expect(0, &[]);
    let key = words("merchants key shop --name web --scope payments:write");
    for sink in ["/dev/null", "/dev/full"] {
        // The harness of this test prints before the command does, and must not end by it: the
        // command's own stdout is a file that is one of these.
        let sink = File::options().write(true).open(sink).expect("a device");
        let mut asked = command(at, &key);
        let ended = asked.stdout(Stdio::from(sink)).output().expect("started");
        assert!(!ended.status.success());
    }
    let keys = run(at, &words("merchants keys shop --json"));
    keys.expect(0, &[]);
    assert!(
        !keys.text().contains("\"revoked\":false"),
        "{}",
        keys.text()
    );
    run(at, &key).expect(0, &["tk_live_"]);
}

#[test]
fn a_hash_that_is_none_is_a_slip_and_not_tampering() {
    let (dir, at) = closed();
    let date = ["--date", "2026-11-27"];
    let back = dir.path().join("back");
    let to = back.to_str().expect("a path");
    run(&at, &[&["retrieve", "--to", to], &date[..]].concat()).expect(0, &[]);
    for wrong in ["", "rubbish", &"0".repeat(63)] {
        run(&at, &["verify", to, "--manifest", wrong]).expect(2, &["--manifest"]);
        run(&at, &["check", "--known", wrong]).expect(2, &["--known"]);
    }
    let other = "0".repeat(64);
    run(&at, &["verify", to, "--manifest", &other]).expect(1, &["another manifest"]);
}

#[test]
fn a_day_is_brought_back_beside_the_installation_and_not_into_it() {
    let (_dir, at) = closed();
    symlink(at.join("objects"), at.join("elsewhere")).expect("a link");
    for to in [
        "objects/back",
        "archive",
        "store/x/y",
        "elsewhere/back",
        "x/../objects/z",
    ] {
        let args = ["retrieve", "--date", "2026-11-27", "--to", to];
        run(&at, &args).expect(2, &["is inside of the"]);
    }
    run(&at, &["check"]).expect(0, &[]);
}

#[test]
fn a_parameter_that_fits_no_question_is_refused() {
    let (_dir, at) = closed();
    let annual = ["query", "annual_totals", "--from", "2026-11-01"];
    for wrong in [
        "1 OR 1",
        "x",
        "-5",
        "1.5",
        "99999999999999999999",
        "nec_cents",
    ] {
        let given = format!("k_count={wrong}");
        let refused = run(&at, &[&annual[..], &["--param", &given]].concat());
        refused.expect(2, &["parameter k_count", "whole number"]);
    }
    run(&at, &[&annual[..], &["--param", "k_count=2"]].concat()).expect(0, &[]);
    let twice = ["--param", "k_count=2", "--param", "k_count=3"];
    run(&at, &[&annual[..], &twice].concat()).expect(2, &["k_count", "twice"]);
    let nobody = [
        "query",
        "originator_statement",
        "--param",
        "originator=payrol",
    ];
    run(&at, &nobody).expect(2, &["payrol", "payroll"]);
}

#[test]
fn what_means_nothing_is_not_passed_over() {
    let dir = scratch();
    let at = dir.path();
    installation(at);
    for call in [
        "day --date 2026-11-27T10:00",
        "query trial_balance --as-of 2026-11-27T00:00:00Z",
        "query --list --csv",
        "query --list --param x=1",
        "demo --payments 18446744073709551615",
        "demo --days 4294967295",
        "risk rules nowhere.toml",
    ] {
        run(at, &words(call)).expect(2, &[]);
    }
    fs::write(at.join("rules.toml"), "nonsense").expect("written");
    run(at, &words("risk rules rules.toml")).expect(1, &["rules.toml"]);
}

/// `tieout` in the folder `at` with one variable more.
fn with(at: &Path, args: &str, (name, value): (&str, &str)) -> Answer {
    let mut asked = command(at, &words(args));
    Answer::of(asked.env(name, value).output().expect("started"))
}

#[test]
fn slips_of_surroundings_are_named() {
    let dir = scratch();
    let at = dir.path();
    installation(at);
    for bad in ["bogus", "jobs=loud"] {
        let refused = with(at, "check", ("TIEOUT_LOG", bad));
        refused.expect(2, &["TIEOUT_LOG"]);
    }
    with(at, "check", ("TIEOUT_LOG", "tieout=debug")).expect(0, &[]);
    for bad in ["/nonexistent", "/dev/null", "/proc"] {
        let refused = with(at, "check", ("TMPDIR", bad));
        refused.expect(3, &["set TMPDIR", bad]);
    }
    for bad in ["11/24/2026", "tomorrow", "2026-02-30"] {
        run(at, &["day", "--date", bad]).expect(2, &["YYYY-MM-DD"]);
    }
    // Whoever starts a command here gives it nothing on stdin.
    for command in ["validate", "describe", "json"] {
        run(at, &["ach", command, "-"]).expect(2, &["stdin is closed"]);
    }
}
