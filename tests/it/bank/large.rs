//! Something enormous, or something that is no file, in the place of anything that an installation
//! holds: each command that comes upon it names it, in time and in little memory.

use crate::child::{Answer, bounded, command, configuration, pipe};
use crate::days::stage::stage;
use crate::tree::{self, scratch};
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const DATE: &str = "2026-11-27";

/// More than may be in memory, and less than a disk has.
const LARGE: u64 = 900 << 20;

struct Copied {
    _dir: TempDir,
    at: PathBuf,
}

impl Copied {
    fn of(whole: &Path) -> Copied {
        let dir = scratch();
        let at = dir.path().join("copy");
        tree::copy(whole, &at);
        configuration(&at);
        Copied { _dir: dir, at }
    }

    /// The last file of the installation whose path begins so and ends so: a day's newest.
    fn last(&self, begins: &str, ends: &str) -> PathBuf {
        let mut found = Vec::new();
        tree::walk(&self.at, &mut |path, is_dir| {
            let name = path
                .strip_prefix(&self.at)
                .expect("below")
                .to_string_lossy();
            if !is_dir && name.starts_with(begins) && name.ends_with(ends) {
                found.push(path.to_path_buf());
            }
        });
        found.pop().unwrap_or_else(|| panic!("{begins}...{ends}"))
    }

    fn run(&self, call: &str) -> Answer {
        let args: Vec<&str> = call.split(' ').collect();
        bounded(command(&self.at, &args), call)
    }
}

/// The staged day, sealed.
fn whole() -> Copied {
    let stage = stage();
    Copied::of(&stage.after("archive"))
}

/// A file that something else stands in the place of for a while.
struct Away {
    path: PathBuf,
    away: PathBuf,
}

impl Away {
    fn from(path: &Path) -> Away {
        let mut above = path
            .ancestors()
            .filter(|at| at.join("tieout.toml").exists());
        let away = above.next().expect("the installation").join("away");
        fs::rename(path, &away).expect("moved");
        let path = path.to_path_buf();
        Away { path, away }
    }

    fn back(self) {
        if self.path.exists() {
            fs::remove_file(&self.path).expect("removed");
        }
        fs::rename(&self.away, &self.path).expect("moved back");
    }
}

fn enlarge(path: &Path) {
    let file = File::create(path).expect("made");
    file.set_len(LARGE).expect("sparse");
}

/// What a day leaves in its installation, a file of each kind.
const KINDS: &[(&str, &str)] = &[
    ("objects/installation", ".json"),
    ("objects/cuts/", ".json"),
    ("objects/deliveries/", ".json"),
    ("objects/ingested/", ".json"),
    ("objects/registry/", ".json"),
    ("objects/posted/", ".json"),
    ("objects/reconciled/", ".json"),
    ("objects/saved/", ".json"),
    ("objects/runs/", ".json"),
    ("objects/archive/date=", "manifest.json"),
    ("objects/archive/head", ".json"),
    ("objects/ach_entries/", ".parquet"),
    ("objects/journal/", ".parquet"),
    ("objects/payment_events/", ".parquet"),
    ("objects/outbound/", ".ach"),
    ("objects/inbound/", ""),
    ("archive/", ".tar"),
    ("archive/", ".seal"),
    ("archive/installation", ".json"),
    ("store/installation", ".json"),
    ("vault/installation", ".json"),
    ("vault/keys", ".json"),
];

#[test]
fn a_check_names_whatever_is_too_large_to_be_what_it_stands_for() {
    let copy = whole();
    for (begins, ends) in KINDS {
        let path = copy.last(begins, ends);
        let away = Away::from(&path);
        enlarge(&path);
        let name = path.file_name().expect("a name").to_string_lossy();
        let name = name.trim_end_matches(".seal");
        let answer = copy.run("check");
        assert!(matches!(answer.status, 1 | 2), "{begins}{ends}: {answer:?}");
        answer.expect(answer.status, &[name]);
        if path.starts_with(copy.at.join("archive")) || begins.ends_with("date=") {
            let status = answer.status;
            copy.run(&format!("verify --date {DATE}"))
                .expect(status, &[name]);
            copy.run(&format!("retrieve --date {DATE} --to back"))
                .expect(status, &[name]);
        }
        away.back();
    }
    copy.run("check").expect(0, &[]);
}

