//! What is said of fundings: refused where it cannot be, said once however often, taken by the day
//! whose books are open, sealed with it, and proved.

use crate::child::{configuration, run};
use crate::days::stage::{closed, stage};
use crate::days::world::{block, desk, with_ports};
use crate::tree::{assert_same, bytes, copy, scratch};
use connectors::faulty::{Faults, When};
use jiff::civil::{Date, date};
use jobs::funding;
use settlement::funding::Funding;
use settlement::money::SignedCents;
use std::fs;
use std::path::Path;

/// The staged day, and the banking days after it.
const DATE: &str = "2026-11-27";
const NEXT: &str = "2026-11-30";
const AFTER: &str = "2026-12-01";

const PRODUCTS: &[&str] = &["objects", "archive", "bank"];

fn announcing<'a>(whose: &'a str, amount: &'a str, on: &'a str, says: &'a str) -> Vec<&'a str> {
    let mut args = vec!["funding", "announce"];
    match whose {
        "own" => args.push("--own"),
        whose => args.extend(["--originator", whose]),
    }
    args.extend(["--amount", amount, "--on", on, "--reference", says]);
    args
}

fn facts(at: &Path) -> usize {
    bytes(at, &["objects/fundings"]).len()
}

/// Thirty-six characters.
const LONG: &str = "RRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRRR";

/// Whose, how much, when, under which reference; and what is said of it.
const REFUSED: &[(&str, &str, &str, &str, &str)] = &[
    ("nobody", "5", NEXT, "OTHER-1", "originator is none"),
    ("", "5", NEXT, "OTHER-1", "originator"),
    ("payroll", "0", NEXT, "OTHER-1", "amount"),
    ("payroll", "0.00", NEXT, "OTHER-1", "amount"),
    (
        "payroll",
        "99999999999.99",
        NEXT,
        "OTHER-1",
        "at most 9,999,999,999.99",
    ),
    (
        "payroll",
        "9999999999999999999999",
        NEXT,
        "OTHER-1",
        "--amount",
    ),
    (
        "payroll",
        "-9999999999999999999999",
        NEXT,
        "OTHER-1",
        "--amount",
    ),
    ("payroll", "1e6", NEXT, "OTHER-1", "--amount"),
    ("payroll", "5.001", NEXT, "OTHER-1", "--amount"),
    ("payroll", "5", DATE, "OTHER-1", "must be from 2026-11-30"),
    ("payroll", "5", "1999-12-31", "OTHER-1", "date"),
    ("payroll", "5", "-009999-01-01", "OTHER-1", "--on"),
    ("payroll", "5", "2026-11-29", "OTHER-1", "not a banking day"),
    ("payroll", "5", "2028-11-29", "OTHER-1", "must be from"),
    ("payroll", "5", NEXT, "", "reference"),
    ("payroll", "5", NEXT, "ABC", "reference"),
    ("payroll", "5", NEXT, LONG, "reference"),
    ("payroll", "5", NEXT, "AB\u{1b}[2JCD", "reference"),
    ("payroll", "5", NEXT, "AB\nCD", "reference"),
    ("payroll", "5", NEXT, "pay 500", "in that of another one"),
    (
        "market",
        "500.00",
        NEXT,
        "PAY 500",
        "in that of another one",
    ),
    ("own", "5", NEXT, "1900000001", "of ours"),
    ("payroll", "5", NEXT, "NONREF", "reference is none"),
    ("payroll", "5", NEXT, "NOTPROVIDED", "reference is none"),
    ("payroll", "5", NEXT, "0000", "reference is none"),
    ("payroll", "5", NEXT, "WIRE IN", "reference is none"),
    ("payroll", "5", NEXT, "0012345678", "reference is none"),
    ("payroll", "5", NEXT, "076401251", "reference is none"),
    ("own", "5", NEXT, "Demo Market", "reference is none"),
];

#[test]
fn what_cannot_be_announced_is_refused_and_nothing_is_changed() {
    let (_dir, at) = closed();
    run(&at, &announcing("payroll", "500.00", NEXT, "PAY 500")).expect(0, &["payroll", "500.00"]);
    let before = bytes(&at, PRODUCTS);
    for (whose, amount, on, says, words) in REFUSED {
        let answer = run(&at, &announcing(whose, amount, on, says));
        answer.expect(2, &[words]);
        assert!(!answer.err.contains('\u{1b}'), "{answer:?}");
        assert_same("refused", &before, &bytes(&at, PRODUCTS));
    }
    for args in [
        &["funding", "withdraw", "2"][..],
        &["funding", "withdraw", "0"],
        &["funding", "withdraw", "4294967295"],
        &["funding", "withdraw", "-1"],
        &["funding", "announce", "--own", "--originator", "payroll"],
        &["funding", "announce", "--amount", "5"],
        &[
            "funding",
            "announce",
            "--originator",
            "own",
            "--amount",
            "5",
            "--on",
            NEXT,
            "--reference",
            "OWN-7",
        ],
        &["funding"],
    ] {
        run(&at, args).expect(2, &[]);
        assert_same("refused", &before, &bytes(&at, PRODUCTS));
    }
}

