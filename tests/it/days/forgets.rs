//! Names that are forgotten: they are in no table and no file of the store, all else is there to
//! the byte, and every proof holds; until they may be, they stay.

use crate::child::{configuration, run};
use crate::days::asked::answers;
use crate::days::stage::closed;
use crate::days::world::{self, World, block, everyone};
use crate::tree::{self, assert_same, bytes, scratch};
use connectors::faulty::{Faults, When};
use desk::Desk;
use formats::tables::{self, ReceiverName, ReceiverNames};
use jiff::civil::{Date, date};
use jobs::check::{self, Scope};
use jobs::forget::{self, Outcome};
use jobs::{export, verify};
use sandbox::bank::FaultPlan;
use serde_json::Value;
use settlement::calendar::next_banking_day;
use settlement::forgetting::{Customer, kept};
use settlement::ids::Direction;
use settlement::payment::{Payment, State};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tempfile::TempDir;

const FIRST: Date = date(2026, 11, 24);

/// A day on which the extended windows of what settled first are over, and those of what asked to
/// go later are not.
const LAST: Date = date(2027, 1, 29);

/// Everything that a forgetting may not move, and may.
pub const OBJECTS: &[&str] = &["objects", "archive"];

/// An installation in which somebody may be forgotten, made once for the tests that run at a time.
fn ripe() -> Arc<TempDir> {
    static MADE: Mutex<Weak<TempDir>> = Mutex::new(Weak::new());
    let mut known = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    known.upgrade().unwrap_or_else(|| {
        let dir = scratch();
        let mut world = World::new(FaultPlan::none());
        let mut day = FIRST;
        while day <= LAST {
            let desk = world::desk(dir.path());
            let payments = if day == FIRST { 80 } else { 0 };
            block(world.morning(dir.path(), &desk, day, payments));
            block(jobs::day::run(&desk, day)).expect("an ordinary day");
            drop(desk);
            world.evening(dir.path(), day);
            day = next_banking_day(day);
        }
        configuration(dir.path());
        let made = Arc::new(dir);
        *known = Arc::downgrade(&made);
        made
    })
}

pub fn copied() -> (Arc<TempDir>, TempDir, PathBuf) {
    let (made, dir) = (ripe(), scratch());
    let at = dir.path().join("copy");
    tree::copy(made.path(), &at);
    configuration(&at);
    (made, dir, at)
}

/// A desk whose bank lets names go at once.
fn hasty(at: &Path) -> Desk {
    let mut desk = world::desk(at);
    desk.bank.names_kept_days = 0;
    desk
}

fn of(payment: &Payment) -> Customer {
    Customer {
        originator: payment.order.originator.clone(),
        token: payment.receiver.token.token.clone(),
    }
}

/// A customer all of whose payments may be forgotten, and one of them; nobody else has the name.
pub fn somebody(at: &Path) -> (Customer, Payment) {
    let desk = world::desk(at);
    let all = block(everyone(&desk));
    let mut by_customer: BTreeMap<Customer, Vec<&Payment>> = BTreeMap::new();
    for payment in &all {
        by_customer.entry(of(payment)).or_default().push(payment);
    }
    let may = |payments: &Vec<&Payment>| {
        let name = &payments[0].receiver.name;
        let named = all.iter().filter(|one| one.receiver.name.contains(name));
        let paid = payments[0].order.direction == Direction::Credit;
        let over = |one: &&Payment| one.entry.is_some() && kept(one, LAST, 0).is_none();
        paid && payments.iter().all(over) && named.count() == payments.len()
    };
    let found = by_customer.into_iter().find(|(_, payments)| may(payments));
    let (customer, payments) = found.expect("somebody whose windows are over");
    (customer, payments[0].clone())
}

/// Every part of the table of names, with its rows.
fn names(at: &Path) -> Vec<(PathBuf, Vec<ReceiverName<'static>>)> {
    let mut all = Vec::new();
    tree::walk(&at.join("objects/names"), &mut |path, is_dir| {
        if !is_dir {
            let part = fs::File::open(path).expect("a part");
            let rows = tables::read::<ReceiverNames>(part, "names").expect("a table");
            let rows = rows.collect::<Result<_, _>>().expect("rows");
            all.push((path.to_path_buf(), rows));
        }
    });
    all
}

pub fn rows_of(at: &Path, customer: &Customer) -> usize {
    let rows = names(at).into_iter().flat_map(|(_, rows)| rows);
    rows.filter(|row| row.account_token == customer.token)
        .count()
}

/// Whether a file of the store has these bytes in it.
pub fn in_store(at: &Path, text: &str) -> bool {
    let inside = |body: &Vec<u8>| body.windows(text.len()).any(|some| some == text.as_bytes());
    bytes(at, &["store"]).values().any(inside)
}

/// All that a forgetting leaves as it is.
fn rest(at: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut all = bytes(at, OBJECTS);
    all.retain(|name, _| {
        !name.starts_with("objects/names/") && !name.starts_with("objects/forgotten/")
    });
    all
}