#[test]
fn a_job_stops_at_what_is_too_large_to_be_what_it_starts_from() {
    let stage = stage();
    for (job, begins, ends) in [
        (
            "deliver",
            "objects/outbound/odfi=07640125/date=2026-11-27",
            ".ach",
        ),
        ("deliver", "objects/cuts/", ".json"),
        ("deliver", "objects/members/", ".csv"),
        ("reconcile", "objects/members/", ".csv"),
        ("savings", "objects/ach_entries/", ".parquet"),
        ("post", "objects/ingested/received=2026-11-27", ".json"),
        ("post", "objects/posted/", ".json"),
        (
            "reconcile",
            "objects/journal/ledger_date=2026-11-27",
            ".parquet",
        ),
        ("reconcile", "objects/reconciled/", ".json"),
        ("savings", "objects/posted/2026-11-27", ".json"),
        ("archive", "objects/inbound/received=2026-11-27", ""),
        (
            "archive",
            "objects/outbound/odfi=07640125/date=2026-11-27",
            ".ach",
        ),
        ("archive", "objects/matches/", ".parquet"),
        ("cut", "objects/cuts/", ".json"),
    ] {
        let copy = Copied::of(&stage.before(if job == "cut" { "deliver" } else { job }));
        let path = copy.last(begins, ends);
        fs::remove_file(&path).expect("removed");
        enlarge(&path);
        let name = path.file_name().expect("a name").to_string_lossy();
        copy.run(&format!("{job} --date {DATE}"))
            .expect(1, &[&name]);
    }
}

type Put = fn(&Path);

/// What may stand in the place of a file, and how it is called.
const STRANGERS: &[(&str, Put)] = &[
    ("a folder", |path| fs::create_dir(path).expect("put")),
    ("a pipe", pipe),
    ("a link", |path| symlink("/dev/zero", path).expect("put")),
];

#[test]
fn what_is_no_file_is_said_in_words_wherever_it_stands() {
    let copy = whole();
    for (nth, (begins, ends)) in KINDS.iter().enumerate() {
        let path = copy.last(begins, ends);
        let name = path.file_name().expect("a name").to_string_lossy();
        let name = name.trim_end_matches(".seal");
        let away = Away::from(&path);
        // Each kind meets two of them, and each of them seven kinds or more.
        let others = STRANGERS.iter().cycle().skip(nth);
        for (what, put) in others.take(2) {
            put(&path);
            let call = match *begins == "archive/" {
                true => format!("verify --date {DATE}"),
                false => "check".to_owned(),
            };
            let answer = copy.run(&call);
            let all = format!("{}{}", answer.text(), answer.err);
            let told = matches!(answer.status, 1 | 2) && !all.contains("os error");
            assert!(told, "{begins}{ends}, {what}: {all}");
            answer.expect(answer.status, &[name, what]);
            match path.is_dir() {
                true => fs::remove_dir(&path).expect("removed"),
                false => fs::remove_file(&path).expect("removed"),
            }
        }
        away.back();
    }
}

#[test]
fn what_stands_in_the_place_of_a_folder_is_said_in_words() {
    let stage = stage();
    let whole = stage.before("ingest");
    for folder in [
        "bank/from-bank",
        "bank/to-bank",
        "bank/receipts",
        "objects/.unfinished",
        "archive/.unfinished",
        "archive",
        "objects",
        "store",
        "vault",
    ] {
        for (what, put) in [("a file", (|path| fs::write(path, "").expect("put")) as Put)]
            .iter()
            .chain(&STRANGERS[1..2])
        {
            let copy = Copied::of(&whole);
            let path = copy.at.join(folder);
            let _ = fs::remove_dir_all(&path);
            put(&path);
            let answer = copy.run(&format!("ingest --date {DATE}"));
            answer.expect(2, &[folder, what, "must be", "move"]);
            assert!(!answer.err.contains("os error"), "{answer:?}");
        }
    }
    for inside in [
        "objects/.unfinished/x",
        "archive/.unfinished/x",
        "store/version",
    ] {
        let copy = Copied::of(&whole);
        let path = copy.at.join(inside);
        if path.is_file() {
            fs::remove_file(&path).expect("removed");
        }
        fs::create_dir_all(path).expect("put");
        let answer = copy.run(&format!("ingest --date {DATE}"));
        assert!(matches!(answer.status, 1 | 2), "{answer:?}");
        answer.expect(answer.status, &[inside, "a folder"]);
        assert!(!answer.err.contains("os error"), "{answer:?}");
    }
}
