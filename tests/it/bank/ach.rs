//! The `ach` commands on bytes that are no file, and on what a bank's dialect says of one.

use crate::child::{self, run};
use crate::tree::scratch;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

/// 94 columns and a line end.
fn line(text: &str) -> String {
    format!("{text:<94}\n")
}

/// Bytes of which no file can be made, each with its name.
fn broken() -> Vec<(&'static str, Vec<u8>)> {
    let entry = "622056005075100000037        0000000100EMP1           ADA EXAMPLE";
    let entries: String = (1..20_000)
        .map(|number| line(&format!("{entry:<78}007640125{number:07}")))
        .collect();
    let head = "101 076401251 0560050752611230600A094101";
    let batch = |number: u32| {
        let header = "5220SAMPLE CO                           1123456789PPDPAYROLL";
        let trace = format!("{number:07}");
        let header = line(&format!("{header:<69}261124   107640125{trace}"));
        let control = "82200000010005600507000000000000000000000100";
        let control = line(&format!("{control}1123456789{:<25}07640125{trace}", ""));
        header + &line(&format!("{entry:<78}007640125{trace}")) + &control
    };
    let batches: String = (1..20_000).map(batch).collect();
    vec![
        ("entries-alone", entries.into_bytes()),
        ("one-line", vec![b'6'; 3_000_000]),
        ("batches-without-end", (line(head) + &batches).into_bytes()),
        ("zero-bytes", vec![0; 1_000_000]),
        ("nothing", Vec::new()),
        ("any-bytes", (0..=255).cycle().take(100_000).collect()),
    ]
}

#[test]
fn no_command_takes_broken_bytes_for_a_file() {
    let dir = scratch();
    let at = dir.path();
    fs::create_dir(at.join("parts")).expect("made");
    for (name, bytes) in broken() {
        fs::write(at.join(name), bytes).expect("written");
        for args in [
            &["ach", "validate", name][..],
            &["ach", "describe", name],
            &["ach", "json", name],
            &["ach", "from-json", name],
            &["ach", "mask", name, "--out", &format!("masked-{name}")],
            &["ach", "diff", name, name],
            &[
                "ach",
                "merge",
                name,
                "--date",
                "2026-11-25",
                "--out",
                "parts",
            ],
            &["ach", "split", name, "--by", "sec", "--out", "parts"],
            &[
                "ach",
                "return",
                name,
                "--date",
                "2026-11-25",
                "--entry",
                "999999990000001:R01",
            ],
            &[
                "ach",
                "noc",
                name,
                "--date",
                "2026-11-25",
                "--entry",
                "999999990000001:C01:1",
            ],
        ] {
            run(at, args).expect(1, &[]);
        }
        assert_eq!(
            fs::read_dir(at.join("parts")).expect("listed").count(),
            0,
            "{name}"
        );
    }
}

/// What a command says of bytes on its stdin.
fn piped(at: &Path, args: &[&str], bytes: &[u8]) -> (Option<i32>, String) {
    let mut child = child::command(at, args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("started");
    let mut stdin = child.stdin.take().expect("piped");
    stdin.write_all(bytes).expect("read to the end");
    drop(stdin);
    let output = child.wait_with_output().expect("ended");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.code(), text)
}

#[test]
fn a_file_may_come_on_stdin() {
    let dir = scratch();
    let at = dir.path();
    run(
        at,
        &["ach", "generate", "--entries", "10", "--out", "ten.ach"],
    )
    .expect(0, &["10 entries"]);
    let bytes = fs::read(at.join("ten.ach")).expect("there");
    let (status, text) = piped(at, &["ach", "validate", "-"], &bytes);
    assert!(status == Some(0) && text.contains("10 entries"), "{text}");
    let (status, text) = piped(at, &["ach", "validate", "-"], &bytes[..500]);
    assert!(
        status == Some(1) && text.contains("file.no-control"),
        "{text}"
    );
}

#[test]
fn a_dialect_weighs_findings_and_says_why() {
    let dir = scratch();
    let at = dir.path();
    let made = [
        "ach",
        "generate",
        "--entries",
        "10",
        "--defect",
        "batch.number-order",
    ];
    run(
        at,
        &[&made[..], &["--batch", "5", "--out", "f.ach"]].concat(),
    )
    .expect(0, &[]);
    let plain = run(at, &["ach", "validate", "f.ach"]);
    plain.expect(1, &["[error batch.number-order]"]);
    let arm = [
        "ach",
        "validate",
        "f.ach",
        "--dialect",
        "batches-of-several",
    ];
    run(at, &arm).expect(1, &["[warning batch.number-order]"]);
    let profile = include_str!("../../../data/banks/sandbox.toml");
    let habit = "\n[[dialect]]\narm = \"batches-of-several\"\nbecause = \"guide, page 7\"\n";
    fs::write(at.join("bank.toml"), format!("{profile}{habit}")).expect("written");
    let bank = ["ach", "validate", "f.ach", "--bank", "bank.toml"];
    run(at, &bank).expect(1, &["[warning batch.number-order]"]);
    let rules = run(at, &["ach", "rules", "--json", "--bank", "bank.toml"]);
    rules.expect(
        0,
        &["\"id\":\"batch.number-order\",\"severity\":\"warning\""],
    );
    let unknown = run(at, &["ach", "validate", "f.ach", "--dialect", "lenient"]);
    unknown.expect(2, &["a dialect is one of open-block"]);
    fs::write(
        at.join("bank.toml"),
        format!("{profile}{habit}").replace("guide, page 7", " "),
    )
    .expect("written");
    run(at, &bank).expect(2, &["because of what"]);
}
