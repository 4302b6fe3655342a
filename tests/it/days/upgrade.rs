//! An installation of an older form comes through: brought forward, it runs its week to the end
//! with the books and the payments that the program which made it came to.
//!
//! `fixtures/form-1.tar.zst` was made by the last program of form 1. It holds an installation
//! stopped on 2026-11-30 after that morning's files were taken and the first window was cut, in the
//! middle of a week of five days with 60 payments each from a bank that makes mistakes: with open
//! batches, returns, holds, suspense and breaks. Beside it lie the files that the bank put out on
//! each later day, and what that program itself came to at the end of 2026-12-08. The others are
//! alike, each by the program of its form (`upgrade/made.rs`).

mod form_3;
mod made;
mod mended;
mod mixed;
mod older;

use crate::days::world::{block, config, with_ports};
use crate::tree::{assert_same, bytes, scratch};
use connectors::Name;
use connectors::faulty::{Faults, When};
use desk::{installation, names};
use jiff::civil::{Date, date};
use jobs::check::{self, Scope};
use jobs::records;
use jobs::records::reconciled::Reconciled;
use jobs::upgrade::{self, How};
use older::{Older, assert_agree, facts};
use settlement::payment::{Payment, PaymentEvent, State};
use std::fs;
use std::path::Path;

const FORM_1: &[u8] = include_bytes!("../../fixtures/form-1.tar.zst");
const STOPPED: Date = date(2026, 11, 30);
const LAST: Date = date(2026, 12, 8);

/// The last day that each of these programs had closed.
const CLOSED: &str = "2026-11-27";

/// Where a payment stood and in which version by the one rule that is another since: what came back
/// before it was seen to settle stayed FAILED, and took no event for having settled.
fn by_the_older_rule(payment: &Payment, history: &[PaymentEvent]) -> (State, u32) {
    let mut steps = history.iter().map(|event| (event.from, event.to));
    match steps.any(|step| step == (State::Failed, State::Returned)) {
        true => (State::Failed, payment.version - 1),
        false => (payment.state, payment.version),
    }
}

/// The fee of 25.00 that the older program took for netted, of which the bank's text says nothing.
const UNDECIDED: &str = "break AMBIGUOUS 261130C0000001/credit -2500 OPEN";

/// What is otherwise by rule since, as it would have been. The opening balance is booked. Money in
/// suspense is kept under the line's own id. And an amount is no cause: what may be a netted fee
/// rests in suspense with a break, and is no expense. Nobody announced and wired anything in that
/// version, so who paid out more than it had is named.
fn by_the_older_rules(facts: Vec<String>, undecided: bool) -> Vec<String> {
    const FEE: i64 = 2_500;
    const OPENING: i64 = 1_000_000_000;
    let opened = facts.iter().any(|fact| fact.starts_with("balance 3010"));
    let by_rule = |fact: String| {
        let words: Vec<&str> = fact.splitn(4, ' ').collect();
        let ["balance", account, key, cents] = words[..] else {
            let named = fact == UNDECIDED || fact.starts_with("break OVERDRAWN ");
            return (!named).then_some(fact);
        };
        let cents: i64 = cents.parse().expect("cents");
        match account {
            "3010" => None,
            "1010" if opened => Some(format!("balance 1010 {key} {}", cents - OPENING)),
            "5010" if undecided => Some(format!("balance 5010 {key} {}", cents + FEE)),
            "1900" if undecided && cents == FEE => None,
            "1900" | "2900" => Some(format!("balance {account} {cents}")),
            _ => Some(fact),
        }
    };
    facts.into_iter().filter_map(by_rule).collect()
}

#[test]
fn an_installation_of_form_1_runs_its_week_to_the_end_with_the_same_books() {
    let older = Older::unpack(FORM_1);
    let untouched = bytes(&older.installation(), &["objects", "archive"]);
    let day = STOPPED.to_string();
    let refused = older.tieout(&["day", "--date", &day]);
    refused.expect(2, &["form 1", "tieout upgrade"]);
    let dry = older.tieout(&["upgrade", "--dry-run"]);
    dry.expect(0, &["from form 1 to 3", "frozen cuts of version 1"]);
    let after = bytes(&older.installation(), &["objects", "archive"]);
    assert_same("refused and looked at", &untouched, &after);
    for _ in 0..2 {
        older
            .tieout(&["upgrade"])
            .expect(0, &["every record can be read"]);
    }
    let mut after = bytes(&older.installation(), &["objects", "archive"]);
    for says in ["objects/installation.json", "archive/installation.json"] {
        assert!(after.remove(says).is_some(), "{says}");
    }
    let witnesses = after.len();
    after.retain(|name, _| !name.starts_with("objects/witnessed/"));
    assert!(after.len() < witnesses, "what had no checksum got one");
    assert_same("upgraded", &untouched, &after);
    let asked = older.questions(CLOSED);
    older.run_to_the_end();
    assert_eq!(older.questions(CLOSED), asked, "as known at a close before");
    older.questions(&LAST.to_string());
    let found = block(facts(&older.desk(), LAST, by_the_older_rule));
    let undecided = found.iter().any(|fact| fact == UNDECIDED);
    let found = by_the_older_rules(found, undecided);
    assert_agree(&by_the_older_rules(older.expected(), false), &found);
    assert!(undecided, "{found:#?}");
    for (name, body) in &untouched {
        let now = fs::read(older.installation().join(name)).expect(name);
        let head = name == "objects/archive/head.json";
        assert!(head || now == *body, "{name} was rewritten");
    }
    let proof = older.tieout(&["verify", "--date", "2026-11-24"]);
    proof.expect(0, &["2026-11-24: the package is as it was sealed"]);
}

