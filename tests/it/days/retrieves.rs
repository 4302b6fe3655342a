//! `kill -9` at any moment of `tieout retrieve`, a disk that is full, a folder that holds
//! something else: the same command again brings the day back, and nobody's files are touched.

use crate::child::{self, Answer, command, run};
use crate::days::stage::stage;
use crate::tree::{self, assert_same, bytes, scratch};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Runs that must have been killed while they worked.
const KILLS: u32 = 24;

/// Runs tried at most.
const TRIES: u32 = 96;

/// What a retrieved folder says as long as it is not whole.
const MARKER: &str = "UNFINISHED.txt";

/// An installation with a sealed day, and a place for what is retrieved.
struct Archive {
    dir: TempDir,
    at: PathBuf,
    date: String,
}

impl Archive {
    fn new() -> Archive {
        let (stage, dir) = (stage(), scratch());
        let at = dir.path().join("copy");
        tree::copy(&stage.after("archive"), &at);
        child::configuration(&at);
        let date = stage.date.to_string();
        Archive { dir, at, date }
    }

    fn place(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn command(&self, to: &Path) -> Command {
        let to = to.display().to_string();
        command(&self.at, &["retrieve", "--date", &self.date, "--to", &to])
    }

    fn retrieve(&self, to: &Path) -> Answer {
        Answer::of(self.command(to).output().expect("started"))
    }
}

/// Starts a command, waits until `begun`, then `patience`, and kills it; answers whether that
/// stopped it.
fn killed(mut command: Command, begun: impl Fn() -> bool, patience: Duration) -> bool {
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = quiet.spawn().expect("started");
    while !begun() && child.try_wait().expect("asked").is_none() {
        std::hint::spin_loop();
    }
    std::thread::sleep(patience);
    let _ = child.kill();
    child.wait().expect("ended").signal() == Some(9)
}

/// The command, run by a shell that does something first.
fn under(first: &str, command: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(format!("{first}; exec \"$0\" \"$@\""));
    shell.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        shell.env(name, value.unwrap_or_default());
    }
    let within = command.get_current_dir().expect("a folder");
    shell.current_dir(within).stdin(Stdio::null());
    shell
}

#[test]
fn a_retrieve_that_is_killed_at_any_moment_completes_when_run_again() {
    let archive = Archive::new();
    let whole = archive.place("whole");
    archive
        .retrieve(&whole)
        .expect(0, &["is as it was sealed", "unpacked"]);
    let expected = bytes(&whole, &["."]);
    let timed = archive.place("timed");
    let mut child = archive
        .command(&timed)
        .stdout(Stdio::null())
        .spawn()
        .expect("started");
    while !timed.join(MARKER).exists() && child.try_wait().expect("asked").is_none() {}
    let began = Instant::now();
    child.wait().expect("ended");
    let works = began.elapsed();
    let (mut kills, mut halfway) = (0, 0);
    for nth in 0..TRIES {
        if kills == KILLS {
            break;
        }
        let to = archive.place(&format!("killed-{nth}"));
        let part = (nth * 7 + nth / KILLS) % KILLS;
        let begun = || part == 0 || to.exists();
        if !killed(archive.command(&to), begun, works * part / KILLS) {
            continue;
        }
        kills += 1;
        halfway += u32::from(to.join("day").exists());
        if to.join(MARKER).exists() {
            let place = to.display().to_string();
            run(&archive.at, &["verify", &place]).expect(1, &["not finished", "--to"]);
        }
        if nth % 3 == 0 {
            killed(archive.command(&to), || false, Duration::ZERO);
        }
        archive.retrieve(&to).expect(0, &["is as it was sealed"]);
        assert_same(&format!("kill {nth}"), &expected, &bytes(&to, &["."]));
        assert!(!to.join(MARKER).exists());
    }
    assert!(kills >= 12, "only {kills} runs were killed at work");
    assert!(
        halfway >= 3,
        "only {halfway} of them had unpacked something"
    );
    // Beside the folders that were asked for stands nothing.
    let names = fs::read_dir(archive.dir.path()).expect("there").flatten();
    let names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let ours = |name: &String| !["copy", "whole", "timed"].contains(&name.as_str());
    for name in names.filter(ours) {
        assert!(name.starts_with("killed-"), "{name}");
    }
}

#[test]
fn what_any_moment_leaves_is_completed() {
    let archive = Archive::new();
    let whole = archive.place("whole");
    archive.retrieve(&whole).expect(0, &[]);
    let expected = bytes(&whole, &["."]);
    let note = format!(
        "tieout retrieve of {} is not finished: run it again with the same --to.\n",
        archive.date
    );
    let names: Vec<String> = expected.keys().cloned().collect();
    for (nth, torn) in names.iter().enumerate().step_by(5) {
        let to = archive.place(&format!("left-{nth}"));
        tree::copy(&whole, &to);
        for name in &names[nth + 1..] {
            fs::remove_file(to.join(name)).expect("removed");
        }
        let body = &expected[torn];
        fs::write(to.join(torn), &body[..body.len() / 2]).expect("torn");
        // The note itself may be torn, and is known all the same.
        fs::write(to.join(MARKER), &note[..note.len() * (nth % 4) / 3]).expect("marked");
        archive.retrieve(&to).expect(0, &["is as it was sealed"]);
        assert_same(torn, &expected, &bytes(&to, &["."]));
    }
}

