//! Commands on a folder that another process has open, as a server has it.

use crate::child::{command, configuration, run};
use crate::days::stage::stage;
use crate::tree::{self, assert_same, bytes, scratch};
use connectors::{Addresses, Created};
use connectors_conformance as conformance;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tokio::runtime::Runtime;

const DATE: &str = "2026-11-27";

/// Everything of which the bytes must not depend on who has the store open.
const PRODUCTS: &[&str] = &["objects", "archive", "bank"];

fn copy(of: &Path) -> (TempDir, PathBuf) {
    let dir = scratch();
    let at = dir.path().join("copy");
    tree::copy(of, &at);
    configuration(&at);
    (dir, at)
}

/// What a day comes to that nobody has disturbed.
fn undisturbed() -> (TempDir, PathBuf) {
    let (dir, at) = copy(&stage().before("cut"));
    run(&at, &["day", "--date", DATE]).expect(1, &["breaks"]);
    (dir, at)
}

#[test]
fn a_day_runs_while_another_process_has_the_folder_open() {
    let (_one, expected) = undisturbed();
    let (_other, at) = copy(&stage().before("cut"));
    let serves = connectors_embedded::open(&Addresses::in_dir(&at)).expect("opened");
    run(&at, &["cut", "--date", DATE, "--dry-run"]).expect(0, &[]);
    run(&at, &["day", "--date", DATE]).expect(1, &["breaks"]);
    run(&at, &["check"]).expect(0, &[]);
    drop(serves);
    let (expected, found) = (bytes(&expected, PRODUCTS), bytes(&at, PRODUCTS));
    assert_same("beside another process", &expected, &found);
}

/// The day has the store open first; the server borrows, and takes over when the day is killed.
#[test]
fn a_server_takes_over_from_a_day_that_is_killed() {
    let (_one, at) = copy(&stage().before("cut"));
    let mut day = command(&at, &["day", "--date", DATE, "--quiet"]);
    let mut day = day
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("started");
    std::thread::sleep(Duration::from_millis(80));
    let serves = connectors_embedded::open(&Addresses::in_dir(&at)).expect("opened");
    let (stops, turns) = (
        Arc::new(AtomicBool::new(false)),
        Runtime::new().expect("a runtime"),
    );
    let creates = {
        let (payments, stops) = (Arc::clone(&serves.payments), Arc::clone(&stops));
        turns.spawn(async move {
            let mut made = 0;
            while !stops.load(Ordering::Relaxed) {
                let new = vec![conformance::record(made)];
                let created = payments.create(new).await.expect("answered");
                assert_eq!(created, [Created::New]);
                made += 1;
            }
            made
        })
    };
    std::thread::sleep(Duration::from_millis(80));
    day.kill().expect("killed");
    day.wait().expect("ended");
    std::thread::sleep(Duration::from_millis(200));
    stops.store(true, Ordering::Relaxed);
    let made = turns.block_on(creates).expect("every call is answered");
    assert!(made > 0);
    drop(serves);
}
