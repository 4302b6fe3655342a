//! `kill -9` at any moment of `tieout day`, then run again: the same bytes as an undisturbed run.
//!
//! The process dies where it stands, with whatever it had in memory and in half a file; only
//! what it had handed to the system survives. Some runs are killed twice.

use crate::child;
use crate::days::stage::stage;
use crate::days::world::{block, desk, story};
use crate::tree::{self, assert_same, bytes, scratch};
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// Runs that must have been killed while they worked.
const KILLS: u32 = 20;

/// Runs tried at most: one that ended before its moment does not count.
const TRIES: u32 = 120;

/// Everything of which the bytes must not depend on a kill.
const PRODUCTS: &[&str] = &["objects", "archive", "bank"];

/// Starts the day, kills it after `patience`, and answers whether that stopped it.
fn killed(dir: &Path, date: &str, patience: Duration) -> bool {
    let mut command = child::command(dir, &["day", "--date", date, "--quiet"]);
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("started");
    std::thread::sleep(patience);
    // A child that has ended is not there to be killed any more.
    let _ = child.kill();
    let status = child.wait().expect("ended");
    let ended = matches!(status.code(), Some(0 | 1));
    assert!(ended || status.signal() == Some(9), "{status}");
    status.signal() == Some(9)
}

/// A stream of moments: parts of a thousand, from a seed (SplitMix64).
fn moments(mut seed: u64) -> impl Iterator<Item = u32> {
    std::iter::repeat_with(move || {
        seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = seed;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u32::try_from((mixed ^ (mixed >> 31)) % 1_000).unwrap_or(0)
    })
}

#[test]
fn a_day_that_is_killed_at_any_moment_ends_with_the_same_bytes() {
    let stage = stage();
    let date = stage.date.to_string();
    let expected = bytes(&stage.after("archive"), PRODUCTS);
    let undisturbed = scratch();
    let at = undisturbed.path().join("copy");
    tree::copy(&stage.before("cut"), &at);
    child::configuration(&at);
    let started = Instant::now();
    // The bank planted faults in this day, so it ends with findings.
    child::run(&at, &["day", "--date", &date]).expect(1, &["archive"]);
    let whole = started.elapsed();
    assert_same(
        "undisturbed, as a process",
        &expected,
        &bytes(&at, PRODUCTS),
    );
    let told = block(story(&desk(&at), stage.date));

    let mut random = moments(7);
    let untouched = bytes(&stage.before("cut"), PRODUCTS);
    let (mut kills, mut halfway) = (0, 0);
    for nth in 0..TRIES {
        if kills == KILLS {
            break;
        }
        // Spread over the day, in an order of their own, so that each part of it is hit.
        let part = (nth * 7 % KILLS) * 1_000 + random.next().unwrap_or(0);
        let patience = whole * part / (KILLS * 1_000);
        let dir = scratch();
        let at = dir.path().join("copy");
        tree::copy(&stage.before("cut"), &at);
        child::configuration(&at);
        if !killed(&at, &date, patience) {
            continue;
        }
        kills += 1;
        let kept: Vec<_> = fs::read_dir(&at).expect("there").flatten().collect();
        let hidden = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with('.');
        assert!(
            !kept.iter().any(|entry| hidden(&entry.file_name())),
            "{kept:?}"
        );
        let left = bytes(&at, PRODUCTS);
        halfway += u32::from(left != untouched && left != expected);
        if nth % 3 == 0 {
            killed(&at, &date, whole * random.next().unwrap_or(0) / 1_000);
        }
        let what = format!("killed after {patience:?} of {whole:?}");
        child::run(&at, &["day", "--date", &date]).expect(1, &["archive"]);
        assert_same(&what, &expected, &bytes(&at, PRODUCTS));
        assert_eq!(told, block(story(&desk(&at), stage.date)), "{what}");
    }
    assert!(kills >= 15, "only {kills} runs were killed at work");
    assert!(
        halfway >= 5,
        "only {halfway} of them had done something and not all"
    );
}
