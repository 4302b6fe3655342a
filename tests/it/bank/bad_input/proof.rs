//! An archived day that somebody changed: `verify` says where, and `retrieve` overwrites nothing.

use super::{DATE, installation};
use crate::child::run;
use crate::days::stage::stage;
use crate::tree::{self, scratch};
use desk::failure::Status;
use settlement::archive::Manifest;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The staged day as `retrieve` brings it back.
pub(super) fn retrieved() -> (TempDir, PathBuf) {
    let (dir, at) = installation(&stage().after("archive"));
    let to = dir.path().join("day");
    let place = to.display().to_string();
    let answer = run(&at, &["retrieve", "--date", DATE, "--to", &place]);
    answer.expect(0, &["is as it was sealed", "the one the chain names"]);
    (dir, to)
}

pub(super) fn package(day: &Path) -> PathBuf {
    day.join(format!("tieout-{DATE}.tar"))
}

fn writable(path: &Path) {
    // Whoever tampers with a file has made it writable first.
    let body = fs::read(path).expect("there");
    fs::remove_file(path).expect("removed");
    fs::write(path, body).expect("written");
}

pub(super) fn manifest(day: &Path) -> Manifest {
    let text = fs::read(day.join("manifest.json")).expect("there");
    serde_json::from_slice(&text).expect("a manifest")
}

#[test]
fn one_flipped_byte_is_found_with_its_range_and_member() {
    let (_dir, day) = retrieved();
    let (tar, manifest) = (package(&day), manifest(&day));
    writable(&tar);
    let whole = fs::read(&tar).expect("there");
    for part in 0..40 {
        let at = (whole.len() - 1) * part / 39;
        let mut body = whole.clone();
        body[at] ^= 0x20;
        fs::write(&tar, body).expect("written");
        let failure = jobs::verify::folder(&day, None).expect_err("tampered with");
        assert_eq!(failure.status, Status::Findings);
        let (first, last) = range_of(&failure.message);
        assert!((first..=last).contains(&at), "byte {at}: {failure}");
        let inside = |m: &&settlement::archive::Member| m.range().contains(&(at as u64));
        let place = manifest
            .members
            .iter()
            .find(inside)
            .map(|m| m.name.as_str());
        let expected = place.unwrap_or("between members");
        assert!(
            failure.message.contains(expected),
            "byte {at} in {expected}: {failure}"
        );
    }
    let place = day.display().to_string();
    run(&day, &["verify", &place]).expect(1, &["differ from what was sealed", "bytes "]);
    fs::write(&tar, whole).expect("written");
    run(&day, &["verify", &place]).expect(0, &["agrees with its manifest"]);
}

/// The range in `bytes 512 to 1023 differ from ...`.
fn range_of(message: &str) -> (usize, usize) {
    let (_, rest) = message.split_once("bytes ").expect("a range");
    let (first, rest) = rest.split_once(" to ").expect("its end");
    let (last, _) = rest.split_once(' ').expect("what follows");
    (
        first.parse().expect("a place"),
        last.parse().expect("a place"),
    )
}

#[test]
fn a_package_that_was_cut_short_or_grew_is_found() {
    let (_dir, day) = retrieved();
    let tar = package(&day);
    writable(&tar);
    let whole = fs::read(&tar).expect("there");
    let place = day.display().to_string();
    fs::write(&tar, &whole[..whole.len() / 2]).expect("written");
    run(&day, &["verify", &place]).expect(1, &["ends after", "fetch it again"]);
    fs::write(&tar, [&whole[..], b"more"].concat()).expect("written");
    run(&day, &["verify", &place]).expect(1, &[DATE]);
    fs::write(&tar, "").expect("written");
    run(&day, &["verify", &place]).expect(1, &["ends after 0"]);
    fs::remove_file(&tar).expect("removed");
    run(&day, &["verify", &place]).expect(2, &["tieout-2026-11-27.tar", "No such file"]);
}

#[test]
fn a_manifest_that_was_changed_does_not_hold_against_the_chain() {
    let (_dir, day) = retrieved();
    let path = day.join("manifest.json");
    let text = fs::read_to_string(&path).expect("there");
    let place = day.display().to_string();
    let changed = text.replacen(DATE, "2026-11-30", 1);
    assert_ne!(changed, text);
    for (what, body) in [
        ("torn", text[..text.len() / 2].to_owned()),
        ("a blank more", format!("{text} ")),
        ("another date", changed),
        ("empty", String::new()),
    ] {
        fs::write(&path, body).expect("written");
        let answer = run(&day, &["verify", &place]);
        assert_eq!(answer.status, 1, "{what}: {answer:?}");
    }
    fs::write(&path, text).expect("written");
    fs::write(day.join("chain.json"), "{}").expect("written");
    run(&day, &["verify", &place]).expect(1, &["chain.json"]);
}

