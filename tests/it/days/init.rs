//! An installation is made by `tieout init` and by nothing else; whose its parts are is said by
//! each of them, and what does not belong together is refused before anything is changed.

use crate::child::{self, Answer, command, configuration, run};
use crate::days::stage::stage;
use crate::days::world::{block, config, desk};
use crate::tree::{self, scratch};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

const DATE: &str = "2026-11-27";

/// The places that say whose they are.
const PLACES: &[&str] = &["store", "objects", "archive", "vault"];

/// Every file and folder with its size, its times and its rights.
fn sight(dir: &Path) -> BTreeMap<String, (u64, SystemTime, u32)> {
    let mut all = BTreeMap::new();
    tree::walk(dir, &mut |path, _| {
        let found = fs::symlink_metadata(path).expect("there");
        let modified = found.modified().expect("a time");
        let mode = found.permissions().mode();
        all.insert(path.display().to_string(), (found.len(), modified, mode));
    });
    all
}

#[track_caller]
fn refused(at: &Path, args: &[&str], words: &[&str]) {
    let before: Vec<String> = sight(at).into_keys().collect();
    let answer = run(at, args);
    answer.expect(2, words);
    let after: Vec<String> = sight(at).into_keys().collect();
    assert_eq!(before, after, "{args:?} made or removed something");
}

/// What a place says of itself: id and epoch.
fn says(at: &Path, place: &str) -> (String, u64) {
    let path = at.join(place).join("installation.json");
    let text = fs::read_to_string(&path).expect("a mark");
    let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert!(value["unfinished"].is_null(), "{text}");
    let identity = match value.get("identity") {
        Some(nested) => nested,
        None => &value,
    };
    let id = identity["id"].as_str().expect("an id").to_owned();
    (id, identity["epoch"].as_u64().expect("an epoch"))
}

/// What all places say; fails where they differ.
#[track_caller]
fn all_say(at: &Path) -> (String, u64) {
    let first = says(at, PLACES[0]);
    for place in PLACES {
        assert_eq!(says(at, place), first, "{place}");
    }
    first
}

#[test]
fn init_makes_an_installation_once() {
    let dir = scratch();
    let at = dir.path();
    let made = run(at, &["init"]);
    made.expect(0, &["made an installation", "tieout-data/store", "sandbox"]);
    let data = at.join("tieout-data");
    let (id, epoch) = all_say(&data);
    assert!(id.len() == 32 && epoch == 1, "{id}");
    let keys = fs::read(data.join("vault/keys.json")).expect("keys");
    let again = run(at, &["init", "--json"]);
    again.expect(0, &["\"became\":\"there\"", &id]);
    assert_eq!(keys, fs::read(data.join("vault/keys.json")).expect("keys"));
    run(at, &["day", "--date", DATE]).expect(0, &["archive"]);
    let other = scratch();
    run(other.path(), &["init", "--dir", "elsewhere"]).expect(0, &["elsewhere/store"]);
    assert_ne!(all_say(&other.path().join("elsewhere")).0, id);
    fs::write(at.join("torn.toml"), "bank = 'gone.toml'\n").expect("written");
    refused(at, &["init", "--config", "torn.toml"], &["gone.toml"]);
}

/// What the simulated bank did for a date is not taken back.
#[test]
fn a_date_that_is_refused_moves_nothing_at_the_sandbox_bank() {
    let dir = scratch();
    let at = dir.path();
    run(at, &["init"]).expect(0, &["sandbox"]);
    run(at, &["sandbox", "day", "--date", "2026-11-25"]).expect(0, &["archive"]);
    let memory = at.join("tieout-data/sandbox-bank.json");
    let before = fs::read(&memory).expect("the bank's memory");
    for date in ["2026-11-30", "2026-11-26", "2026-11-24"] {
        run(at, &["sandbox", "day", "--date", date]).expect(2, &[date]);
        assert_eq!(
            fs::read(&memory).expect("the bank's memory"),
            before,
            "{date}"
        );
    }
}

