//! One bit of one object changes, wherever it is: the job that reads it stops and names it, or it
//! is not read and all else comes out as ever; and `check` names it in any case.

use crate::days::stage::{Stage, stage};
use crate::days::world::{self, block, desk};
use crate::tree::{self, bytes, scratch};
use jobs::JOBS;
use jobs::check::{self, Scope};
use std::fs;
use std::path::{Path, PathBuf};

/// Flips in a run of all tests; `a_thousand_flips` makes more.
const FLIPS: u64 = 40;

/// What a job can write, but for the object that was changed.
const PRODUCTS: &[&str] = &["objects", "archive", "bank"];

/// A number below `limit`, drawn from the flip and what it is for.
fn draw(flip: u64, what: &str, limit: usize) -> usize {
    let hash = settlement::archive::sha256(format!("flip {flip} {what}").as_bytes());
    let eight = hash.as_bytes().first_chunk::<8>().expect("32 bytes");
    usize::try_from(u64::from_be_bytes(*eight) % limit as u64).expect("below")
}

/// Changes one bit below `root`, and answers where.
fn flip(root: &Path, nth: u64) -> PathBuf {
    let mut files = Vec::new();
    tree::walk(root, &mut |path, is_dir| {
        let full = fs::metadata(path).is_ok_and(|meta| meta.len() > 0);
        if !is_dir && full {
            files.push(path.to_path_buf());
        }
    });
    let path = files.swap_remove(draw(nth, "file", files.len()));
    let mut body = fs::read(&path).expect("an object");
    let at = draw(nth, "bit", body.len() * 8);
    body[at / 8] ^= 1 << (at % 8);
    fs::write(&path, body).expect("writable");
    path
}

/// What a day's job makes of an installation in which one bit is another.
fn one_flip(stage: &Stage, nth: u64) {
    let job = JOBS[draw(nth, "job", JOBS.len())].name;
    let dir = scratch();
    let copy = dir.path().join("copy");
    tree::copy(&stage.before(job), &copy);
    let changed = flip(&copy.join("objects"), nth);
    let name = changed.strip_prefix(copy.join("objects")).expect("below");
    let name = name.display().to_string();
    let told = format!("flip {nth}: {name} before {job}");
    let desk = desk(&copy);
    match block(world::job(&desk, stage.date, job)) {
        Err(failure) => {
            assert!(failure.message.contains(&name), "{told}: {failure}");
            assert!(!failure.remedy.is_empty(), "{told}: {failure}");
        }
        Ok(()) => same_but_for(&told, &changed, stage, job, &copy),
    }
    let found = block(check::run(&desk, Scope::All, None)).expect("a check");
    let mut messages = found.findings.iter().map(|finding| &finding.message);
    assert!(
        messages.any(|m| m.contains(&name)),
        "{told}: {:#?}",
        found.findings
    );
}

fn same_but_for(told: &str, changed: &Path, stage: &Stage, job: &str, copy: &Path) {
    let mut expected = bytes(&stage.after(job), PRODUCTS);
    let mut found = bytes(copy, PRODUCTS);
    let changed = changed.strip_prefix(copy).expect("below");
    let changed = changed.display().to_string();
    expected.remove(&changed);
    found.remove(&changed);
    tree::assert_same(told, &expected, &found);
}

#[test]
fn no_flipped_bit_is_believed() {
    let stage = stage();
    (0..FLIPS).for_each(|nth| one_flip(&stage, nth));
}

#[test]
#[ignore = "some minutes; the same with other bits"]
fn a_thousand_flips() {
    let stage = stage();
    (FLIPS..FLIPS + 1_000).for_each(|nth| one_flip(&stage, nth));
}

