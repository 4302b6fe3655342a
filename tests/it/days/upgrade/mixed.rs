//! What is of another installation is known before anything is stamped, and before the store is
//! opened to write: what is refused leaves every byte as it is.

use super::form_3::FORM_3;
use super::older::Older;
use super::{FORM_1, STOPPED};
use crate::child::run;
use crate::tree::{assert_same, bytes, copy};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const PARTS: [&str; 4] = ["objects", "archive", "vault", "store"];

fn all(older: &Older) -> BTreeMap<String, Vec<u8>> {
    bytes(&older.installation(), &PARTS)
}

/// The same without the locks, and who has them, which say nothing of what is kept.
fn kept(older: &Older) -> BTreeMap<String, Vec<u8>> {
    let mut all = all(older);
    for lock in ["lock", "work", "users", "lender"] {
        all.remove(&format!("store/{lock}"));
    }
    all
}

/// Puts a part of one installation in the place of another's.
fn swapped(older: &Older, part: &str, from: &Older) {
    let at = older.installation().join(part);
    match at.is_dir() {
        true => fs::remove_dir_all(&at),
        false => fs::remove_file(&at),
    }
    .expect("removed");
    let theirs = from.installation().join(part);
    match theirs.is_dir() {
        true => copy(&theirs, &at),
        false => fs::copy(&theirs, &at).map(drop).expect("copied"),
    }
}

fn refused(older: &Older, what: &str, commands: &[(&[&str], i32, &str)]) {
    let before = all(older);
    for (args, status, words) in commands {
        older.tieout(args).expect(*status, &[words]);
        assert_same(&format!("{what}: {args:?}"), &before, &all(older));
    }
}

/// The digit of the newest master key that stands last becomes another.
fn another_digit(at: &Path) {
    let text = fs::read_to_string(at).expect("keys");
    let (before, after) = text.split_at(text.rfind("\"\n  ]").expect("the last key") - 1);
    let digit = if after.starts_with('0') { "1" } else { "0" };
    let text = format!("{before}{digit}{}", &after[1..]);
    fs::write(at, text).expect("written");
}

#[test]
fn a_vault_that_does_not_open_what_was_sealed_is_refused_and_the_right_one_goes_on() {
    for digit in [false, true] {
        let (older, other) = (Older::unpack(FORM_1), Older::unpack(FORM_3));
        let keys = older.installation().join("vault/keys.json");
        let right = fs::read(&keys).expect("keys");
        match digit {
            true => another_digit(&keys),
            false => swapped(&older, "vault/keys.json", &other),
        }
        let why = "does not open what was sealed";
        let commands: &[(&[&str], i32, &str)] = &[
            (&["check"], 1, why),
            (&["upgrade", "--dry-run"], 1, why),
            (&["upgrade"], 1, why),
            (&["upgrade", "--despite-findings"], 1, why),
            (&["init"], 1, why),
        ];
        refused(&older, "a foreign vault", commands);
        fs::write(&keys, right).expect("put back");
        older.tieout(&["upgrade"]).expect(0, &["from form 1"]);
        another_digit(&keys);
        older.tieout(&["check"]).expect(1, &[why]);
        older.tieout(&["init", "--restored"]).expect(1, &[why]);
    }
}

#[test]
fn places_of_two_installations_are_refused_whatever_is_asked() {
    let day = STOPPED.to_string();
    let (older, other) = (Older::unpack(FORM_1), Older::unpack(FORM_3));
    swapped(&older, "objects", &other);
    let silent = "does not say whose it is";
    let commands: &[(&[&str], i32, &str)] = &[
        (&["upgrade"], 2, silent),
        (&["upgrade", "--dry-run"], 2, silent),
        (&["upgrade", "--despite-findings"], 2, silent),
        (&["check"], 2, silent),
        (&["day", "--date", &day], 2, silent),
    ];
    refused(&older, "form 3's objects", commands);
    // Nothing says whose anything is: what is there contradicts that it is one.
    fs::remove_file(older.installation().join("objects/installation.json")).expect("removed");
    let mixed = "two installations are mixed";
    let commands: &[(&[&str], i32, &str)] = &[
        (&["upgrade", "--despite-findings"], 1, mixed),
        (&["upgrade", "--despite-findings", "--dry-run"], 1, mixed),
    ];
    refused(&older, "nameless objects", commands);
    let (older, other) = (Older::unpack(FORM_1), Older::unpack(FORM_3));
    swapped(&older, "store", &other);
    let lost = "does not say whose the objects are";
    let commands: &[(&[&str], i32, &str)] = &[
        (&["upgrade"], 1, lost),
        (&["check"], 1, lost),
        (&["day", "--date", &day], 1, lost),
    ];
    refused(&older, "form 3's store", commands);
}