#[test]
fn the_same_said_again_changes_nothing() {
    let (_dir, at) = closed();
    let announce = announcing("payroll", "25,000.00", NEXT, "PAY-1130");
    let before = facts(&at);
    for _ in 0..3 {
        run(&at, &announce).expect(0, &["2026-11-30", "25,000.00", "waits", "PAY-1130"]);
    }
    assert_eq!(facts(&at), before + 1);
    let number = (before + 1).to_string();
    let listed = run(&at, &["funding", "list"]);
    listed.expect(0, &[&number, "payroll", "PAY-1130"]);
    for _ in 0..3 {
        run(&at, &["funding", "withdraw", &number]).expect(0, &["withdrawn"]);
    }
    assert_eq!(facts(&at), before + 2);
    run(&at, &["funding", "list", "--date", NEXT]).expect(0, &["withdrawn"]);
    // Once it is withdrawn its reference is free.
    run(&at, &announce).expect(0, &["waits"]);
    assert_eq!(facts(&at), before + 3);
}

#[test]
fn a_fault_at_its_only_step_is_healed_by_the_same_again() {
    let funding = Funding {
        originator: Some("market".into()),
        cents: SignedCents::new(123_400),
        on: date(2026, 11, 30),
        reference: "MKT-1130".into(),
    };
    let mut ends = Vec::new();
    for when in [None, Some(When::Before), Some(When::After)] {
        let (_dir, at) = closed();
        let sound = desk(&at);
        if let Some(when) = when {
            let faults = Faults::at(1, when);
            let failing = with_ports(&at, faults.around(&sound.ports));
            block(funding::announce(&failing, funding.clone())).expect_err("a fault");
            assert!(faults.struck());
        }
        let said = block(funding::announce(&sound, funding.clone())).expect("announced");
        block(funding::withdraw(&sound, said.number)).expect("withdrawn");
        drop(sound);
        ends.push(bytes(&at, PRODUCTS));
    }
    assert_same("before", &ends[0], &ends[1]);
    assert_same("after", &ends[0], &ends[2]);
}

#[test]
fn what_is_said_after_a_day_is_allocated_is_the_next_days() {
    let dir = scratch();
    let at = dir.path().join("copy");
    copy(&stage().after("allocate"), &at);
    configuration(&at);
    let day: Date = DATE.parse().expect("a date");
    run(&at, &announcing("billing", "77.00", DATE, "BILL-77")).expect(2, &["from 2026-11-30"]);
    run(&at, &announcing("billing", "77.00", NEXT, "BILL-77")).expect(0, &[]);
    // The record of the day is not another one for that.
    let record = at.join(format!("objects/allocated/{DATE}.json"));
    let before = fs::read(&record).expect("a record");
    fs::remove_file(&record).expect("lost");
    block(jobs::allocate::run(&desk(&at), day)).expect("allocated again");
    assert_eq!(fs::read(&record).expect("a record"), before);
    run(&at, &["day", "--date", DATE]).ran(&["archive"]);
    run(&at, &["day", "--date", NEXT]).ran(&["archive"]);
    run(&at, &["check"]).expect(0, &["announcements and withdrawals of funding"]);
    // It is sealed with the day that took it.
    let manifest = fs::read_to_string(at.join("objects/archive/date=2026-11-30/manifest.json"));
    let name = format!("fundings/{:010}.json", facts(&at));
    assert!(manifest.expect("sealed").contains(&name), "{name}");
    run(&at, &["verify", "--date", NEXT]).expect(0, &[]);
}

#[test]
fn what_was_said_and_is_not_there_any_more_is_named() {
    let (_dir, at) = closed();
    for says in ["MKT-71", "MKT-72", "MKT-73"] {
        run(&at, &announcing("market", "5.00", NEXT, says)).expect(0, &[]);
    }
    let count = facts(&at);
    let name = |number: usize| format!("fundings/{number:010}.json");
    let path = |number: usize| at.join("objects").join(name(number));
    run(&at, &["check"]).expect(0, &[]);
    // One in the middle is gone, or says something else.
    let whole = fs::read(path(count - 1)).expect("a fact");
    fs::remove_file(path(count - 1)).expect("removed");
    let missing = name(count - 1);
    for args in [
        &["check"][..],
        &["funding", "list"],
        &["day", "--date", NEXT],
    ] {
        run(&at, args).expect(1, &[&missing, "gone"]);
    }
    let text = String::from_utf8(whole.clone()).expect("text");
    for odd in [
        text.replace("500", "501"),
        text.replace("MKT-72", "MKT-82"),
        String::new(),
    ] {
        fs::write(path(count - 1), odd).expect("written");
        for args in [
            &["check"][..],
            &["funding", "list"],
            &["day", "--date", NEXT],
        ] {
            run(&at, args).expect(1, &[&missing]);
        }
    }
    fs::write(path(count - 1), whole).expect("put back");
    // Something else stands there.
    let odd = at.join("objects/fundings/letter.txt");
    fs::write(&odd, "Dear customer,").expect("written");
    run(&at, &["check"]).expect(1, &["fundings/letter.txt", "foreign"]);
    fs::remove_file(&odd).expect("removed");
    run(&at, &["check"]).expect(0, &[]);
    run(&at, &["day", "--date", NEXT]).ran(&["archive"]);
    // The newest one is taken by an allocation, and one of the first is behind many.
    for number in [count, 1] {
        let kept = fs::read(path(number)).expect("a fact");
        fs::remove_file(path(number)).expect("removed");
        let say = announcing("market", "5.00", AFTER, "MKT-81");
        let all = [
            &["check"][..],
            &["funding", "list"],
            &say,
            &["day", "--date", AFTER],
        ];
        for args in all {
            run(&at, args).expect(1, &[&name(number), "gone"]);
        }
        fs::write(path(number), kept).expect("put back");
    }
    // The day that took the last one is held against it.
    fs::remove_file(path(count)).expect("removed");
    run(&at, &["check"]).expect(1, &[&name(count), "gone"]);
    run(&at, &["day", "--date", AFTER]).expect(1, &[&name(count)]);
}
