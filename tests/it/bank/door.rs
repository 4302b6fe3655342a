//! The bank's drop box as anybody may leave it: what is no file is named and left, what is not
//! whole waits, what changes meanwhile stays, and none of it stops a sound file.

use crate::child::{configuration, run};
use crate::days::stage::stage;
use crate::days::world::{block, desk, files_in};
use crate::tree::{self, scratch};
use async_trait::async_trait;
use bytes::Bytes;
use connectors::{BankLink, Clock, Fetched, Listing, ReadBack, Remote, Removed, Result, Standing};
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use jobs::tally::Tally;
use jobs::{day, ingest};
use sandbox::door::{self, Entry, What};
use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

const DAY: Date = date(2026, 11, 27);
const DATE: &str = "2026-11-27";

/// A clock that stands still.
pub struct Still(pub Timestamp);

#[async_trait]
impl Clock for Still {
    fn now(&self) -> Timestamp {
        self.0
    }

    async fn sleep(&self, _: Duration) {}
}

/// The staged installation before `ingest`.
fn before_ingest() -> (TempDir, PathBuf) {
    let dir = scratch();
    let at = dir.path().join("copy");
    tree::copy(&stage().before("ingest"), &at);
    configuration(&at);
    (dir, at)
}

fn from_bank(at: &Path) -> PathBuf {
    at.join("bank/from-bank")
}

/// Takes everything out that the bank has put out, and answers with a file of returns.
fn only_returns(at: &Path) -> Vec<u8> {
    let mut returns = None;
    for path in files_in(&from_bank(at)) {
        if path.to_string_lossy().contains("-returns-") {
            returns = Some(fs::read(&path).expect("readable"));
        }
        fs::remove_file(&path).expect("taken out");
    }
    returns.expect("the bank has returns")
}

/// Puts an entry into the drop box as it is at first.
fn put(at: &Path, Entry { name, what }: &Entry) -> PathBuf {
    let path = from_bank(at).join(OsStr::from_bytes(name));
    match what {
        What::File(body) | What::Growing { first: body, .. } => fs::write(&path, body),
        What::Replaced { first, .. } => fs::write(&path, first),
        What::Sparse(size) => fs::File::create(&path).and_then(|file| file.set_len(*size)),
        What::Link(to) => symlink(to, &path),
        What::Pipe => Command::new("mkfifo").arg(&path).status().map(drop),
        What::Socket => UnixListener::bind(&path).map(drop),
        What::Folder(body) => {
            fs::create_dir(&path).and_then(|()| fs::write(path.join("inside.ach"), body))
        }
    }
    .expect("put");
    path
}

fn sound(name: &str, body: &[u8]) -> Entry {
    Entry {
        name: name.as_bytes().to_vec(),
        what: What::File(body.to_vec()),
    }
}

#[track_caller]
fn says(tally: &Tally, name: &str, what: &str) {
    let mut lines = tally.proofs.iter();
    let said = lines.any(|line| line.starts_with(&format!("{name}: ")) && line.contains(what));
    assert!(said, "{name}: {what:?} is not in {tally}");
}

#[test]
fn what_is_no_file_is_named_and_left_and_stops_no_other() {
    let (_dir, at) = before_ingest();
    let waiting = files_in(&from_bank(&at));
    let sound = fs::read(&waiting[0]).expect("readable");
    let odd = door::never_taken(&sound);
    let paths: Vec<PathBuf> = odd.iter().map(|entry| put(&at, entry)).collect();
    let long = put(&at, &door::long_name(b"Dear customer,"));
    for args in [["ingest", "--date", DATE], ["day", "--date", DATE]] {
        let answer = run(&at, &args);
        for Entry { name, .. } in &odd {
            let shown = String::from_utf8_lossy(name).replace('\u{fffd}', "\\xff");
            answer.expect(1, &[&format!("{shown}: ")]);
        }
        answer.expect(1, &["a pipe", "a link", "a folder", "not UTF-8"]);
    }
    assert!(!long.exists() && waiting.iter().all(|path| !path.exists()));
    for path in &paths {
        let stays = fs::symlink_metadata(path).is_ok();
        assert!(stays, "{} stays", path.display());
    }
    assert!(at.join("bank/from-bank/a-folder.ach/inside.ach").exists());
}

