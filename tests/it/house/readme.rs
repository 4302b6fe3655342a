//! What the README shows is what a newcomer sees: its console blocks are run, and every line
//! they print there must be printed. `...` stands for lines that the README leaves out, `…` for a
//! part of a line.

use crate::child::{Answer, command};
use crate::house::source::file;
use crate::tree::{bytes, scratch};
use std::fs;
use std::path::Path;

/// A command of a console block, what the README says about it, and the lines it shows.
struct Shown {
    args: Vec<String>,
    remark: String,
    lines: Vec<String>,
}

/// The console blocks of the README, and the text that stands for the demo's output.
fn blocks(readme: &str) -> (Vec<Shown>, Vec<String>) {
    let (mut shown, mut demo, mut within) = (Vec::<Shown>::new(), Vec::new(), "");
    for line in readme.lines() {
        if let Some(fence) = line.strip_prefix("```") {
            within = fence;
            continue;
        }
        let left_out = line.trim().is_empty() || line.trim() == "...";
        match (within, line.strip_prefix("$ tieout ")) {
            ("console", Some(call)) => {
                let (call, remark) = call.split_once('#').unwrap_or((call, ""));
                shown.push(Shown {
                    args: call.split_whitespace().map(str::to_owned).collect(),
                    remark: remark.trim().to_owned(),
                    lines: Vec::new(),
                });
            }
            ("console", None) if !left_out => {
                let last = shown.last_mut().expect("a command comes first");
                last.lines.push(line.trim_end().to_owned());
            }
            ("text", _) if !left_out => demo.push(line.trim_end().to_owned()),
            _ => {}
        }
    }
    (shown, demo)
}

fn run(at: &Path, args: &[&str]) -> Answer {
    let mut command = command(at, args);
    command.env("TIEOUT_DATA", "file:tieout-demo");
    Answer::of(command.output().expect("started"))
}

/// Whether `line`, with anything for each `…`, is what was printed.
fn fits(line: &str, printed: &str) -> bool {
    let mut pieces = line.split('…');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = printed.strip_prefix(first) else {
        return false;
    };
    let mut left_out = false;
    for piece in pieces {
        left_out = true;
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.is_empty() || (left_out && line.ends_with('…'))
}

fn assert_shown(what: &str, lines: &[String], answer: &Answer) {
    let all = format!("{}{}", answer.text(), answer.err);
    let printed: Vec<&str> = all.lines().map(str::trim_end).collect();
    assert!(!lines.is_empty(), "{what}: nothing is shown");
    for line in lines {
        assert!(
            printed.iter().any(|printed| fits(line, printed)),
            "README.md, {what}: nobody prints\n{line}\nbut\n{all}"
        );
    }
}

/// What the README's remarks say was done before a command.
fn prepare(at: &Path, remark: &str) {
    match remark {
        "" => {}
        "after one bit of the package was turned" => {
            let package = at.join("back/tieout-2026-11-25.tar");
            let mut body = fs::read(&package).expect("retrieved");
            body[100_000] ^= 1;
            fs::remove_file(&package).expect("read-only, and ours");
            fs::write(&package, body).expect("written");
        }
        "the day's first file, with a letter in an amount" => {
            let sent = bytes(at, &["tieout-demo/objects/outbound"]);
            let (_, body) = sent.first_key_value().expect("a file was sent");
            let mut body = body.clone();
            body[2 * 95 + 29] = b'X';
            fs::write(at.join("bad.ach"), body).expect("written");
        }
        other => panic!("this test does not know how to do: {other}"),
    }
}

/// The objects that ARCHITECTURE.md follows a payment through are in the demo's folder.
fn assert_there(objects: &Path) {
    let text = file("ARCHITECTURE.md").expect("the architecture");
    let (_, story) = text.split_once("## One payment").expect("a story");
    let (story, _) = story.split_once("\n## ").expect("its end");
    let whole = |name: &&str| !name.contains(['<', '*', ' ']) && !name.contains("..");
    let (mut seen, mut names) = (0, story.split('`').skip(1).step_by(2).filter(whole));
    let folder = |name: &str| {
        name.split('/')
            .next()
            .is_some_and(|f| objects.join(f).is_dir())
    };
    for name in names
        .by_ref()
        .filter(|name| name.contains('/') && folder(name))
    {
        assert!(
            objects.join(name).exists(),
            "ARCHITECTURE.md: {name} is not there"
        );
        seen += 1;
    }
    assert!(seen >= 5, "the story names what it tells of");
}

#[test]
fn every_example_of_the_readme_is_what_a_newcomer_sees() {
    let readme = file("README.md").expect("a README");
    let (shown, demo) = blocks(&readme);
    assert!(shown.len() >= 5, "the README shows commands");
    let dir = scratch();
    let at = dir.path();
    assert_shown("demo", &demo, &run(at, &["demo", "--leave-open"]));
    assert_there(&at.join("tieout-demo/objects"));
    for one in shown {
        if one.remark == "before that cut" {
            continue; // the demo has cut everything by the time it ends
        }
        prepare(at, &one.remark);
        let args: Vec<&str> = one.args.iter().map(String::as_str).collect();
        assert_shown(&args.join(" "), &one.lines, &run(at, &args));
    }
}
