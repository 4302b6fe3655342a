//! What stands in an installation and is nothing of it: named, never opened, and never followed.

use crate::child::{configuration, run};
use crate::days::stage::stage;
use crate::days::world::{World, block, config, desk};
use crate::tree::{self, scratch};
use jobs::check::{self, Check, Scope};
use sandbox::bank::FaultPlan;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Puts something somewhere.
type Make<'a> = &'a dyn Fn(&Path);

fn copy() -> (TempDir, PathBuf) {
    let folder = scratch();
    let dir = folder.path().join("copy");
    tree::copy(&stage().after("archive"), &dir);
    (folder, dir)
}

/// A check as the command makes it: it only looks.
fn looked(dir: &Path) -> Check {
    let desk = jobs::open::look(config(dir)).expect("an installation");
    block(check::run(&desk, Scope::All, None)).expect("a check")
}

fn pipe(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status().expect("mkfifo");
    assert!(made.success(), "{}", path.display());
}

#[test]
fn whatever_nobody_of_ours_has_put_there_is_named() {
    let date = stage().date;
    let outbound = format!("objects/outbound/odfi=07640125/date={date}/window=standard/E.ach");
    let part = format!("objects/journal/ledger_date={date}/post-0123456789abcdef.parquet");
    let file = |path: &Path| fs::write(path, "mine").expect("written");
    let folder = |path: &Path| fs::create_dir_all(path).expect("made");
    let seal = |path: &Path| {
        let text = fs::read(path).expect("a seal");
        fs::write(path, [&text[..], b" "].concat()).expect("changed");
    };
    let link = |path: &Path| symlink("/etc/hostname", path).expect("a link");
    let things: &[(&str, Make<'_>)] = &[
        ("archive/notes.txt", &file),
        ("archive/.hidden", &file),
        ("archive/old", &folder),
        ("archive/tieout-2026-01-05.tar.seal", &file),
        (&format!("archive/tieout-{date}.tar.seal"), &seal),
        ("store/notes.txt", &file),
        ("store/.hidden", &file),
        ("store/old", &folder),
        ("store/keyspaces/notes", &file),
        ("vault/keys.json.bak", &file),
        ("objects/.hidden", &file),
        ("objects/posted/.hidden", &file),
        ("objects/empty", &folder),
        ("objects/posted/empty", &folder),
        ("objects/pipe", &pipe),
        ("objects/link", &link),
        (&outbound, &file),
        (&part, &file),
    ];
    let (_folder, dir) = copy();
    assert!(looked(&dir).ok(), "{:#?}", looked(&dir).findings);
    let mut unseen = Vec::new();
    for (name, make) in things {
        let (_folder, dir) = copy();
        make(&dir.join(name));
        let found = looked(&dir);
        let below = name.split_once('/').expect("a place").1;
        let below = below.strip_suffix(".seal").unwrap_or(below); // it is its package's
        let named = found.findings.iter().any(|f| f.message.contains(below));
        if !named {
            unseen.push(format!("{name}: {:#?} {:?}", found.findings, found.unnamed));
        }
    }
    assert!(unseen.is_empty(), "{unseen:#?}");
}

#[test]
fn an_object_that_became_a_link_or_a_pipe_is_named_and_the_rest_is_proved() {
    let (_folder, dir) = copy();
    let date = stage().date;
    let names = [
        format!("saved/{date}.json"),
        format!("runs/date={date}/post.json"),
        format!("archive/date={date}/manifest.json"),
    ];
    for (nth, name) in names.iter().enumerate() {
        let path = dir.join("objects").join(name);
        let away = dir.join(format!("away-{nth}"));
        fs::rename(&path, &away).expect("moved");
        match nth {
            1 => pipe(&path),
            _ => symlink(&away, &path).expect("a link"),
        }
    }
    let found = looked(&dir);
    for name in &names {
        let named = found.findings.iter().any(|f| f.message.contains(name));
        assert!(named, "{name}: {:#?}", found.findings);
    }
    assert!(!found.proved.is_empty(), "the rest is proved");
}

#[test]
fn what_a_kill_leaves_is_told_and_is_no_finding() {
    let (_folder, dir) = copy();
    let date = settlement::calendar::next_banking_day(stage().date);
    for folder in [
        format!("objects/deliveries/date={date}"),
        format!("objects/outbound/odfi=07640125/date={date}/window=sd1"),
    ] {
        fs::create_dir_all(dir.join(folder)).expect("made");
    }
    let left = format!("objects/outbound/odfi=07640125/date={date}/window=sd1/A.ach");
    fs::write(dir.join(&left), "left").expect("written");
    let found = looked(&dir);
    assert!(found.ok(), "{:#?}", found.findings);
    assert_eq!(found.unnamed.len(), 2, "{:?}", found.unnamed);
}

#[test]
fn a_drop_box_of_another_installation_is_known_by_what_it_remembers() {
    let (folder, dir) = copy();
    let other = folder.path().join("other");
    let mut world = World::new(FaultPlan::standard(3));
    let date = jiff::civil::date(2026, 11, 24);
    {
        let desk = desk(&other);
        block(world.morning(&other, &desk, date, 9));
        block(jobs::day::run(&desk, date)).expect("an ordinary day");
    }
    fs::remove_dir_all(dir.join("bank")).expect("removed");
    tree::copy(&other.join("bank"), &dir.join("bank"));
    let found = looked(&dir);
    let named = |f: &check::Finding| f.message.contains("another installation");
    assert!(found.findings.iter().any(named), "{:#?}", found.findings);
}

#[test]
fn nothing_in_the_store_makes_anybody_wait() {
    for name in [
        "0.jnl",
        "installation.json",
        "lock",
        "version",
        "keyspaces/1/current",
        "x",
    ] {
        let (folder, dir) = copy();
        let path = dir.join("store").join(name);
        let _ = fs::remove_file(&path);
        pipe(&path);
        let config = configuration(&dir);
        let config = config.to_str().expect("a path");
        for command in [&["check"][..], &["day", "--date", "2026-11-30"]] {
            let answer = run(folder.path(), &[&["--config", config], command].concat());
            assert!(answer.status != 0, "{name}: {}", answer.err);
            assert!(answer.err.contains(name), "{name}: {}", answer.err);
        }
    }
}

#[test]
fn nothing_is_written_through_a_link_in_the_drop_box() {
    for name in ["to-bank", "from-bank", "receipts", "to-bank/.unfinished"] {
        let (folder, dir) = copy();
        let elsewhere = folder.path().join("elsewhere");
        fs::create_dir_all(elsewhere.join(".unfinished")).expect("made");
        fs::write(elsewhere.join("theirs"), "theirs").expect("written");
        fs::write(elsewhere.join(".unfinished/theirs"), "theirs").expect("written");
        let path = dir.join("bank").join(name);
        fs::remove_dir_all(&path).expect("removed");
        symlink(&elsewhere, &path).expect("a link");
        let config = configuration(&dir);
        let config = config.to_str().expect("a path");
        let args = ["--config", config, "day", "--date", "2026-11-30"];
        let answer = run(folder.path(), &args);
        answer.expect(2, &[name, "a link"]);
        let left = tree::bytes(&elsewhere, &["."]);
        assert_eq!(left.len(), 2, "{name}: {left:?}");
    }
}