#[test]
fn retrieve_overwrites_nothing() {
    let (dir, at) = installation(&stage().after("archive"));
    let to = dir.path().join("mine");
    fs::create_dir(&to).expect("made");
    fs::write(to.join("notes.txt"), "mine").expect("written");
    let place = to.display().to_string();
    let answer = run(&at, &["retrieve", "--date", DATE, "--to", &place]);
    answer.expect(2, &["not empty", "name a new folder"]);
    let file = to.join("notes.txt").display().to_string();
    let answer = run(&at, &["retrieve", "--date", DATE, "--to", &file]);
    assert!([2, 3].contains(&answer.status), "{answer:?}");
    answer.expect(answer.status, &["notes.txt"]);
    let mut names = Vec::new();
    tree::walk(&to, &mut |path, _| names.push(path.to_path_buf()));
    assert_eq!(names, [to.join("notes.txt")]);
}

#[test]
fn what_the_archive_lost_is_named() {
    let (_dir, at) = installation(&stage().after("archive"));
    run(&at, &["verify", "--date", DATE]).expect(0, &["as it was sealed"]);
    let tar = package(&at.join("archive"));
    writable(&tar);
    let mut body = fs::read(&tar).expect("there");
    let middle = body.len() / 2;
    body[middle] ^= 1;
    fs::write(&tar, body).expect("written");
    run(&at, &["verify", "--date", DATE]).expect(1, &[DATE]);
    fs::remove_file(&tar).expect("removed");
    let answer = run(&at, &["verify", "--date", DATE]);
    assert!([1, 3].contains(&answer.status), "{answer:?}");
    answer.expect(answer.status, &["tieout-2026-11-27.tar"]);
    let empty = scratch();
    run(&at, &["verify", &empty.path().display().to_string()]).expect(2, &["manifest.json"]);
}

#[test]
fn what_was_unpacked_is_held_against_the_package() {
    let (_dir, day) = retrieved();
    let place = day.display().to_string();
    let verify = ["verify", &place];
    let first = manifest(&day).members[0].name.clone();
    let path = day.join("day").join(&first);
    let whole = fs::read(&path).expect("unpacked");
    fs::write(&path, [&whole[..], b" "].concat()).expect("written");
    run(&day, &verify).expect(1, &[&first, "not as it was sealed"]);
    fs::remove_file(&path).expect("removed");
    run(&day, &verify).expect(1, &[&first, "gone"]);
    fs::write(&path, &whole).expect("written");
    fs::write(day.join("day/more.txt"), "mine").expect("written");
    run(&day, &verify).expect(1, &["more.txt", "no member"]);
    fs::remove_file(day.join("day/more.txt")).expect("removed");
    run(&day, &verify).expect(0, &["unpacked"]);
}

#[test]
fn a_manifest_needs_somebody_to_say_that_it_is_the_right_one() {
    let (_dir, day) = retrieved();
    let place = day.display().to_string();
    let text = fs::read(day.join("manifest.json")).expect("there");
    let hash = settlement::archive::sha256(&text).to_string();
    let alone = run(&day, &["verify", &place]);
    alone.expect(
        0,
        &[
            "agrees with its manifest",
            "not known",
            "--manifest",
            "tieout verify --date",
        ],
    );
    assert!(!alone.text().contains("as it was sealed"));
    let json = run(&day, &["verify", &place, "--json"]);
    json.expect(0, &["\"held_against\":\"own_folder\""]);
    let given = ["verify", &place, "--manifest", &hash];
    run(&day, &given).expect(0, &["is as it was sealed", "whose hash was given"]);
    let json = run(&day, &[&given[..], &["--json"]].concat());
    json.expect(0, &["\"held_against\":\"hash\""]);
    fs::remove_file(day.join("chain.json")).expect("removed");
    run(&day, &["verify", &place]).expect(1, &["chain.json", "--manifest"]);
    run(&day, &["verify", &place, "--manifest", &hash]).expect(0, &["as it was sealed"]);
    let other = settlement::archive::sha256(b"").to_string();
    run(&day, &["verify", &place, "--manifest", &other]).expect(1, &["another manifest"]);
}

#[test]
fn what_lies_beside_a_day_and_is_none_of_it_is_named() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let (_dir, day) = retrieved();
    let place = day.display().to_string();
    let cafe = OsStr::from_bytes(b"caf\xe9.txt");
    for (name, shown) in [
        (OsStr::new("more.txt"), "more.txt: "),
        (OsStr::new(".hidden"), ".hidden: "),
        (cafe, r"caf\xe9.txt: "),
    ] {
        for folder in [day.clone(), day.join("day")] {
            let path = folder.join(name);
            fs::write(&path, "x").expect("written");
            run(&day, &["verify", &place]).expect(1, &[shown, "move it away"]);
            fs::remove_file(&path).expect("removed");
        }
    }
    run(&day, &["verify", &place]).expect(0, &["agrees with its manifest"]);
}