#[test]
fn a_file_waits_until_it_has_rested() {
    let (_dir, at) = before_ingest();
    let body = only_returns(&at);
    let path = put(&at, &sound("returns.ach", &body));
    let mut desk = desk(&at);
    desk.bank.inbound.settle_seconds = 60;
    let listed = block(desk.ports.bank.list()).expect("listed").files;
    let after = |seconds| listed[0].changed + SignedDuration::from_secs(seconds);
    desk.ports.clock = Arc::new(Still(after(59)));
    let tally = block(ingest::run(&desk, DAY)).expect("ingest");
    says(&tally, "returns.ach", "waits: it has not rested for 60");
    assert!(path.exists() && tally.findings == 0, "{tally}");
    desk.ports.clock = Arc::new(Still(after(60)));
    let tally = block(ingest::run(&desk, DAY)).expect("ingest");
    assert!(!path.exists() && tally.taken.records > 0, "{tally}");
}

#[test]
fn a_file_waits_for_its_marker_and_both_go() {
    let (_dir, at) = before_ingest();
    let body = only_returns(&at);
    let mut desk = desk(&at);
    desk.bank.inbound.done_suffix = Some(".done".to_owned());
    let path = put(&at, &sound("returns.ach", &body));
    let alone = put(&at, &sound("later.ach.done", b""));
    let tally = block(ingest::run(&desk, DAY)).expect("ingest");
    says(&tally, "returns.ach", "its marker .done is not there");
    says(&tally, "later.ach.done", "the file that it marks");
    assert!(path.exists() && tally.taken.records == 0 && tally.findings == 0);
    let marker = put(&at, &sound("returns.ach.done", b""));
    let tally = block(ingest::run(&desk, DAY)).expect("ingest");
    assert!(!path.exists() && !marker.exists() && alone.exists());
    assert!(tally.taken.records > 0, "{tally}");
    // A run that was killed between the file and its marker.
    let marker = put(&at, &sound("returns.ach.done", b""));
    block(ingest::run(&desk, DAY)).expect("ingest");
    assert!(!marker.exists() && alone.exists());
}

#[test]
fn what_was_taken_half_written_is_taken_whole_when_it_has_grown() {
    for seed in [3, 200, 500] {
        let (_dir, at) = before_ingest();
        let body = only_returns(&at);
        let entry = door::growing(seed, "returns.ach", &body);
        let path = put(&at, &entry);
        let What::Growing { rest, .. } = entry.what else {
            panic!("it grows");
        };
        // The writer has the file open all the time.
        let mut writer = OpenOptions::new().append(true).open(&path).expect("open");
        let desk = desk(&at);
        let tally = block(ingest::run(&desk, DAY)).expect("ingest");
        says(&tally, "returns.ach", "quarantined, CONTROL_TOTAL");
        assert!(!path.exists());
        writer.write_all(&rest).expect("written");
        let tally = block(ingest::run(&desk, DAY)).expect("ingest");
        assert!(
            tally.given.iter().any(|heap| heap.name == "nacha"),
            "{tally}"
        );
        assert!(!path.exists(), "{seed}");
    }
}

/// The drop box, and somebody who does something to it when a file was read.
struct Meddling {
    link: Arc<dyn BankLink>,
    meddle: Box<dyn Fn() + Send + Sync>,
    before: bool,
}

#[async_trait]
impl BankLink for Meddling {
    async fn ready(&self) -> Result<()> {
        self.link.ready().await
    }

    async fn list(&self) -> Result<Listing> {
        self.link.list().await
    }

    async fn fetch(&self, file: &Remote) -> Result<Fetched> {
        if self.before {
            (self.meddle)();
        }
        let fetched = self.link.fetch(file).await;
        if !self.before {
            (self.meddle)();
        }
        fetched
    }

    async fn upload(&self, name: &str, body: Bytes) -> Result<()> {
        self.link.upload(name, body).await
    }

    async fn read_back(&self, name: &str, sent: &ReadBack) -> Result<Standing> {
        self.link.read_back(name, sent).await
    }

    async fn taken(&self, name: &str, sent: &ReadBack) -> Result<()> {
        self.link.taken(name, sent).await
    }

    async fn sent(&self) -> Result<Vec<(String, Option<ReadBack>)>> {
        self.link.sent().await
    }

    async fn set_aside(&self, name: &str, sent: &ReadBack) -> Result<Option<String>> {
        self.link.set_aside(name, sent).await
    }

    async fn remove(&self, name: &str, taken: &ReadBack) -> Result<Removed> {
        self.link.remove(name, taken).await
    }
}