#[test]
fn a_wrong_working_directory_is_refused_by_every_command_and_nothing_is_made() {
    let dir = scratch();
    let at = dir.path();
    for job in jobs::JOBS.iter().map(|job| job.name).chain(["day"]) {
        refused(
            at,
            &[job, "--date", DATE],
            &["no installation at ./tieout-data", "tieout init"],
        );
    }
    for args in [
        &["cut", "--date", DATE, "--dry-run"][..],
        &["upgrade"],
        &["upgrade", "--dry-run"],
        &["retrieve", "--date", DATE, "--to", "back"],
        &["verify", "--date", DATE],
        &["init", "--restored"],
    ] {
        refused(at, args, &["tieout init"]);
    }
    for args in [
        &["ach", "generate", "--out", "x.ach"][..],
        &["ach", "validate", "x.ach"],
        &["completions", "bash"],
        &["man"],
        &["--help"],
    ] {
        run(at, args).expect(0, &[]);
    }
    assert_eq!(sight(at).len(), 1, "a file that was asked for");
}

/// A copy of the staged installation, with its configuration.
fn staged(dir: &Path, name: &str) -> std::path::PathBuf {
    let at = dir.join(name);
    tree::copy(&stage().before("cut"), &at);
    configuration(&at);
    at
}

#[test]
fn an_address_that_holds_nothing_is_refused_and_never_filled() {
    let dir = scratch();
    let at = staged(dir.path(), "copy");
    for part in ["store", "objects", "vault", "archive", "bank"] {
        let (there, away) = (at.join(part), at.join("away"));
        fs::rename(&there, &away).expect("moved");
        let place = there.display().to_string();
        refused(&at, &["day", "--date", DATE], &[&place]);
        if !["archive", "bank"].contains(&part) {
            refused(&at, &["init"], &[part]);
            fs::create_dir(&there).expect("an empty one");
            refused(&at, &["day", "--date", DATE], &[&place]);
            refused(&at, &["init"], &[part]);
            fs::remove_dir(&there).expect("still empty");
        }
        fs::rename(&away, &there).expect("moved back");
    }
    run(&at, &["day", "--date", DATE]).expect(1, &["archive"]);
}

#[test]
fn keys_that_are_gone_are_never_replaced() {
    let dir = scratch();
    let at = staged(dir.path(), "copy");
    fs::remove_file(at.join("vault/keys.json")).expect("removed");
    for args in [&["day", "--date", DATE][..], &["init"], &["upgrade"]] {
        refused(&at, args, &["vault"]);
    }
    // Of an older installation nothing says whose it is: the payments do.
    for place in PLACES {
        fs::remove_file(at.join(place).join("installation.json")).expect("removed");
    }
    refused(&at, &["init"], &["vault"]);
    assert!(!at.join("vault/keys.json").exists());
}

#[test]
fn parts_of_two_installations_are_refused_by_name() {
    let dir = scratch();
    let (ours, theirs) = (dir.path().join("ours"), dir.path().join("theirs"));
    for at in [&ours, &theirs] {
        fs::create_dir(at).expect("made");
        child::installation(at);
        run(at, &["day", "--date", DATE]).expect(0, &[]);
    }
    for place in PLACES {
        let at = dir.path().join(format!("mixed-{place}"));
        tree::copy(&ours, &at);
        fs::remove_dir_all(at.join(place)).expect("removed");
        tree::copy(&theirs.join(place), &at.join(place));
        configuration(&at);
        for args in [
            &["day", "--date", DATE][..],
            &["init"],
            &["init", "--restored"],
        ] {
            refused(&at, args, &["two installations are mixed", place]);
        }
    }
    // The key file alone.
    fs::remove_file(ours.join("vault/keys.json")).expect("removed");
    tree::copy_file(
        &theirs.join("vault/keys.json"),
        &ours.join("vault/keys.json"),
    );
    run(&ours, &["day", "--date", DATE]).expect(1, &["key file", "not the one"]);
}

#[test]
fn a_restore_raises_the_epoch_and_what_is_older_is_refused() {
    let dir = scratch();
    let at = staged(dir.path(), "copy");
    let before = staged(dir.path(), "before");
    let (id, _) = all_say(&at);
    let raised = run(&at, &["init", "--restored"]);
    raised.expect(0, &["counts as restored", &id, "epoch 2"]);
    assert_eq!(all_say(&at), (id.clone(), 2));
    for place in PLACES {
        let mixed = dir.path().join(format!("mixed-{place}"));
        tree::copy(&at, &mixed);
        fs::remove_dir_all(mixed.join(place)).expect("removed");
        tree::copy(&before.join(place), &mixed.join(place));
        configuration(&mixed);
        for args in [
            &["day", "--date", DATE][..],
            &["init"],
            &["init", "--restored"],
        ] {
            refused(&mixed, args, &[place, "epoch 1", "from before a restore"]);
        }
    }
    run(&at, &["day", "--date", DATE]).expect(1, &["archive"]);
}

