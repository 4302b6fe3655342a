//! Things of strangers at the bank under names of ours: named, never overwritten, in the way of
//! no other file, and moved aside by the command that the message gives.

use crate::child::{configuration, run};
use crate::days::stage::stage;
use crate::tree::{self, assert_same, bytes, scratch};
use formats::acks::{self, Ack, Status};
use settlement::money::Cents;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

const DATE: &str = "2026-11-27";
const DELIVER: &[&str] = &["deliver", "--date", DATE];

fn before_deliver() -> (TempDir, PathBuf) {
    let dir = scratch();
    let at = dir.path().join("copy");
    tree::copy(&stage().before("deliver"), &at);
    configuration(&at);
    (dir, at)
}

/// The files of the day as the bank will see them, and their bytes.
fn ours() -> Vec<(String, Vec<u8>)> {
    let sent = bytes(&stage().after("deliver"), &["bank/to-bank"]);
    let day = DATE.replace('-', "");
    let name = |path: String| path.rsplit('/').next().expect("a name").to_owned();
    let files = sent.into_iter().map(|(path, body)| (name(path), body));
    files.filter(|(name, _)| name.contains(&day)).collect()
}

type Put = fn(&Path, &[u8]);

/// What a stranger may put under a name, given our bytes.
const STRANGERS: &[(&str, Put)] = &[
    ("other bytes", |path, _| {
        fs::write(path, "a letter").expect("put")
    }),
    ("other bytes of our length", |path, ours| {
        fs::write(path, vec![b'x'; ours.len()]).expect("put");
    }),
    ("nothing in it", |path, _| fs::write(path, "").expect("put")),
    ("a folder", |path, _| fs::create_dir(path).expect("put")),
    ("a pipe", |path, _| {
        let made = Command::new("mkfifo").arg(path).status().expect("mkfifo");
        assert!(made.success());
    }),
    ("a link to our own bytes", |path, ours| {
        let elsewhere = path.with_extension("elsewhere");
        fs::write(&elsewhere, ours).expect("put");
        let hidden = path.parent().expect("a folder").join(".elsewhere");
        fs::rename(elsewhere, &hidden).expect("hidden");
        symlink(hidden, path).expect("put");
    }),
    ("a link to no end", |path, _| {
        symlink("/dev/zero", path).expect("put")
    }),
];

#[test]
fn a_stranger_under_our_name_is_named_and_the_others_are_delivered() {
    let all = ours();
    assert!(all.len() > 1, "several files are sent on this day");
    for (what, put) in STRANGERS {
        let (_dir, at) = before_deliver();
        let (name, body) = &all[0];
        let path = at.join("bank/to-bank").join(name);
        put(&path, body);
        let command = format!("tieout deliver --date {DATE} --set-aside {name}");
        run(&at, DELIVER).expect(1, &[&format!("{name}: something else"), &command]);
        let stays = fs::symlink_metadata(&path).expect("it stays");
        assert!(
            !stays.is_file() || &fs::read(&path).expect("readable") != body,
            "{what}"
        );
        for (name, body) in &all[1..] {
            let there = fs::read(at.join("bank/to-bank").join(name)).expect("delivered");
            assert!(&there == body, "{what}: {name}");
        }
        let healing = [DELIVER, &["--set-aside", name]].concat();
        run(&at, &healing).expect(0, &[&format!("{name}: what stood there is now ")]);
        assert!(&fs::read(&path).expect("ours") == body, "{what}");
        let aside = at.join(format!("bank/to-bank/.aside/{name}.1"));
        assert!(fs::symlink_metadata(aside).is_ok(), "{what}: it is kept");
        run(&at, DELIVER).expect(0, &[]);
        let objects = ["objects/deliveries"];
        let expected = bytes(&stage().after("deliver"), &objects);
        assert_same(what, &expected, &bytes(&at, &objects));
    }
}

#[test]
fn nothing_of_ours_is_set_aside() {
    let (_dir, at) = before_deliver();
    let (name, _) = &ours()[0];
    let aside = |name: &str| run(&at, &[DELIVER, &["--set-aside", name]].concat());
    aside("other.ach").expect(2, &["no file of 2026-11-27"]);
    aside(name).expect(0, &["nothing of a stranger"]);
    let before = bytes(&at, &["bank", "objects"]);
    aside(name).expect(2, &["it is delivered"]);
    assert_same("refused", &before, &bytes(&at, &["bank", "objects"]));
}