#[test]
fn what_takes_a_files_place_while_it_is_taken_stays_and_comes_next() {
    let (_dir, at) = before_ingest();
    let body = only_returns(&at);
    let entry = door::replaced("returns.ach", b"Dear customer,", &body);
    let path = put(&at, &entry);
    let mut desk = desk(&at);
    let link = Arc::clone(&desk.ports.bank);
    let (place, aside) = (path.clone(), at.join("new"));
    let meddle = move || {
        let What::Replaced { then, .. } = &entry.what else {
            panic!("it is replaced");
        };
        fs::write(&aside, then).expect("written");
        fs::rename(&aside, &place).expect("replaced");
    };
    desk.ports.bank = Arc::new(Meddling {
        link: Arc::clone(&link),
        meddle: Box::new(meddle),
        before: false,
    });
    let tally = block(ingest::run(&desk, DAY)).expect("ingest");
    says(
        &tally,
        "returns.ach",
        "waits: it has changed since it was taken",
    );
    assert_eq!(fs::read(&path).expect("it stays"), body);
    desk.ports.bank = link;
    let tally = block(ingest::run(&desk, DAY)).expect("ingest");
    assert!(
        tally.given.iter().any(|heap| heap.name == "nacha"),
        "{tally}"
    );
    assert!(!path.exists());
}

#[test]
fn one_file_that_cannot_be_read_is_a_finding_and_the_others_are_taken() {
    let (_dir, at) = before_ingest();
    let count = files_in(&from_bank(&at)).len();
    let vanishes = put(&at, &sound("0-vanishes.ach", b"101"));
    let mut desk = desk(&at);
    let gone = vanishes.clone();
    let meddle = move || drop(fs::remove_file(&gone));
    desk.ports.bank = Arc::new(Meddling {
        link: Arc::clone(&desk.ports.bank),
        meddle: Box::new(meddle),
        before: true,
    });
    let tally = block(ingest::run(&desk, DAY)).expect("ingest");
    says(&tally, "0-vanishes.ach", "not taken: ");
    assert_eq!(tally.findings, 1, "{tally}");
    let files = tally.notes.iter().find(|note| note.name == "files");
    assert_eq!(
        files.map(|note| note.value.clone()),
        Some(count.to_string())
    );
    block(day::run(&desk, DAY)).expect("the day goes on");
}

#[test]
fn local_files_are_regular_files_and_no_longer_than_the_banks_may_be() {
    let (dir, at) = before_ingest();
    let body = only_returns(&at);
    for entry in door::never_taken(&body) {
        let path = put(&at, &entry);
        if matches!(entry.what, What::File(_)) {
            continue; // its name is no text, and no argument of this test
        }
        let named = path.display().to_string();
        let answer = run(&at, &["ingest", "--date", DATE, &named]);
        answer.expect(2, &[&named, "name a file that can be read"]);
    }
    let good = dir.path().join("returns.ach");
    fs::write(&good, &body).expect("written");
    let good = good.display().to_string();
    run(&at, &["ingest", "--date", DATE, &good]).expect(0, &["files 1"]);
}

#[test]
fn a_file_of_a_day_that_cannot_be_is_taken_with_a_finding() {
    let (_dir, at) = before_ingest();
    let mut body = only_returns(&at);
    body[23..29].copy_from_slice(b"361127"); // the file header's creation date
    let path = put(&at, &sound("returns.ach", &body));
    let desk = desk(&at);
    let tally = block(ingest::run(&desk, DAY)).expect("ingest");
    says(
        &tally,
        "returns.ach",
        "it says that it is of 2036-11-27, which cannot be",
    );
    assert!(!path.exists() && tally.findings > 0 && tally.taken.records > 0);
}

/// A configuration whose bank profile says this of what is whole.
fn with_inbound(at: &Path, inbound: &str) {
    let profile = desk::config::SANDBOX_BANK.replacen("settle_seconds = 0", inbound, 1);
    fs::write(at.join("bank.toml"), profile).expect("written");
    let config = configuration(at);
    let text = fs::read_to_string(&config).expect("written");
    fs::write(&config, format!("bank = 'bank.toml'\n{text}")).expect("written");
}

const INGEST: &[&str] = &["ingest", "--date", DATE];

#[test]
fn a_profile_of_somebodys_own_says_how_long_a_file_must_rest() {
    let (_dir, at) = before_ingest();
    let body = only_returns(&at);
    let path = put(&at, &sound("returns.ach", &body));
    with_inbound(&at, "settle_seconds = 3600");
    let waits = "returns.ach: waits: it has not rested for 3600 seconds";
    run(&at, INGEST).expect(0, &[waits, "waiting 1"]);
    assert!(path.exists());
    with_inbound(&at, "settle_seconds = 1");
    std::thread::sleep(Duration::from_millis(1_100));
    let taken = run(&at, INGEST);
    taken.expect(0, &["files 1"]);
    assert!(
        !path.exists() && !taken.text().contains("waits"),
        "{taken:?}"
    );
}