fn findings(desk: &Desk, scope: Scope) -> Vec<String> {
    let check = block(check::run(desk, scope, None)).expect("checked");
    let messages = check.findings.into_iter().map(|one| one.message);
    messages.collect()
}

/// The answers with the name of a token as it is once it is forgotten.
fn without_name(answers: &[String], token: &str) -> Vec<String> {
    let parsed = answers.iter().map(|text| {
        let mut answer: Value = serde_json::from_str(text).expect("a document");
        let columns = answer["columns"].as_array().expect("columns").clone();
        let at = |name: &str| columns.iter().position(|column| column == name);
        if let (Some(of), Some(name)) = (at("account_token"), at("name")) {
            let rows = answer["rows"].as_array_mut().expect("rows");
            for row in rows.iter_mut().filter(|row| row[of] == token) {
                row[name] = "".into();
            }
        }
        answer.to_string()
    });
    parsed.collect()
}

#[test]
fn who_is_forgotten_is_nowhere_and_every_proof_and_answer_holds() {
    let (_made, _dir, at) = copied();
    let (customer, payment) = somebody(&at);
    let name = &payment.receiver.name;
    let (before, as_of) = (rest(&at), LAST.to_string());
    let asked = answers(&at, &as_of);
    assert!(rows_of(&at, &customer) > 0);
    assert!(in_store(&at, name), "else nothing is shown by its absence");
    let others = names(&at).iter().map(|(_, rows)| rows.len()).sum::<usize>();
    let desk = hasty(&at);
    let would = block(forget::run(&desk, customer.clone(), true)).expect("asked");
    assert_eq!(would.outcome, Outcome::Would);
    assert!(would.rows > 0 && !would.files.is_empty() && would.sealed_with_names.is_empty());
    assert!(rows_of(&at, &customer) > 0, "nothing was changed");
    let done = block(forget::run(&desk, customer.clone(), false)).expect("forgotten");
    assert_eq!((done.outcome, done.rows), (Outcome::Forgotten, would.rows));
    let again = block(forget::run(&desk, customer.clone(), false)).expect("forgotten");
    assert_eq!((again.outcome, again.rows), (Outcome::Exists, 0));
    let found = block(desk.ports.payments.get(&[payment.id])).expect("read");
    let mut expected = payment.clone();
    expected.forget();
    assert_eq!(found, [Some(expected)]);
    drop(desk);
    assert_eq!(rows_of(&at, &customer), 0);
    let left = names(&at).iter().map(|(_, rows)| rows.len()).sum::<usize>();
    assert_eq!(
        left as u64 + done.rows,
        others as u64,
        "nobody else is forgotten"
    );
    assert!(!in_store(&at, name), "{name} is in the store");
    assert_same("all but names", &before, &rest(&at));
    let desk = hasty(&at);
    assert_eq!(findings(&desk, Scope::All), [""; 0]);
    let mut day = FIRST;
    while day <= LAST {
        block(verify::archived(&desk, day)).expect("as it was sealed");
        day = next_banking_day(day);
    }
    drop(desk);
    assert_ne!(answers(&at, &as_of), asked, "a question shows names");
    assert_eq!(answers(&at, &as_of), without_name(&asked, &customer.token));
    // And the days go on.
    let next = next_banking_day(LAST).to_string();
    run(&at, &["day", "--date", &next]).ran(&[]);
    run(&at, &["check"]).expect(0, &["names that were forgotten"]);
}

#[test]
fn a_forgetting_that_is_killed_anywhere_is_brought_to_its_end() {
    let (_made, _dir, at) = copied();
    let (customer, payment) = somebody(&at);
    let whole = at.with_file_name("whole");
    tree::copy(&at, &whole);
    block(forget::run(&hasty(&whole), customer.clone(), false)).expect("forgotten");
    let expected = bytes(&whole, OBJECTS);
    for when in [When::Before, When::After] {
        let mut nth = 1;
        loop {
            let what = format!("fault {when:?} change {nth}");
            let copy = at.with_file_name(format!("{when:?}-{nth}"));
            tree::copy(&at, &copy);
            let faults = Faults::at(nth, when);
            let sound = hasty(&copy);
            let mut failing = world::with_ports(&copy, faults.around(&sound.ports));
            failing.bank.names_kept_days = 0;
            let ended = block(forget::run(&failing, customer.clone(), false));
            drop(failing);
            if !faults.struck() {
                ended.expect(&what);
                break;
            }
            block(forget::run(&sound, customer.clone(), false)).expect(&what);
            drop(sound);
            assert_same(&what, &expected, &bytes(&copy, OBJECTS));
            assert!(!in_store(&copy, &payment.receiver.name), "{what}");
            nth += 1;
        }
        assert!(nth > 3, "a fact, a part and the store: {nth}");
    }
}