#[test]
fn an_installation_that_nothing_happened_to_is_proved_whole() {
    let stage = stage();
    for job in JOBS {
        let dir = scratch();
        let copy = dir.path().join("copy");
        tree::copy(&stage.after(job.name), &copy);
        let before = bytes(&copy, PRODUCTS);
        let found = block(check::run(&desk(&copy), Scope::All, None)).expect("a check");
        assert!(found.ok(), "after {}: {:#?}", job.name, found.findings);
        assert!(found.unnamed.is_empty(), "{:?}", found.unnamed);
        tree::assert_same("a check writes nothing", &before, &bytes(&copy, PRODUCTS));
    }
}

#[test]
fn an_object_that_is_gone_is_named() {
    let stage = stage();
    let after = stage.after("archive");
    let mut names = Vec::new();
    tree::walk(&after.join("objects"), &mut |path, is_dir| {
        if !is_dir {
            names.push(path.strip_prefix(&after).expect("below").to_path_buf());
        }
    });
    for (nth, name) in names.iter().enumerate().filter(|(nth, _)| nth % 7 == 0) {
        let dir = scratch();
        let copy = dir.path().join("copy");
        tree::copy(&after, &copy);
        fs::remove_file(copy.join(name)).expect("removed");
        let desk = desk(&copy);
        let found = block(check::run(&desk, Scope::All, None)).expect("a check");
        let name = name
            .strip_prefix("objects")
            .expect("below")
            .display()
            .to_string();
        let mut messages = found.findings.iter().map(|finding| &finding.message);
        assert!(
            messages.any(|m| m.contains(&name)),
            "{nth}: {name}: {:#?}",
            found.findings
        );
    }
}

#[test]
fn a_foreign_object_is_named_and_one_that_a_kill_left_is_not_an_error() {
    let (stage, dir) = (stage(), scratch());
    let copy = dir.path().join("copy");
    tree::copy(&stage.after("archive"), &copy);
    fs::write(copy.join("objects/notes.txt"), "mine").expect("written");
    // What a kill leaves has the bytes that its name says: it gets its name last.
    let hash = settlement::archive::sha256(b"left").to_string();
    let left = format!(
        "journal/ledger_date=2026-11-27/post-{}.parquet",
        &hash[..16]
    );
    fs::write(copy.join("objects").join(&left), "left").expect("written");
    let found = block(check::run(&desk(&copy), Scope::All, None)).expect("a check");
    let messages: Vec<_> = found
        .findings
        .iter()
        .map(|finding| &finding.message)
        .collect();
    assert!(
        messages.len() == 1 && messages[0].contains("notes.txt"),
        "{messages:?}"
    );
    assert_eq!(found.unnamed, [left]);
}

#[test]
fn an_installation_that_was_put_back_is_known_by_a_hash_kept_elsewhere() {
    let (stage, dir) = (stage(), scratch());
    let [old, new] = ["old", "new"].map(|name| dir.path().join(name));
    tree::copy(&stage.before("archive"), &old);
    tree::copy(&stage.after("archive"), &new);
    let text = fs::read(new.join(format!("objects/archive/date={}/manifest.json", stage.date)));
    let known = Some(settlement::archive::sha256(&text.expect("a manifest")));
    let proved = block(check::run(&desk(&new), Scope::All, known)).expect("a check");
    assert!(proved.ok() && proved.known.is_some_and(|known| known.date == stage.date));
    let unknown = block(check::run(&desk(&old), Scope::All, None)).expect("a check");
    assert!(
        unknown.ok(),
        "it agrees with itself: {:?}",
        unknown.findings
    );
    let found = block(check::run(&desk(&old), Scope::All, known)).expect("a check");
    assert!(
        !found.ok() && found.known.is_none(),
        "put back from before that day"
    );
    // Objects of one moment and a store of another are no installation either.
    fs::remove_dir_all(new.join("store")).expect("removed");
    tree::copy(&stage.before("cut").join("store"), &new.join("store"));
    let found = block(check::run(&desk(&new), Scope::All, known)).expect("a check");
    let messages: Vec<_> = found
        .findings
        .iter()
        .map(|finding| &finding.message)
        .collect();
    assert!(messages.iter().any(|m| m.contains("store")), "{messages:?}");
}
