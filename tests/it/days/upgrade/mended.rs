//! What is missing or changed when an upgrade is asked for is mended before it, not sealed by it:
//! the hash that it takes of a record is what that record is held against from then on.

use super::FORM_1;
use super::form_3::FORM_3;
use super::older::Older;
use crate::days::world::block;
use crate::tree::{assert_same, bytes};
use desk::installation;
use desk::installation::Installation;
use desk::names;
use desk::records::{from_bytes, to_bytes};
use std::fs;
use std::path::{Path, PathBuf};

/// A record of a day that was sealed.
const SEALED: &str = "objects/posted/2026-11-24.json";

fn gone(at: &Path) {
    match at.is_dir() {
        true => fs::remove_dir_all(at),
        false => fs::remove_file(at),
    }
    .expect("removed");
}

/// Another posting than the one that was sealed, and as good a record.
fn changed(at: &Path) {
    let text = fs::read_to_string(at).expect("a record");
    let other = text.replacen("2026-11-24T", "2026-11-24t", 1);
    let other = match other == text {
        true => text.replacen('\n', "\n ", 1),
        false => other,
    };
    assert_ne!(other, text);
    fs::write(at, other).expect("written");
}

fn harmed(what: &str, harm: fn(&Path)) -> (Older, PathBuf, Option<Vec<u8>>) {
    let older = Older::unpack(FORM_1);
    let at = older.installation().join(what);
    let kept = fs::read(&at).ok();
    harm(&at);
    (older, at, kept)
}

#[test]
fn nothing_is_brought_forward_that_is_not_as_it_was_written() {
    for (what, harm) in [
        (SEALED, gone as fn(&Path)),
        (SEALED, changed),
        ("objects/cuts", gone),
        ("objects/inbound", gone),
        ("objects/registry", gone),
        ("objects/journal", gone),
        ("objects/archive/date=2026-11-25/manifest.json", gone),
        ("archive/tieout-2026-11-25.tar", gone),
        ("store/keyspaces", gone),
        ("store", gone),
        ("vault/keys.json", gone),
    ] {
        let (older, _, _) = harmed(what, harm);
        let before = bytes(&older.installation(), &["objects", "archive", "vault"]);
        for args in [&["upgrade", "--dry-run"][..], &["upgrade"]] {
            let refused = older.tieout(args);
            assert_ne!(refused.status, 0, "{what}: {refused:?}");
            assert!(!refused.err.contains("panicked"), "{refused:?}");
        }
        let after = bytes(&older.installation(), &["objects", "archive", "vault"]);
        assert_same(what, &before, &after);
    }
}

#[test]
fn what_is_wrong_can_be_looked_at_and_mended_before_an_upgrade() {
    for harm in [gone as fn(&Path), changed] {
        let (older, at, kept) = harmed(SEALED, harm);
        let refused = older.tieout(&["upgrade"]);
        refused.expect(1, &["posted/2026-11-24.json", "tieout check"]);
        let checked = older.tieout(&["check"]);
        checked.expect(1, &["posted/2026-11-24.json", "tieout retrieve"]);
        let day = ["--date", "2026-11-24"];
        let verified = older.tieout(&[&["verify"], &day[..]].concat());
        verified.expect(0, &["as it was sealed"]);
        let back = older.folder.path().join("back");
        let to = back.to_str().expect("a path");
        older
            .tieout(&[&["retrieve", "--to", to], &day[..]].concat())
            .expect(0, &[]);
        let found = back.join("day/posted/2026-11-24.json");
        let right = fs::read(&found).expect("the record in the sealed day");
        assert_eq!(Some(&right), kept.as_ref());
        fs::write(&at, right).expect("mended");
        older
            .tieout(&["upgrade"])
            .expect(0, &["brought from form 1"]);
        older.tieout(&["check"]).expect(0, &[]);
    }
}

#[test]
fn what_is_gone_for_good_keeps_nobody_from_going_on_and_may_come_back() {
    for harm in [gone as fn(&Path), changed] {
        let (older, at, kept) = harmed(SEALED, harm);
        let gone_on = older.tieout(&["upgrade", "--despite-findings"]);
        gone_on.expect(1, &["left as it is: posted/2026-11-24.json"]);
        let checked = older.tieout(&["check"]);
        checked.expect(1, &["posted/2026-11-24.json"]);
        let next = older
            .installation()
            .join("objects/witnessed/posted/2026-11-25.json");
        assert!(next.exists(), "what is right got its hash");
        let day = ["day", "--date", "2026-11-30"];
        older.tieout(&day).ran(&[]);
        fs::write(&at, kept.expect("a copy")).expect("mended");
        let named = older.tieout(&["check"]);
        named.expect(1, &["no upgrade has taken its hash", "tieout upgrade"]);
        older.tieout(&["upgrade"]).expect(0, &["nothing to do"]);
        older.tieout(&["check"]).expect(0, &[]);
    }
}

/// Says that an installation is of another form.
fn becomes_of(older: &Older, form: u32) {
    let name = names::installation();
    let at = older.installation().join("objects").join(&*name);
    let before = fs::read(&at).expect("a record");
    let (before, _) = from_bytes::<Installation>(&name, &before).expect("a record");
    let other = Installation { form, ..before };
    fs::write(&at, to_bytes(&name, &other).expect("a record")).expect("written");
}

#[test]
fn an_installation_of_form_2_that_says_whose_it_is_is_of_this_form_afterwards() {
    let older = Older::unpack(FORM_3);
    becomes_of(&older, 2);
    let recorded =
        || block(installation::recorded(&*older.desk().ports.objects)).expect("a record");
    let before = recorded().identity().cloned();
    let day = ["day", "--date", "2026-11-30"];
    older.tieout(&day).expect(2, &["form 2", "tieout upgrade"]);
    older.tieout(&["upgrade"]).expect(0, &["from form 2 to 3"]);
    assert_eq!(
        (recorded().form(), recorded().identity()),
        (3, before.as_ref())
    );
    older.tieout(&["upgrade"]).expect(0, &["nothing to do"]);
    older.tieout(&day).ran(&[]);
}

#[test]
fn no_command_takes_an_installation_of_a_newer_form_for_its_own() {
    let older = Older::unpack(FORM_3);
    becomes_of(&older, 4);
    let before = bytes(
        &older.installation(),
        &["objects", "archive", "vault", "store"],
    );
    for args in [
        &["init"][..],
        &["init", "--restored"],
        &["upgrade"],
        &["upgrade", "--despite-findings"],
        &["check"],
        &["verify", "--date", "2026-11-24"],
        &["day", "--date", "2026-11-30"],
    ] {
        older.tieout(args).expect(2, &["form 4", "newer tieout"]);
    }
    let after = bytes(
        &older.installation(),
        &["objects", "archive", "vault", "store"],
    );
    assert_same("refused", &before, &after);
}
