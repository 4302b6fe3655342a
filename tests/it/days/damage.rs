//! A store of which a part is damaged: the commands that read it say where, and what to do.

use crate::child::{configuration, run};
use crate::days::stage::stage;
use crate::days::world::{block, desk};
use crate::tree::{copy, scratch};
use std::fs;
use std::path::{Path, PathBuf};

const DATE: &str = "2026-11-27";

fn journal(at: &Path) -> PathBuf {
    let mut journals: Vec<PathBuf> = fs::read_dir(at.join("store"))
        .expect("a store")
        .map(|entry| entry.expect("entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "jnl"))
        .collect();
    journals.sort();
    journals.pop().expect("a journal")
}

#[test]
fn a_damaged_journal_stops_every_command_and_nothing_of_it_is_cut_off() {
    let dir = scratch();
    let at = dir.path().join("copy");
    copy(&stage().before("cut"), &at);
    configuration(&at);
    let path = journal(&at);
    let mut body = fs::read(&path).expect("a journal");
    let end = body.iter().rposition(|byte| *byte != 0).expect("a batch");
    body[end / 2] ^= 4;
    fs::write(&path, &body).expect("written");
    for args in [
        &["day", "--date", DATE][..],
        &["cut", "--date", DATE, "--dry-run"],
        &["init"],
    ] {
        let name = path.display().to_string();
        run(&at, args).expect(1, &[&name, "byte", "docs/operations.md"]);
        let same = fs::read(&path).expect("there") == body;
        assert!(same, "{args:?} wrote over what was damaged");
    }
    // What is in the archive needs no store.
    let verify = ["verify", "--date", "2026-11-25"];
    run(&at, &verify).expect(0, &["as it was sealed"]);
}

#[test]
fn a_store_that_is_whole_is_proved() {
    let dir = scratch();
    let at = dir.path().join("copy");
    copy(&stage().after("archive"), &at);
    let proof = block(jobs::check::store::store(&desk(&at))).expect("checked");
    assert_eq!(proof.findings, Vec::<String>::new());
    assert_eq!(proof.payments, 120);
    assert!(proof.events > proof.payments);
}