#[test]
fn a_profile_of_somebodys_own_says_which_marker_a_file_must_have() {
    let (_dir, at) = before_ingest();
    let body = only_returns(&at);
    let path = put(&at, &sound("returns.ach", &body));
    with_inbound(&at, "done_suffix = '.ready'");
    let waits = "returns.ach: waits: its marker .ready is not there";
    run(&at, INGEST).expect(0, &[waits]);
    let other = put(&at, &sound("returns.ach.done", b""));
    run(&at, INGEST).expect(0, &[waits, "returns.ach.done: waits"]);
    let marker = put(&at, &sound("returns.ach.ready", b""));
    run(&at, INGEST).expect(0, &["files 1"]);
    assert!(!path.exists() && !marker.exists() && other.exists());
}

#[test]
fn a_name_that_comes_twice_with_other_bytes_is_two_files() {
    let (_dir, at) = before_ingest();
    let body = only_returns(&at);
    let ingested = at.join("objects/ingested").join(format!("received={DATE}"));
    let first = put(&at, &sound("returns.ach", &body));
    run(&at, INGEST).expect(0, &["files 1", "duplicates 0"]);
    let before = files_in(&ingested);
    // The same bytes once more are nothing new, whatever was there meanwhile.
    put(&at, &sound("returns.ach", &body));
    run(&at, INGEST).expect(0, &["files 1"]);
    put(&at, &sound("returns.ach", b"Dear customer,"));
    run(&at, INGEST).expect(1, &["files 2", "duplicates 0", "returns.ach: quarantined"]);
    let after = files_in(&ingested);
    assert!(
        !first.exists() && before.len() == 1 && after.len() == 2,
        "{after:?}"
    );
    assert!(after.contains(&before[0]));
    let copies = files_in(&at.join("objects/inbound").join(format!("received={DATE}")));
    let kept: Vec<_> = copies
        .iter()
        .map(|path| fs::read(path).expect("kept"))
        .collect();
    assert!(kept.contains(&body) && kept.contains(&b"Dear customer,".to_vec()));
    run(&at, &["day", "--date", DATE]).expect(1, &["returns.ach: quarantined"]);
}

#[test]
fn a_drop_box_that_is_gone_is_not_taken_for_a_day_without_answers() {
    let (_dir, at) = before_ingest();
    for path in files_in(&from_bank(&at)) {
        fs::remove_file(path).expect("taken out");
    }
    let said = run(&at, INGEST);
    said.expect(0, &["nothing came and nothing lies in from-bank, while "]);
    for folder in ["from-bank", "to-bank", "receipts"] {
        let (path, away) = (at.join("bank").join(folder), at.join("away"));
        fs::rename(&path, &away).expect("moved");
        for args in [INGEST, &["day", "--date", DATE]] {
            run(&at, args).expect(2, &[folder, "nothing is there", "mount it"]);
            assert!(!path.exists(), "{folder} was made");
        }
        fs::rename(&away, &path).expect("moved");
    }
    fs::remove_dir_all(from_bank(&at)).expect("removed");
    run(&at, &["init"]).expect(0, &["nothing was changed"]);
    run(&at, INGEST).expect(0, &["nothing came and nothing lies"]);
}

#[test]
fn a_whole_file_closes_the_break_of_the_torn_one_and_its_name_alone_does_not() {
    let (_dir, at) = before_ingest();
    let body = only_returns(&at);
    let torn: Vec<u8> = body[..body.len() / 2].to_vec();
    let open = |day: &str| {
        let asked = "SELECT status, explanation FROM breaks WHERE recon_date = DATE '{as_of}' \
                     AND kind = 'CONTROL_TOTAL'";
        let answer = run(&at, &["query", asked, "--as-of", day, "--csv"]);
        answer.expect(0, &[]).text()
    };
    put(&at, &sound("returns.ach", &torn));
    run(&at, &["day", "--date", DATE]).expect(1, &["returns.ach: quarantined"]);
    assert!(open(DATE).contains("\nOPEN,"));
    // A bank uses a name for each day's file.
    let mut another = body.clone();
    another[24] = if another[24] == b'1' { b'2' } else { b'1' };
    put(&at, &sound("returns.ach", &another));
    let next = "2026-11-30";
    let _ = run(&at, &["day", "--date", next]).ran(&[]);
    assert!(open(next).contains("\nOPEN,"), "{}", open(next));
    put(&at, &sound("again.ach", &body));
    let after = "2026-12-01";
    run(&at, &["day", "--date", after]).ran(&[]);
    let said = open(after);
    let cleared = "closed by itself: again.ach came whole in its place";
    assert!(
        said.contains("\nAUTO_CLEARED,") && said.contains(cleared),
        "{said}"
    );
    assert!(!said.contains("\nOPEN,"), "{said}");
}