#[test]
fn what_is_refused_for_its_form_or_damage_leaves_the_store_as_it_is() {
    let day = STOPPED.to_string();
    let older = Older::unpack(FORM_1);
    let form = "tieout upgrade";
    let to = older.folder.path().join("back").display().to_string();
    let commands: &[(&[&str], i32, &str)] = &[
        (&["day", "--date", &day], 2, form),
        (&["deliver", "--date", &day], 2, form),
        (&["archive", "--date", &day], 2, form),
        (&["sandbox", "day", "--date", &day], 2, form),
        (&["vault", "rotate"], 2, form),
        (&["verify", "--date", "2026-11-24"], 0, "as it was sealed"),
        (&["retrieve", "--date", "2026-11-24", "--to", &to], 0, ""),
        (&["check"], 0, ""),
        (&["upgrade", "--dry-run"], 0, "can be brought"),
    ];
    refused(&older, "form 1", commands);
    for (lost, words) in [
        ("store/keyspaces/0", "keyspaces/0"),
        ("store/keyspaces/1", "keyspaces/1"),
        ("store/version", "store/version"),
    ] {
        for fixture in [FORM_1, FORM_3] {
            let older = Older::unpack(fixture);
            let at = older.installation().join(lost);
            match at.is_dir() {
                true => fs::remove_dir_all(&at).expect("removed"),
                false => fs::write(&at, "x").expect("too short"),
            }
            let before = kept(&older);
            for args in [
                &["upgrade"][..],
                &["upgrade", "--dry-run"],
                &["check"],
                &["init"],
            ] {
                older.tieout(args).expect(1, &[words, "gone"]);
                assert_same(&format!("{lost}: {args:?}"), &before, &kept(&older));
            }
            if fixture == FORM_3 {
                older
                    .tieout(&["day", "--date", &day])
                    .expect(1, &[words, "gone"]);
            }
        }
    }
}

#[test]
fn an_upgrade_writes_hashes_and_identities_and_nothing_else() {
    let older = Older::unpack(FORM_1);
    fs::remove_file(older.installation().join("store/lock")).expect("removed");
    older.tieout(&["check"]).expect(0, &[]);
    let before = all(&older);
    older.tieout(&["upgrade"]).expect(0, &["from form 1"]);
    let mut after = all(&older);
    after.retain(|name, _| {
        let marks = name.ends_with("/installation.json");
        !marks && !name.starts_with("objects/witnessed/")
    });
    assert_same("upgraded", &before, &after);
}

#[test]
fn an_upgrade_of_this_form_is_a_check() {
    for lost in [
        "objects/posted/2026-11-25.json",
        "archive/tieout-2026-11-25.tar",
    ] {
        let older = Older::unpack(FORM_3);
        older.tieout(&["upgrade"]).expect(0, &["nothing to do"]);
        fs::remove_file(older.installation().join(lost)).expect("removed");
        let name = lost.split_once('/').expect("a part").1;
        for args in [&["upgrade", "--dry-run"][..], &["upgrade"]] {
            older.tieout(args).expect(1, &[name, "tieout check"]);
        }
    }
}

/// What of the open day says another thing than what it is about.
#[test]
fn records_and_files_of_the_open_day_are_held_against_each_other() {
    let cut = "objects/cuts/odfi=07640125/00000013.json";
    let file = "objects/outbound/odfi=07640125/date=2026-11-30/window=sd1/A.ach";
    let returns =
        "objects/ingested/received=2026-11-30/2026-11-30-0630-returns-A.ach.a49f3586.json";
    for (what, from, to) in [
        (cut, "\"debits\": 124166", "\"debits\": 124167"),
        (
            cut,
            "\"settles_on\": \"2026-11-30\"",
            "\"settles_on\": \"2026-12-01\"",
        ),
        (file, "DEMO BILLING", "DEMO BILLINX"),
        (returns, "\"cents\": ", "\"cents\": 1"),
    ] {
        let older = Older::unpack(FORM_1);
        let at = older.installation().join(what);
        let text = fs::read_to_string(&at).expect("text");
        let other = text.replacen(from, to, 1);
        assert_ne!(other, text, "{what}: {from} is not in it");
        fs::write(&at, other).expect("written");
        let name = what.split_once('/').expect("a part").1;
        for args in [&["check"][..], &["upgrade", "--dry-run"], &["upgrade"]] {
            older.tieout(args).expect(1, &[name]);
        }
        fs::write(&at, text).expect("put back");
        older.tieout(&["upgrade"]).expect(0, &["from form 1"]);
    }
}

#[test]
fn nothing_that_is_made_goes_into_an_installation() {
    let older = Older::unpack(FORM_1);
    let before = all(&older);
    let at = |name: &str| older.installation().join(name).display().to_string();
    let (keys, head) = (at("vault/keys.json"), at("objects/archive/head.json"));
    let within = older.folder.path();
    for args in [
        &["ach", "generate", "--entries", "5", "--out", &keys][..],
        &["ach", "generate", "--entries", "5", "--out", &head],
        &["man", "--out", &at("objects/new")],
        &["demo", "--dir", &at("objects/new")],
        &[
            "risk",
            "features",
            "--sandbox",
            "--requests",
            "1000",
            "--out",
            &head,
        ],
    ] {
        run(within, args).expect(2, &["inside of an installation"]);
        assert_same(&format!("{args:?}"), &before, &all(&older));
    }
    for _ in 0..2 {
        let args = ["ach", "generate", "--entries", "5", "--out", "ppd.ach"];
        run(within, &args).expect(0, &[]);
    }
    fs::write(within.join("notes.txt"), "kept").expect("written");
    let args = ["ach", "mask", "ppd.ach", "--out", "notes.txt"];
    run(within, &args).expect(2, &["is not an ACH file"]);
    assert_eq!(fs::read(within.join("notes.txt")).expect("there"), b"kept");
}