#[test]
fn names_that_somebody_edited_or_lost_are_named() {
    let (_made, _dir, at) = copied();
    let (path, rows) = names(&at).into_iter().next().expect("a part");
    let before = fs::read(&path).expect("a part");
    let put = |rows: Vec<ReceiverName<'static>>| {
        let (bytes, _) = tables::to_bytes::<ReceiverNames>(rows).expect("a part");
        fs::write(&path, bytes).expect("written");
    };
    let mut renamed = rows.clone();
    renamed[0].individual_name = "SOMEBODY ELSE".into();
    let mut told = rows.clone();
    told[1].remittance = Some("PAID".into());
    let mut swapped = rows.clone();
    swapped.swap(0, 1);
    let twice = [&rows[..1], &rows[..]].concat();
    for edited in [
        renamed,
        told,
        swapped,
        twice,
        rows[1..].to_vec(),
        Vec::new(),
    ] {
        put(edited);
        let found = findings(&world::desk(&at), Scope::Date(FIRST));
        let named = found.iter().any(|one| one.contains("names/cut_date="));
        assert!(named, "{found:?}");
        assert!(
            !found.iter().any(|one| one.contains("SOMEBODY")),
            "{found:?}"
        );
        run(&at, &["query", "annual_totals"]).expect(1, &["names/cut_date="]);
    }
    fs::remove_file(&path).expect("removed");
    run(&at, &["check"]).expect(1, &["names/cut_date=", "gone"]);
    fs::write(&path, before).expect("written");
    assert_eq!(findings(&world::desk(&at), Scope::Date(FIRST)), [""; 0]);
}

#[test]
fn whoever_must_be_kept_is_refused_and_nothing_changes() {
    let (_made, _dir, at) = copied();
    let before = bytes(&at, OBJECTS);
    let (customer, _) = somebody(&at);
    let ask = |at: &Path, originator: &str, token: &str| {
        let whose = ["--originator", originator, "--token", token, "--json"];
        run(at, &[&["forget"], &whose[..]].concat())
    };
    let (_young, young) = closed();
    let all = block(everyone(&world::desk(&young)));
    let open = all.iter().find(|one| one.state == State::Success);
    let open = of(open.expect("an open payment"));
    ask(&young, &open.originator, &open.token).expect(2, &["is open: ", "nothing was forgotten"]);
    let forget = |originator: &str, token: &str| ask(&at, originator, token);
    // Seven years, where the profile says nothing.
    forget(&customer.originator, &customer.token).expect(2, &["its name is kept up to 2033-"]);
    forget("billing", "0000").expect(2, &["no payment is of this customer"]);
    for odd in ["", "../../x", "a b", "x\nok", "'; DROP", &"x".repeat(65)] {
        forget(odd, "00").expect(2, &["--originator"]);
        forget("billing", odd).expect(2, &["--token"]);
        let args = ["export-customer", "--originator", "billing", "--token", odd];
        run(&at, &args).expect(2, &["--token"]);
    }
    assert_same("refused", &before, &bytes(&at, OBJECTS));
}

#[test]
fn everything_that_is_held_of_a_customer_is_exported_and_then_forgotten() {
    let (_made, _dir, at) = copied();
    let (customer, payment) = somebody(&at);
    let args = [
        "export-customer",
        "--originator",
        &customer.originator,
        "--token",
    ];
    let args = [&args[..], &[&customer.token]].concat();
    let answer = run(&at, &args);
    let document: Value = serde_json::from_str(&answer.expect(0, &[]).text()).expect("a document");
    let desk = hasty(&at);
    let theirs = block(export::run(&desk, customer.clone())).expect("exported");
    assert_eq!(
        theirs.payments.len(),
        document["payments"].as_array().expect("payments").len()
    );
    let first = &document["payments"][0];
    assert_eq!(first["name"], payment.receiver.name.as_str());
    assert_eq!(first["history"][0]["event"], "created");
    let entry = &document["entries"][0];
    assert_eq!(
        (&entry["name"], &entry["payment_id"]),
        (&first["name"], &first["payment_id"])
    );
    assert!(!theirs.bank_lines.is_empty());
    let all = block(everyone(&desk));
    let came_back = all.iter().find(|one| one.returned.is_some());
    let whose = of(came_back.expect("a return"));
    let theirs = block(export::run(&desk, whose)).expect("exported");
    assert!(!theirs.returns.is_empty());
    block(forget::run(&desk, customer.clone(), false)).expect("forgotten");
    let after = block(export::run(&desk, customer)).expect("exported");
    let after = serde_json::to_value(&after).expect("a document");
    assert_eq!(after["payments"][0]["forgotten"], true);
    let said = after.to_string();
    assert!(!said.contains(&payment.receiver.name), "{said}");
    assert_eq!(
        after["entries"].as_array().map(Vec::len),
        document["entries"].as_array().map(Vec::len)
    );
}
