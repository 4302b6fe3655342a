//! What is sealed stays proved: a lost manifest is made again as it was, no day is sealed over a
//! hole or on top of a day that was changed since, and a record that somebody edited does not pass
//! for the one that was written, whatever its checksum says.

use crate::days::stage::{Stage, stage};
use crate::days::world::{self, block, desk};
use crate::tree::{self, assert_same, bytes, scratch};
use desk::failure::Failure;
use desk::records::checksum;
use jiff::civil::Date;
use jobs::check::{self, Finding, Scope};
use settlement::calendar::{next_banking_day, previous_banking_day};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// What somebody makes of a record's text.
type Edit<'a> = &'a dyn Fn(&str) -> String;

/// A copy of the stage.
struct Copy {
    _folder: TempDir,
    dir: PathBuf,
}

fn copy(of: &Path) -> Copy {
    let _folder = scratch();
    let dir = _folder.path().join("copy");
    tree::copy(of, &dir);
    Copy { _folder, dir }
}

impl Copy {
    fn manifest(&self, date: Date) -> PathBuf {
        let name = format!("objects/archive/date={date}/manifest.json");
        self.dir.join(name)
    }

    fn archive(&self, date: Date) -> Result<(), Failure> {
        block(world::job(&desk(&self.dir), date, "archive"))
    }

    fn check(&self) -> Vec<Finding> {
        let desk = desk(&self.dir);
        block(check::run(&desk, Scope::All, None))
            .expect("a check")
            .findings
    }

    /// Fails unless a job of `date` stops at `name` and seals nothing.
    #[track_caller]
    fn refused(&self, date: Date, name: &str) -> Failure {
        let failure = self.archive(date).expect_err(name);
        assert!(failure.message.contains(name), "{name}: {failure}");
        assert!(!failure.remedy.is_empty(), "{name}: {failure}");
        assert!(!self.manifest(date).exists(), "{name}: sealed all the same");
        failure
    }
}

fn objects_of(dir: &Path, holding: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    tree::walk(&dir.join("objects"), &mut |path, is_dir| {
        let name = path.display().to_string();
        if !is_dir && holding.iter().all(|part| name.contains(part)) {
            found.push(path.to_path_buf());
        }
    });
    assert!(!found.is_empty(), "{holding:?}");
    found
}

fn below(dir: &Path, path: &Path) -> String {
    let name = path.strip_prefix(dir.join("objects")).expect("below");
    name.display().to_string()
}

/// Changes the text of a record and gives it a checksum that fits.
fn edit(path: &Path, change: Edit<'_>) {
    let text = fs::read_to_string(path).expect("a record");
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let plain = [&lines[..2], &lines[3..]].concat().concat();
    let changed = change(&plain);
    assert_ne!(plain, changed, "{}", path.display());
    fs::write(path, checksum::insert(changed.as_bytes())).expect("written");
}

#[test]
fn a_lost_manifest_is_made_again_as_it_was_and_is_all_that_is_blamed() {
    let stage = stage();
    let whole = stage.after("archive");
    let before = previous_banking_day(stage.date);
    for lost in [vec![stage.date], vec![before], vec![before, stage.date]] {
        let copy = copy(&whole);
        for date in &lost {
            fs::remove_file(copy.manifest(*date)).expect("lost");
        }
        let newest = *lost.last().expect("a date");
        let found = copy.check();
        assert_eq!(found.len(), lost.len(), "{found:#?}");
        for date in &lost {
            let name = format!("archive/date={date}/manifest.json");
            assert!(
                found.iter().any(|f| f.message.contains(&name)),
                "{found:#?}"
            );
        }
        let next = next_banking_day(stage.date);
        let name = format!("archive/date={newest}/manifest.json");
        let failure = block(jobs::day::run(&desk(&copy.dir), next)).map(drop);
        let failure = failure.expect_err("a hole");
        assert!(failure.message.contains(&name), "{failure}");
        let advice = format!("tieout archive --date {newest}");
        assert!(failure.remedy.contains(&advice), "{failure}");
        assert!(!copy.manifest(next).exists(), "sealed over the hole");
        copy.archive(newest).expect("made again");
        let sealed = &["objects/archive", "archive"];
        assert_same(
            "as it was",
            &bytes(&whole, sealed),
            &bytes(&copy.dir, sealed),
        );
        block(jobs::day::run(&desk(&copy.dir), next)).expect("goes on");
        assert_eq!(copy.check(), []);
    }
}

#[test]
fn a_lost_or_changed_package_is_packed_again_as_it_was() {
    let stage = stage();
    let whole = stage.after("archive");
    let before = previous_banking_day(stage.date);
    let package = format!("archive/tieout-{before}.tar");
    let lost = [
        vec![package.clone()],
        vec![format!("{package}.seal"), package.clone()],
        vec![format!("objects/archive/date={before}/archived.json")],
    ];
    for lost in lost {
        let copy = copy(&whole);
        for name in &lost {
            fs::remove_file(copy.dir.join(name)).expect("lost");
        }
        let found = copy.check();
        assert_eq!(found.len(), 1, "{found:#?}");
        let advice = format!("tieout archive --date {before}");
        assert!(found[0].what_to_do.contains(&advice), "{found:#?}");
        copy.archive(before).expect("packed again");
        let sealed = &["objects/archive", "archive"];
        assert_same(
            "as it was",
            &bytes(&whole, sealed),
            &bytes(&copy.dir, sealed),
        );
        assert_eq!(copy.check(), []);
    }
}

