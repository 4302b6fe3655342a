//! Retrieved folders that somebody made to hurt whoever verifies them: each is refused by the name
//! of what is wrong, at once and in little memory.

use super::DATE;
use super::proof::{manifest, package, retrieved};
use crate::child::{Answer, bounded, command};
use crate::tree;
use settlement::archive::{Link, Manifest};
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Puts something in the place of a file.
type Put<'a> = &'a dyn Fn(&Path);

/// A terabyte, which no disk here has.
const TERABYTE: u64 = 1 << 40;

/// Verifies a folder, within its time and memory.
fn verified(day: &Path) -> Answer {
    let place = day.display().to_string();
    let command = command(day.parent().expect("a folder"), &["verify", &place]);
    bounded(command, &place)
}

/// Does something to a copy of a retrieved day, and expects it to be refused with these words.
struct Trial {
    _dir: TempDir,
    whole: PathBuf,
    at: PathBuf,
}

impl Trial {
    fn new() -> Trial {
        let (dir, whole) = retrieved();
        let at = dir.path().join("hostile");
        Trial {
            _dir: dir,
            whole,
            at,
        }
    }

    fn refused(&self, what: &str, hurt: impl FnOnce(&Path), words: &[&str]) {
        if self.at.exists() {
            fs::remove_dir_all(&self.at).expect("removed");
        }
        tree::copy(&self.whole, &self.at);
        hurt(&self.at);
        let answer = verified(&self.at);
        assert_eq!(answer.status, 1, "{what}: {answer:?}");
        answer.expect(1, words);
        assert!(!answer.text().contains("as it was sealed"), "{what}");
    }
}

/// Puts a changed manifest there, and a link that agrees with it.
fn reseal(day: &Path, change: impl FnOnce(&mut Manifest)) {
    let mut manifest = manifest(day);
    change(&mut manifest);
    let text = serde_json::to_vec(&manifest).expect("a text");
    let link = Link::to(manifest.date, &text);
    fs::write(day.join("manifest.json"), &text).expect("written");
    let link = serde_json::to_vec(&link).expect("a text");
    fs::write(day.join("chain.json"), link).expect("written");
}

fn first_member(day: &Path) -> PathBuf {
    day.join("day").join(&manifest(day).members[0].name)
}