#[test]
fn nobody_else_has_rights_to_what_is_made_whatever_the_umask() {
    let dir = scratch();
    let at = dir.path();
    let private = |root: &Path| {
        tree::walk(root, &mut |path, _| {
            let found = fs::symlink_metadata(path).expect("there");
            let mode = found.permissions().mode() & 0o7777;
            assert_eq!(mode & 0o077, 0, "{}: {mode:o}", path.display());
        });
    };
    let open = |args: &[&str]| {
        let asked = command(at, args);
        let mut shell = Command::new("sh");
        shell
            .args(["-c", "umask 000; exec \"$0\" \"$@\""])
            .arg(asked.get_program())
            .args(asked.get_args())
            .envs(asked.get_envs().filter_map(|(k, v)| Some((k, v?))))
            .current_dir(at);
        Answer::of(shell.output().expect("started"))
    };
    // Folders that stood there before, with rights for everybody.
    for folder in [
        "objects/deep",
        "vault",
        "store",
        "bank/from-bank",
        "archive",
        "alerts",
    ] {
        let path = at.join("tieout-data").join(folder);
        fs::create_dir_all(&path).expect("made");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o777)).expect("opened");
    }
    open(&["init"]).expect(0, &["made an installation"]);
    open(&["day", "--date", DATE]).expect(0, &[]);
    private(&at.join("tieout-data"));
    open(&["demo", "--payments", "30", "--days", "1", "--dir", "small"]).expect(0, &[]);
    private(&at.join("small"));
    // One that is opened up later is closed when it is opened next.
    let objects = at.join("tieout-data/objects");
    fs::set_permissions(&objects, fs::Permissions::from_mode(0o755)).expect("opened");
    open(&["archive", "--date", DATE]).expect(0, &[]);
    private(&at.join("tieout-data"));
}

#[test]
fn a_dry_run_writes_nothing_at_all() {
    let dir = scratch();
    let at = staged(dir.path(), "copy");
    // A store that was killed has the end of its journal still before it.
    let mut day = command(&at, &["day", "--date", DATE, "--quiet"]);
    let mut day = day.stdout(Stdio::null()).spawn().expect("started");
    std::thread::sleep(Duration::from_millis(60));
    let _ = day.kill();
    day.wait().expect("ended");
    let before = sight(&at);
    for args in [
        &["cut", "--date", DATE, "--dry-run"][..],
        &["cut", "--date", DATE, "--window", "sd1", "--dry-run"],
        &["upgrade", "--dry-run"],
    ] {
        run(&at, args).expect(0, &[]);
        assert_eq!(before, sight(&at), "{args:?}");
    }
    let holding = desk(&at);
    run(&at, &["cut", "--date", DATE, "--dry-run"]).expect(0, &[]);
    drop(holding);
}

/// Starts a demo that takes a while, and waits until it works.
fn long_demo(at: &Path) -> std::process::Child {
    let args = [
        "demo",
        "--payments",
        "3000",
        "--days",
        "300",
        "--dir",
        "d",
        "--quiet",
    ];
    let mut demo = command(at, &args);
    let quiet = demo.stdout(Stdio::null()).stderr(Stdio::null());
    let child = quiet.spawn().expect("started");
    let begun = Instant::now();
    while !at.join("d/objects/installation.json").exists() {
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "it does not begin"
        );
        std::thread::sleep(Duration::from_millis(2));
    }
    child
}

#[test]
fn a_demo_is_left_alone_by_another_and_one_that_was_killed_is_replaced() {
    let dir = scratch();
    let at = dir.path();
    let small = ["demo", "--payments", "20", "--days", "1", "--dir", "d"];
    let mut first = long_demo(at);
    run(at, &small).expect(3, &["another demo runs in this folder"]);
    assert!(first.try_wait().expect("asked").is_none(), "it still runs");
    assert!(at.join("d/objects/installation.json").exists());
    first.kill().expect("killed");
    first.wait().expect("ended");
    run(at, &small).expect(0, &["Tied out: yes"]);
    let config = config(&at.join("d"));
    let holding = jobs::open::desk(config).expect("a desk");
    let there = tree::bytes(at, &["d/objects"]);
    run(at, &small).expect(3, &["another process has it open"]);
    tree::assert_same("in use", &there, &tree::bytes(at, &["d/objects"]));
    drop(holding);
    run(at, &small).expect(0, &["Tied out: yes"]);
}