#[test]
fn a_manifest_that_cannot_be_made_again_is_named_and_nothing_else_is_stored_for_it() {
    let stage = stage();
    let copy = copy(&stage.after("archive"));
    fs::remove_file(copy.manifest(stage.date)).expect("lost");
    let run = format!("runs/date={}/savings.json", stage.date);
    edit(&copy.dir.join("objects").join(run), &|text| {
        text.replacen("\"findings\": 0", "\"findings\": 7", 1)
    });
    let before = bytes(&copy.dir, &["objects/archive", "archive"]);
    let name = format!("archive/date={}/manifest.json", stage.date);
    let failure = copy.refused(stage.date, &name);
    assert!(failure.remedy.contains("backup"), "{failure}");
    let after = bytes(&copy.dir, &["objects/archive", "archive"]);
    assert_same("nothing was stored", &before, &after);
}

#[test]
fn a_manifest_or_a_head_that_was_changed_is_named_with_advice_that_works() {
    let stage = stage();
    let copy = copy(&stage.after("archive"));
    for name in [
        copy.manifest(stage.date),
        copy.dir.join("objects/archive/head.json"),
    ] {
        let whole = fs::read(&name).expect("readable");
        fs::write(&name, [&whole[..], b" "].concat()).expect("changed");
        let object = below(&copy.dir, &name);
        let found = copy.check();
        let blamed = |f: &&Finding| !f.message.contains(&object);
        assert_eq!(found.iter().find(blamed), None, "{object}");
        let failure = copy.archive(stage.date).expect_err("changed");
        assert!(failure.message.contains(&object), "{failure}");
        assert!(failure.remedy.contains("move"), "{failure}");
        fs::remove_file(&name).expect("moved away");
        copy.archive(stage.date).expect("made again");
        assert_eq!(fs::read(&name).expect("readable"), whole);
    }
}

/// What the day before the staged one has, one of each kind that the chain of days does not name
/// for the jobs of the next.
fn of_the_day_before(stage: &Stage, dir: &Path) -> Vec<PathBuf> {
    let before = previous_banking_day(stage.date).to_string();
    let mut all = Vec::new();
    for kind in ["/deliveries/", "/ingested/", "/runs/", "/archived.json"] {
        all.extend(objects_of(dir, &[kind, &before]).into_iter().take(2));
    }
    let mut registered = objects_of(dir, &["/registry/"]);
    registered.retain(|path| fs::read_to_string(path).expect("text").contains(&before));
    assert!(registered.len() > 1, "files came");
    all.extend(registered.into_iter().take(2));
    all
}

#[test]
fn no_day_is_sealed_on_top_of_one_that_was_changed_since() {
    let stage = stage();
    let ready = stage.before("archive");
    for path in of_the_day_before(&stage, &ready) {
        let name = below(&ready, &path);
        let copy = copy(&ready);
        let path = copy.dir.join("objects").join(&name);
        let whole = fs::read(&path).expect("an object");
        let mut flipped = whole.clone();
        flipped[whole.len() / 2] ^= 4;
        fs::write(&path, flipped).expect("changed");
        copy.refused(stage.date, &name);
        fs::remove_file(&path).expect("lost");
        copy.refused(stage.date, &name);
        fs::write(&path, whole).expect("put back");
        copy.archive(stage.date).expect("sealed");
    }
    let package = format!("tieout-{}.tar", previous_banking_day(stage.date));
    let copy = copy(&ready);
    let path = copy.dir.join("archive").join(&package);
    let mut body = fs::read(&path).expect("a package");
    let middle = body.len() / 2;
    body[middle] ^= 1;
    fs::remove_file(&path).expect("read-only");
    copy.refused(stage.date, &package);
    fs::write(&path, body).expect("changed");
    copy.refused(stage.date, &package);
}

#[test]
fn an_edited_record_does_not_pass_for_the_one_that_was_written() {
    let stage = stage();
    let whole = stage.after("archive");
    let before = previous_banking_day(stage.date).to_string();
    let mut registered = objects_of(&whole, &["/registry/"]);
    registered.retain(|path| fs::read_to_string(path).expect("text").contains(&before));
    let registered = below(&whole, &registered[0]);
    let archived = format!("archive/date={}/archived.json", stage.date);
    let edits: [(&str, Edit<'_>); 6] = [
        (&registered, &|text| {
            text.replace("\"size\": ", "\"size\": 1")
        }),
        (&registered, &|text| {
            text.replace("\"name\": \"", "\"name\": \"x")
        }),
        (&registered, &|text| text.replace(&before, "2026-11-24")),
        (&registered, &|text| {
            text.replace("\"size\": ", "\"size\":  ")
        }),
        (&archived, &|text| {
            text.replace("\"members\": ", "\"members\": 1")
        }),
        (&archived, &|text| format!("{text}\n")),
    ];
    for (nth, (name, change)) in edits.into_iter().enumerate() {
        let copy = copy(&whole);
        edit(&copy.dir.join("objects").join(name), change);
        let found = copy.check();
        let named = |f: &Finding| f.message.contains(name);
        assert!(found.iter().any(named), "{nth}, {name}: {found:#?}");
    }
    let copy = copy(&whole);
    let path = copy.dir.join("objects").join(&archived);
    let text = fs::read_to_string(&path).expect("a record");
    fs::write(&path, text.replace("\"id\": ", "\"id\":  ")).expect("changed");
    assert!(copy.check().iter().any(|f| f.message.contains(&archived)));
}