/// The files of a folder that `verify` opens, each with its name.
fn opened(day: &Path) -> [(&'static str, PathBuf); 4] {
    [
        ("manifest.json", day.join("manifest.json")),
        ("chain.json", day.join("chain.json")),
        ("tieout-", package(day)),
        ("day/", first_member(day)),
    ]
}

#[test]
fn what_is_no_file_is_refused_at_once() {
    let trial = Trial::new();
    let pipe = |path: &Path| {
        let made = Command::new("mkfifo").arg(path).status().expect("mkfifo");
        assert!(made.success());
    };
    let endless = |path: &Path| symlink("/dev/zero", path).expect("a link");
    let elsewhere = |path: &Path| symlink(path.with_extension("moved"), path).expect("a link");
    let folder = |path: &Path| fs::create_dir(path).expect("a folder");
    let puts: [(&str, Put<'_>); 4] = [
        ("a pipe", &pipe),
        ("a link", &endless),
        ("a link", &elsewhere),
        ("a folder", &folder),
    ];
    for nth in 0..4 {
        for (what, put) in puts {
            let (name, _) = opened(&trial.whole)[nth];
            let hurt = |day: &Path| {
                let (_, path) = &opened(day)[nth];
                fs::rename(path, path.with_extension("moved")).expect("moved");
                put(path);
                if name == "day/" {
                    fs::remove_file(path.with_extension("moved")).expect("removed");
                }
            };
            trial.refused(what, hurt, &[what, name]);
        }
    }
}

#[test]
fn what_is_too_large_is_not_read() {
    let trial = Trial::new();
    let grow = |path: &Path| {
        fs::remove_file(path).expect("removed");
        File::create(path)
            .and_then(|file| file.set_len(TERABYTE))
            .expect("sparse");
    };
    trial.refused(
        "a manifest",
        |day| grow(&day.join("manifest.json")),
        &["at most"],
    );
    trial.refused("a link", |day| grow(&day.join("chain.json")), &["at most"]);
    trial.refused(
        "a package",
        |day| grow(&package(day)),
        &["bytes were added"],
    );
    trial.refused(
        "a member",
        |day| grow(&first_member(day)),
        &["not as it was sealed"],
    );
    let huge = |day: &Path| reseal(day, |manifest| manifest.package.size = TERABYTE);
    trial.refused("a terabyte", huge, &["too many"]);
    let both = |day: &Path| {
        huge(day);
        grow(&package(day));
    };
    trial.refused("a terabyte of both", both, &["too many"]);
}

#[test]
fn a_manifest_that_leads_out_or_contradicts_itself_is_none() {
    let trial = Trial::new();
    for name in [
        "/etc/passwd",
        "../out",
        "a/../../out",
        "a//b",
        "./a",
        "",
        "x/.",
    ] {
        let lead = |day: &Path| reseal(day, |m| m.members[0].name = name.to_owned());
        trial.refused(name, lead, &["member 1", "inside of a folder"]);
    }
    let twice = |m: &mut Manifest| m.members[1].name = m.members[0].name.clone();
    trial.refused("twice", |day| reseal(day, twice), &["used twice"]);
    let over = |m: &mut Manifest| m.members[1].offset = m.members[0].offset;
    trial.refused("overlapping", |day| reseal(day, over), &["overlaps"]);
    let folder = |m: &mut Manifest| m.members[1].name = format!("{}/x", m.members[0].name);
    trial.refused(
        "a file and a folder",
        |day| reseal(day, folder),
        &["a folder of one"],
    );
    let past = |m: &mut Manifest| m.members[1].size = u64::MAX;
    trial.refused(
        "past the end",
        |day| reseal(day, past),
        &["past the package"],
    );
}

#[test]
fn more_members_than_any_day_has_are_too_many() {
    let trial = Trial::new();
    let many = |count: usize| {
        move |day: &Path| {
            reseal(day, |manifest| {
                let mut member = manifest.members[0].clone();
                (member.size, member.rows, member.cents) = (0, None, None);
                manifest.members = (0..count)
                    .map(|nth| {
                        member.name = nth.to_string();
                        member.clone()
                    })
                    .collect();
            });
        }
    };
    trial.refused("many", many(100_000), &["too many"]);
    trial.refused("too many to be read", many(300_000), &["at most"]);
}

#[test]
fn nothing_is_looked_into_that_no_member_is_in() {
    let trial = Trial::new();
    let link = |day: &Path| symlink("/", day.join("day/elsewhere")).expect("a link");
    trial.refused("a link to everything", link, &["elsewhere", "no member"]);
    let instead = |day: &Path| {
        let folder = first_member(day);
        let folder = folder
            .ancestors()
            .find(|p| p.parent() == Some(&day.join("day")));
        let folder = folder.expect("a folder");
        let moved = day.join("moved");
        fs::rename(folder, &moved).expect("moved");
        symlink(moved, folder).expect("a link");
    };
    trial.refused(
        "a link in place of a folder",
        instead,
        &["a link, not a folder"],
    );
    let whole = |day: &Path| {
        fs::rename(day.join("day"), day.join("moved")).expect("moved");
        symlink("moved", day.join("day")).expect("a link");
    };
    trial.refused("a link in place of all", whole, &["a link, not a folder"]);
    let deep = |day: &Path| {
        let nested = "a/".repeat(1_000);
        fs::create_dir_all(day.join("day").join(nested)).expect("deep");
    };
    trial.refused("a deep tree", deep, &["no member"]);
    let wide = |day: &Path| {
        for nth in 0..5_000 {
            fs::write(day.join("day").join(format!("x{nth}")), "x").expect("written");
        }
    };
    trial.refused("many files", wide, &["no member"]);
}

/// The most that a manifest may name is read within the same bounds.
#[test]
fn the_largest_manifest_needs_little_memory() {
    let trial = Trial::new();
    let large = |day: &Path| {
        reseal(day, |manifest| {
            let mut member = manifest.members[0].clone();
            member.size = 0;
            let of = |nth: usize| format!("{nth:0>200}/{nth}");
            manifest.members = (0..40_000)
                .map(|nth| {
                    member.name = of(nth);
                    member.clone()
                })
                .collect();
        });
    };
    trial.refused("the most members", large, &[DATE]);
}