/// Runs a command, kills it after `patience`, and answers whether that stopped it.
fn killed(at: &Path, args: &[&str], patience: Duration) -> bool {
    use std::os::unix::process::ExitStatusExt;
    let mut command = command(at, args);
    let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = quiet.spawn().expect("started");
    std::thread::sleep(patience);
    let _ = child.kill();
    let status = child.wait().expect("ended");
    assert!(status.success() || status.signal() == Some(9), "{status}");
    !status.success()
}

#[test]
fn an_init_that_is_killed_at_any_moment_is_finished_by_another() {
    let undisturbed = scratch();
    let begun = Instant::now();
    child::installation(undisturbed.path());
    let whole = begun.elapsed();
    let (mut kills, mut halfway) = (0, 0);
    for part in 0..36 {
        let dir = scratch();
        let at = dir.path();
        configuration(at);
        let patience = whole * part / 30;
        if !killed(at, &["init"], patience) {
            continue;
        }
        kills += 1;
        let left = sight(at).len();
        halfway += u32::from(left > 1 && !at.join("vault/installation.json").exists());
        let answer = run(at, &["day", "--date", DATE]);
        assert!([0, 2].contains(&answer.status), "{answer:?}");
        if answer.status == 2 {
            answer.expect(2, &["tieout init"]);
        }
        run(at, &["init"]).expect(0, &[]);
        assert_eq!(all_say(at).1, 1);
        run(at, &["day", "--date", DATE]).expect(0, &["archive"]);
    }
    assert!(
        kills >= 10 && halfway >= 2,
        "{kills} kills, {halfway} halfway"
    );
}

#[test]
fn a_restore_that_is_killed_at_any_moment_comes_to_the_same_epoch() {
    let dir = scratch();
    let first = dir.path().join("first");
    fs::create_dir(&first).expect("made");
    child::installation(&first);
    let begun = Instant::now();
    run(&first, &["init", "--restored"]).expect(0, &["epoch 2"]);
    let (whole, mut kills) = (begun.elapsed(), 0);
    for part in 0..24 {
        let at = dir.path().join(format!("at-{part}"));
        fs::create_dir(&at).expect("made");
        child::installation(&at);
        if !killed(&at, &["init", "--restored"], whole * part / 20) {
            continue;
        }
        kills += 1;
        let over = says_raised(&at);
        if !over {
            run(&at, &["init", "--restored"]).expect(0, &["epoch 2"]);
        }
        assert_eq!(all_say(&at).1, 2);
    }
    assert!(kills >= 8, "{kills} kills");
}

/// Whether every place has the next epoch, and the record says that this is all.
fn says_raised(at: &Path) -> bool {
    let text = fs::read_to_string(at.join("objects/installation.json")).expect("a record");
    text.contains("\"epoch\": 2") && !text.contains("unfinished")
}

#[test]
fn a_restore_is_proved_and_goes_on() {
    let dir = scratch();
    let at = staged(dir.path(), "copy");
    // The drill of docs/operations.md: a copy of one moment, a disk that is gone, the copy back.
    let kept = dir.path().join("kept");
    for place in PLACES {
        tree::copy(&at.join(place), &kept.join(place));
    }
    run(&at, &["day", "--date", DATE]).expect(1, &["archive"]);
    for place in PLACES {
        fs::remove_dir_all(at.join(place)).expect("gone");
    }
    refused(&at, &["day", "--date", DATE], &["no installation"]);
    for place in PLACES {
        tree::copy(&kept.join(place), &at.join(place));
    }
    run(&at, &["init", "--restored"]).expect(0, &["epoch 2"]);
    // The bank has the files of the day that is lost: what stands there is not sent twice.
    run(&at, &["day", "--date", DATE]).ran(&["archive"]);
    let proof = block(jobs::check::store::store(&desk(&at))).expect("checked");
    assert_eq!(proof.findings, Vec::<String>::new());
    assert!(proof.payments > 100 && proof.events > proof.payments);
}