#[test]
fn a_disk_that_is_full_leaves_what_the_next_run_completes() {
    let archive = Archive::new();
    let to = archive.place("full");
    let limited = under("trap '' XFSZ; ulimit -f 24", &archive.command(&to)).output();
    let limited = Answer::of(limited.expect("started"));
    limited.expect(3, &["unfinished", "run the same again"]);
    assert!(to.join(MARKER).exists(), "{limited:?}");
    archive
        .retrieve(&to)
        .expect(0, &["is as it was sealed", "unpacked"]);
    assert!(!to.join(MARKER).exists());
}

#[test]
fn a_whole_day_is_proved_again_and_stays_as_it_is() {
    let archive = Archive::new();
    let to = archive.place("whole");
    archive
        .retrieve(&to)
        .expect(0, &["the one the chain names"]);
    let before = fs::metadata(to.join("manifest.json")).expect("there").ino();
    archive
        .retrieve(&to)
        .expect(0, &["is as it was sealed", "the one the chain names"]);
    assert_eq!(
        fs::metadata(to.join("manifest.json")).expect("there").ino(),
        before
    );
    fs::write(to.join("day/more.txt"), "mine").expect("written");
    archive
        .retrieve(&to)
        .expect(1, &["more.txt", "nothing was changed"]);
    assert!(to.join("day/more.txt").exists());
}

#[test]
fn nothing_is_removed_that_no_retrieve_made() {
    let archive = Archive::new();
    let to = archive.place("back");
    let (beside, within) = (archive.place(".back.unfinished"), to.join("notes.txt"));
    fs::create_dir(&beside).expect("made");
    fs::write(beside.join("notes.txt"), "mine").expect("written");
    fs::create_dir(&to).expect("made");
    let own = fs::metadata(&to).expect("there").ino();
    archive.retrieve(&to).expect(0, &[]);
    assert_eq!(
        fs::metadata(&to).expect("there").ino(),
        own,
        "an empty folder is used"
    );
    assert!(beside.join("notes.txt").exists());
    fs::write(to.join(MARKER), "").expect("marked");
    for mine in [&within, &to.join("day/notes.txt")] {
        fs::write(mine, "mine").expect("written");
        let before = bytes(&to, &["."]);
        let answer = archive.retrieve(&to);
        assert!([1, 2].contains(&answer.status), "{answer:?}");
        assert_same("with a note of mine", &before, &bytes(&to, &["."]));
        fs::remove_file(mine).expect("removed");
    }
    fs::write(to.join(MARKER), "my own words").expect("written");
    archive
        .retrieve(&to)
        .expect(2, &[MARKER, "nothing is overwritten"]);
    assert_eq!(fs::read(to.join(MARKER)).expect("there"), b"my own words");
}

#[test]
fn a_package_that_is_not_as_it_was_sealed_leaves_nothing() {
    let archive = Archive::new();
    let package = archive
        .at
        .join(format!("archive/tieout-{}.tar", archive.date));
    let mut body = fs::read(&package).expect("there");
    let middle = body.len() / 2;
    body[middle] ^= 1;
    fs::remove_file(&package).expect("removed");
    fs::write(&package, &body).expect("written");
    let to = archive.place("back");
    archive.retrieve(&to).expect(
        1,
        &["differ from what was sealed", "nothing of it was kept"],
    );
    assert!(!to.exists());
    fs::write(&package, &body[..middle]).expect("written");
    archive
        .retrieve(&to)
        .expect(1, &["found", "nothing of it was kept"]);
    assert!(!to.exists());
}

#[test]
fn what_is_unpacked_is_for_its_owner_alone() {
    let archive = Archive::new();
    for umask in ["000", "022", "077"] {
        let to = archive.place(umask);
        let mut command = under(&format!("umask {umask}"), &archive.command(&to));
        Answer::of(command.output().expect("started")).expect(0, &["unpacked"]);
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o7777;
        assert_eq!(mode(&to), 0o700);
        tree::walk(&to, &mut |path, is_dir| {
            let expected = if is_dir { 0o700 } else { 0o600 };
            assert_eq!(mode(path), expected, "umask {umask}: {}", path.display());
        });
    }
}

#[test]
fn a_verify_that_is_killed_leaves_nothing_that_the_next_does_not_remove() {
    let archive = Archive::new();
    let left = || {
        let names = fs::read_dir(&archive.at).expect("there").flatten();
        let names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
        names
            .filter(|name| name.starts_with("tieout-proof-"))
            .count()
    };
    let args = ["verify", "--date", &archive.date];
    for nth in 0..8 {
        let patience = Duration::from_micros(200 * nth);
        killed(command(&archive.at, &args), || left() > 0, patience);
    }
    run(&archive.at, &args).expect(0, &["is as it was sealed"]);
    assert_eq!(left(), 0);
}