#[test]
fn a_torn_receipt_is_in_nobodys_way() {
    let (_dir, at) = before_deliver();
    let all = ours();
    let receipt = |name: &str| at.join("bank/receipts").join(name);
    // One whose file stands there already: sent by a run that was killed.
    let (stands, body) = &all[0];
    fs::write(at.join("bank/to-bank").join(stands), body).expect("put");
    fs::write(receipt(stands), "12").expect("torn");
    // One of which nothing stands there: the bank may have taken it.
    let (gone, _) = &all[1];
    fs::write(receipt(gone), "").expect("torn");
    let answer = run(&at, DELIVER);
    answer.expect(
        1,
        &[
            &format!("{gone}: "),
            "our receipt cannot be read",
            "--set-aside",
        ],
    );
    let delivered = |name: &str| {
        let record = format!("objects/deliveries/date={DATE}/{name}.json");
        at.join(record).exists()
    };
    let done: Vec<bool> = all.iter().map(|(name, _)| delivered(name)).collect();
    assert_eq!(done.iter().filter(|done| !**done).count(), 1, "{answer:?}");
    assert!(!delivered(gone));
    run(&at, &[DELIVER, &["--set-aside", gone]].concat()).expect(0, &[]);
    assert!(delivered(gone));
}

/// Killed after a file of ours got its name there and before it was read back; and the bank has
/// taken it.
#[test]
fn what_may_have_gone_is_sent_again_by_nobody_but_who_asked_the_bank() {
    let all = ours();
    let (gone, body) = &all[1];
    let record = format!("objects/deliveries/date={DATE}/{gone}.json");
    let gone_at_bank = |at: &Path| !at.join("bank/to-bank").join(gone).exists();
    for said in ["an acknowledgement", "--taken", "--set-aside"] {
        let (_dir, at) = before_deliver();
        let begun = at.join("bank/receipts/.begun");
        fs::create_dir_all(&begun).expect("made");
        fs::write(begun.join(gone), "").expect("noted");
        fs::remove_dir_all(at.join("bank/from-bank")).expect("removed");
        fs::create_dir(at.join("bank/from-bank")).expect("made");
        for acked in [Status::Accepted, Status::Rejected] {
            let of_other_bytes = ack(gone, b"other", acked);
            fs::write(at.join("bank/from-bank/ack.csv"), of_other_bytes).expect("put out");
            let options = [format!("--set-aside {gone}"), format!("--taken {gone}")];
            run(&at, DELIVER).expect(1, &["its upload had begun", &options[0], &options[1]]);
            assert!(gone_at_bank(&at) && !at.join(&record).exists(), "{said}");
        }
        match said {
            "an acknowledgement" => {
                let ack = ack(gone, body, Status::Accepted);
                fs::write(at.join("bank/from-bank/ack.csv"), ack).expect("put out");
                run(&at, DELIVER).expect(0, &[]);
            }
            option => {
                run(&at, &[DELIVER, &[option, gone]].concat()).expect(0, &[gone]);
            }
        }
        assert_eq!(gone_at_bank(&at), said != "--set-aside", "{said}");
        let objects = ["objects/deliveries"];
        let expected = bytes(&stage().after("deliver"), &objects);
        assert_same(said, &expected, &bytes(&at, &objects));
        run(&at, &[DELIVER, &["--taken", gone]].concat()).expect(2, &["it is delivered"]);
        run(&at, &["allocate", "--date", DATE]).expect(0, &[]);
    }
    let (_dir, at) = before_deliver();
    fs::write(at.join("bank/to-bank").join(gone), "a letter").expect("put");
    let taken = [DELIVER, &["--taken", gone]].concat();
    run(&at, &taken).expect(3, &["something stands at the bank"]);
}

/// The bank's answer to a file of these bytes.
fn ack(file: &str, body: &[u8], status: Status) -> Vec<u8> {
    let ack = Ack {
        line: 2,
        file: file.to_owned(),
        sha256: settlement::archive::sha256(body).to_string(),
        status,
        entries: 0,
        debit_cents: Cents::ZERO,
        credit_cents: Cents::ZERO,
        reason: String::new(),
        batch: None,
    };
    acks::write(&[ack])
}