#[test]
fn a_fault_at_any_step_of_an_upgrade_is_healed_by_another() {
    for when in [When::Before, When::After] {
        for nth in [1, 2, 60] {
            assert!(struck(nth, when), "a change");
        }
        let most = 200;
        let mut last = most;
        while !struck(last, when) {
            last -= 1;
        }
        assert!(last < most, "it ends");
        for nth in last - 4..last {
            assert!(struck(nth, when), "the record, three marks, the record");
        }
    }
}

/// Whether an upgrade has an `nth` change; where it fails there, another one heals it.
fn struck(nth: u64, when: When) -> bool {
    let older = Older::unpack(FORM_1);
    let sound = older.desk();
    let faults = Faults::at(nth, when);
    let failing = with_ports(&older.installation(), faults.around(&sound.ports));
    let ended = block(upgrade::run(&failing, How::default()));
    assert_eq!(ended.is_err(), faults.struck());
    let done = block(upgrade::run(&sound, How::default())).expect("upgraded");
    assert_eq!(done.to, 3);
    block(installation::current(&sound)).expect("current");
    let proved = block(check::run(&sound, Scope::All, None)).expect("a check");
    assert!(proved.ok(), "{:#?}", proved.findings);
    faults.struck()
}

#[test]
fn a_record_that_cannot_be_read_is_named_and_nothing_is_changed() {
    let day = STOPPED.to_string();
    for (text, words) in [
        ("{\"version\": 99}", "newer tieout"),
        ("{\"version\": 2}", "missing field"),
        ("[1, 2]", "not a record"),
        ("{\"date\": 7}", "not a record"),
        ("", "not a record"),
    ] {
        let older = Older::unpack(FORM_1);
        let torn = older
            .installation()
            .join("objects/reconciled/2026-11-27.json");
        fs::write(&torn, text).expect("written");
        let refused = older.tieout(&["upgrade"]);
        assert!(matches!(refused.status, 1 | 3), "{text}: {refused:?}");
        refused.expect(refused.status, &["reconciled/2026-11-27.json", words]);
        older
            .tieout(&["day", "--date", &day])
            .expect(2, &["tieout upgrade"]);
    }
}

#[test]
fn an_installation_of_a_newer_form_is_refused_and_a_new_one_begins_with_this_form() {
    let dir = scratch();
    let desk = jobs::open::make(config(dir.path()), None).expect("a desk");
    let says = dir.path().join("objects/installation.json");
    block(installation::current(&desk)).expect_err("nothing there yet");
    assert!(!says.exists(), "who only looks writes nothing");
    block(jobs::init::settle(&desk, None, false)).expect("begins");
    block(installation::current(&desk)).expect("this form");
    fs::write(&says, "{\"version\": 1, \"form\": 4}").expect("written");
    for refused in [
        block(installation::current(&desk)).expect_err("newer"),
        block(upgrade::run(&desk, How::default()))
            .map(drop)
            .expect_err("newer"),
    ] {
        assert!(
            refused.remedy.contains("newer tieout"),
            "{}",
            refused.message
        );
    }
    let name = Name::parse("installation.json").expect("a name");
    assert!(
        block(desk.ports.objects.head(&name))
            .expect("there")
            .is_some()
    );
}

/// Not a test of the program: that the fixture holds what its description says.
#[test]
fn the_fixture_was_stopped_with_something_of_everything_open() {
    let older = Older::unpack(FORM_1);
    let desk = older.desk();
    block(upgrade::run(&desk, How::default())).expect("upgraded");
    let before = records::newest_before::<Reconciled>(
        &*desk.ports.objects,
        names::RECONCILED_PREFIX,
        STOPPED,
    );
    let before = block(before).expect("read").expect("a record");
    let holds = before.settled.iter().filter(|batch| !batch.hold_ended);
    assert!(!before.open.is_empty() && !before.open_returns.is_empty());
    assert!(holds.count() > 0 && !before.breaks.is_empty());
    let exists = |path: &Path| path.exists();
    assert!(exists(&older.installation().join("objects/cuts")));
}
