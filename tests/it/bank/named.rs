//! What a person names in the place of a file, and is none: no command waits for it, reads it
//! without an end, or says less than what it is.

use crate::child::{Answer, bounded, command, configuration, installation, pipe, run};
use crate::tree::scratch;
use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

const DATE: &str = "2026-11-27";

/// A folder with an installation, a sound file, and one thing of each kind that is none.
fn prepared() -> (TempDir, UnixListener) {
    let dir = scratch();
    let at = dir.path();
    installation(at);
    let made = ["ach", "generate", "--entries", "3", "--out", "plain.ach"];
    run(at, &made).expect(0, &[]);
    pipe(&at.join("pipe"));
    symlink("/dev/zero", at.join("zero")).expect("a link");
    fs::create_dir(at.join("folder")).expect("a folder");
    let socket = UnixListener::bind(at.join("socket")).expect("a socket");
    let large = File::create(at.join("terabyte")).expect("made");
    large.set_len(1 << 40).expect("sparse");
    (dir, socket)
}

const ODD: &[(&str, &str)] = &[
    ("pipe", "a pipe and no regular file"),
    ("zero", "a device and no regular file"),
    ("/dev/zero", "a device and no regular file"),
    ("folder", "a folder"),
    ("socket", "a socket and no regular file"),
    ("terabyte", "more than"),
    ("gone", "No such file"),
];

fn told(at: &Path, args: &[&str]) -> Answer {
    bounded(command(at, args), &args.join(" "))
}

#[test]
fn what_is_no_file_is_named_by_every_command_that_was_given_it() {
    let (dir, _socket) = prepared();
    let at = dir.path();
    for (name, what) in ODD {
        for call in [
            "ach validate FILE",
            "ach validate plain.ach FILE",
            "ach validate --bank FILE plain.ach",
            "ach describe FILE",
            "ach describe --json FILE",
            "ach json FILE",
            "ach mask FILE --out made",
            "ach mask plain.ach --key FILE --out made",
            "ach reverse FILE --date 2026-11-27 --out made",
            "ach return FILE --date 2026-11-27 --entry 999999990000001:R01 --out made",
            "ach return plain.ach --date 2026-11-27 --list FILE --out made",
            "ach noc FILE --date 2026-11-27 --entry 999999990000001:C01:1 --out made",
            "ach diff FILE plain.ach",
            "ach diff plain.ach FILE",
            "ach split FILE --by sec --out parts",
            "statement describe FILE",
            "day --date 2026-11-27 --config FILE",
            "init --config FILE",
            "ingest --date 2026-11-27 plain.ach --config FILE",
        ] {
            let args: Vec<&str> = call.split(' ').collect();
            let args: Vec<_> = args.iter().map(|arg| arg.replace("FILE", name)).collect();
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            told(at, &args).expect(2, &[name, what]);
            assert!(!at.join("made").exists() && !at.join("parts").exists());
        }
        let merge = [
            "ach",
            "merge",
            "plain.ach",
            name,
            "--date",
            DATE,
            "--out",
            "m",
        ];
        told(at, &merge).expect(1, &["put aside", name, what]);
        told(at, &["statement", "json", name]).expect(2, &[name, what]);
        if *name != "zero" && *name != "terabyte" {
            told(at, &["ingest", "--date", DATE, name]).expect(2, &[name]);
        }
        for setting in ["bank", "prices"] {
            fs::write(at.join("odd.toml"), format!("{setting} = {name:?}\n")).expect("written");
            let day = ["day", "--date", DATE, "--config", "odd.toml"];
            told(at, &day).expect(2, &[name, what]);
        }
    }
    // Sixteen times as long as a file, since each column has its name there.
    let json = ["ach", "from-json", "terabyte", "--out", "made"];
    told(at, &json).expect(2, &["more than"]);
    for name in ["pipe", "zero", "folder", "socket"] {
        told(at, &["ach", "from-json", name, "--out", "made"]).expect(2, &[name]);
    }
}

/// As many lines as a file of that length can have.
#[test]
fn a_statement_of_the_shortest_lines_is_read_within_bounds() {
    let dir = scratch();
    let head = "01,EAST,TIEOUT,261124,0600,1,,,2/\n02,TIEOUTCO,EASTBANK,1,261123,,USD,2/\n\
                03,5551230001,USD,010,0,,/\n";
    for (lines, status, told) in [(600_000, 1, ""), (700_000, 2, "at most 8000000 of BAI2")] {
        let text = format!("{head}{}", "16,165,1,,,/\n".repeat(lines));
        fs::write(dir.path().join("dense.bai"), text).expect("written");
        let command = command(dir.path(), &["statement", "describe", "dense.bai"]);
        let answer = bounded(command, "statement describe");
        assert_eq!(answer.status, status, "{}", answer.err);
        assert!(answer.err.contains(told), "{}", answer.err);
    }
}

