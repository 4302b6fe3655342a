//! `kill -9` at any moment of `tieout forget`, then run again: the same bytes as where nobody
//! killed it, and no name of the customer anywhere that is covered.

use crate::child::{command, run};
use crate::days::forgets::{OBJECTS, copied, in_store, rows_of, somebody};
use crate::tree::{self, assert_same, bytes};
use desk::config::SANDBOX_BANK;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// Runs that must have been killed while they worked.
const KILLS: u32 = 12;

/// Runs tried at most: one that ended before its moment does not count.
const TRIES: u32 = 60;

/// A configuration whose bank lets names go at once.
fn configure(at: &Path) {
    let profile = format!("names_kept_days = 0\n{SANDBOX_BANK}");
    fs::write(at.join("hasty.toml"), profile).expect("written");
    let text = format!(
        "bank = 'hasty.toml'\n[addresses]\ndata = 'file:{}'\n",
        at.display()
    );
    fs::write(at.join("tieout.toml"), text).expect("written");
}

/// Starts a command, kills it after `patience`, and answers whether that stopped it.
fn killed(at: &Path, args: &[&str], patience: Duration) -> bool {
    let mut command = command(at, args);
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = quiet.spawn().expect("started");
    std::thread::sleep(patience);
    let _ = child.kill(); // it may have ended
    child.wait().expect("ended").signal() == Some(9)
}

#[test]
fn a_forget_that_is_killed_at_any_moment_is_finished_by_the_next() {
    let (_made, _dir, at) = copied();
    configure(&at);
    let (customer, payment) = somebody(&at);
    let name = payment.receiver.name.as_str();
    let whose = [
        "--originator",
        &customer.originator,
        "--token",
        &customer.token,
    ];
    let forget = [&["forget"], &whose[..]].concat();
    let before = bytes(&at, OBJECTS);
    let whole = at.with_file_name("whole");
    tree::copy(&at, &whole);
    configure(&whole);
    let begun = Instant::now();
    run(&whole, &forget).expect(0, &["is forgotten"]);
    let took = begun.elapsed();
    let expected = bytes(&whole, OBJECTS);
    let (mut kills, mut halfway) = (0, 0);
    for nth in 0..TRIES {
        if kills == KILLS {
            break;
        }
        let copy = at.with_file_name(format!("killed-{nth}"));
        tree::copy(&at, &copy);
        configure(&copy);
        // Spread over the whole, in an order of their own.
        let patience = took * (nth * 7 % KILLS + 1) / (KILLS + 1);
        if !killed(&copy, &forget, patience) {
            fs::remove_dir_all(&copy).expect("removed");
            continue;
        }
        kills += 1;
        let left = bytes(&copy, OBJECTS);
        halfway += u32::from(left != before);
        let what = format!("killed after {patience:?} of {took:?}");
        // What a kill left is no damage.
        run(&copy, &["check"]).expect(0, &[]);
        if nth % 3 == 0 {
            killed(&copy, &forget, patience / 2);
        }
        run(&copy, &forget).expect(0, &["forgotten"]);
        assert_same(&what, &expected, &bytes(&copy, OBJECTS));
        assert_eq!(rows_of(&copy, &customer), 0, "{what}");
        assert!(!in_store(&copy, name), "{what}: a name is in the store");
        run(&copy, &["check"]).expect(0, &["names that were forgotten"]);
        let told = run(&copy, &[&["export-customer"], &whose[..]].concat());
        assert!(!told.expect(0, &[]).text().contains(name), "{what}");
        fs::remove_dir_all(&copy).expect("removed");
    }
    assert!(kills >= KILLS / 2, "only {kills} runs were killed at work");
    assert!(halfway >= 2, "only {halfway} of them had done something");
}