/// What comes without an end ends where nothing that is expected can go on.
#[test]
fn a_stream_without_an_end_is_given_up() {
    let (dir, _socket) = prepared();
    for args in [
        &["ach", "validate", "-"][..],
        &["ach", "describe", "--json", "-"],
        &["ach", "from-json", "-", "--out", "made"],
        &["ach", "mask", "-", "--out", "made"],
        &[
            "ach",
            "mask",
            "plain.ach",
            "--key",
            "/dev/stdin",
            "--out",
            "made",
        ],
        &["statement", "describe", "/dev/stdin"],
    ] {
        let mut zeros = Command::new("cat")
            .arg("/dev/zero")
            .stdout(Stdio::piped())
            .spawn();
        let zeros = zeros.as_mut().expect("started");
        let mut command = command(dir.path(), args);
        command.stdin(zeros.stdout.take().expect("a pipe"));
        let answer = bounded(command, &args.join(" "));
        zeros.kill().expect("ended");
        zeros.wait().expect("ended");
        assert!(
            answer.status == 1 || answer.status == 2,
            "{args:?}: {answer:?}"
        );
        assert!(!dir.path().join("made").exists(), "{args:?}");
    }
}

/// A pipe that a shell has made for the command is a file like any other.
#[test]
fn what_a_shell_hands_down_is_read() {
    let (dir, _socket) = prepared();
    let plain = fs::read(dir.path().join("plain.ach")).expect("made");
    for name in ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"] {
        for args in [["ach", "validate", name], ["ach", "describe", name]] {
            let mut command = command(dir.path(), &args);
            command.stdin(Stdio::piped()).stdout(Stdio::piped());
            let mut child = command.stderr(Stdio::piped()).spawn().expect("started");
            let mut stdin = child.stdin.take().expect("stdin");
            stdin.write_all(&plain).expect("written");
            drop(stdin);
            let answer = Answer::of(child.wait_with_output().expect("ended"));
            answer.expect(0, &["PPD"]);
        }
    }
}

#[test]
fn what_is_wrong_with_addresses_is_said_of_the_file_that_has_them() {
    let dir = scratch();
    configuration(dir.path());
    for text in [
        "[addresses]\nbanc = 'file:x'\n",
        "[addresses]\ndata = 5\n",
        "addresses = 'x'\n",
    ] {
        fs::write(dir.path().join("other.toml"), text).expect("written");
        let args = ["day", "--date", DATE, "--config", "other.toml"];
        let answer = run(dir.path(), &args);
        answer.expect(2, &["other.toml: ", "line"]);
        assert!(!answer.err.contains("tieout.toml"), "{answer:?}");
    }
}

#[test]
fn no_installation_is_made_where_somebodys_things_are() {
    let dir = scratch();
    let at = |name: &str| dir.path().join(name);
    for name in ["letter.txt", ".hidden", "caf\u{1b}"] {
        fs::create_dir_all(at("theirs")).expect("made");
        fs::write(at("theirs").join(name), "Dear customer,").expect("written");
        let shown = name.escape_default().to_string();
        run(dir.path(), &["init", "--dir", "theirs"]).expect(
            2,
            &["theirs: holds ", &shown, "name a new or an empty folder"],
        );
        assert_eq!(fs::read_dir(at("theirs")).expect("listed").count(), 1);
        fs::remove_dir_all(at("theirs")).expect("removed");
    }
    fs::create_dir(at("empty")).expect("made");
    symlink("empty", at("link")).expect("a link");
    symlink("nowhere", at("dangling")).expect("a link");
    pipe(&at("pipe"));
    fs::write(at("file"), "").expect("written");
    for (name, what) in [
        ("link", "a link"),
        ("dangling", "a link"),
        ("pipe", "a pipe"),
        ("file", "a file"),
    ] {
        run(dir.path(), &["init", "--dir", name]).expect(2, &[name, what, "empty folder"]);
    }
    let slash = ["init", "--dir", "link/"];
    run(dir.path(), &slash).expect(2, &["link: a link"]);
    assert_eq!(fs::read_dir(at("empty")).expect("listed").count(), 0);
    fs::create_dir(at("empty/lost+found")).expect("made");
    fs::write(at("empty/tieout.toml"), "").expect("written");
    for said in ["made an installation", "was there"] {
        run(dir.path(), &["init", "--dir", "empty"]).expect(0, &[said]);
    }
}
