//! The time for a return runs from the day on which its entry settled, not from the day on which
//! it should have.

use crate::child::{configuration, run};
use crate::days::stage::stage;
use crate::days::world::{block, desk};
use crate::tree::{bytes, copy, scratch};
use connectors::{Applied, Change};
use jiff::civil::date;
use settlement::ids::PaymentId;
use settlement::payment::Event;
use std::path::Path;

/// Payment and trace of two debits that should settle on 2026-11-30.
fn two_debits(at: &Path) -> Vec<(PaymentId, String)> {
    let sent = bytes(at, &["objects/outbound"]);
    let of_day = |name: &&String| name.contains("date=2026-11-27/window=standard");
    let name = sent.keys().find(of_day).expect("a file was sent");
    let text = String::from_utf8_lossy(&sent[name]).into_owned();
    let debits = text.lines().filter(|line| line.starts_with("627"));
    let both = debits.take(2).map(|line| {
        let id = line[39..54].trim().parse().expect("a payment id");
        (id, line[79..94].to_owned())
    });
    both.collect()
}

#[test]
fn a_return_is_late_by_the_day_its_entry_settled_on() {
    let dir = scratch();
    let at = dir.path().join("copy");
    copy(&stage().after("archive"), &at);
    configuration(&at);
    let debits = two_debits(&at);
    let [(settled_late, timely), (_, late)] = debits.as_slice() else {
        panic!("two debits were sent");
    };
    for day in ["2026-11-30", "2026-12-01", "2026-12-02"] {
        run(&at, &["day", "--date", day]).ran(&["archive"]);
    }
    let answer = block(async {
        let desk = desk(&at);
        let on = date(2026, 12, 1);
        let change = Change {
            payment: *settled_late,
            expected_version: None,
            event: Event::Settled {
                bank_reference: "a day late".to_owned(),
                on,
            },
            date: on,
            at: desk.moment(on),
        };
        desk.ports.payments.apply(vec![change]).await
    });
    assert!(matches!(answer.expect("applied")[0], Applied::Done { .. }));
    let sent = bytes(&at, &["objects/outbound"]);
    let name = sent.keys().find(|n| n.contains("11-27/window=standard"));
    let (first, second) = (format!("{timely}:R01"), format!("{late}:R01"));
    let made = ["ach", "return", name.expect("sent"), "--date", "2026-12-03"];
    let of = [
        "--entry",
        &first,
        "--entry",
        &second,
        "--out",
        "bank/from-bank/returns.ach",
    ];
    run(&at, &[&made[..], &of[..]].concat()).expect(0, &[]);
    run(&at, &["day", "--date", "2026-12-03"]).expect(1, &["archive"]);
    let path = at.join("objects/reconciled/2026-12-03.json");
    let text = std::fs::read_to_string(path).expect("reconciled");
    let record: serde_json::Value = serde_json::from_str(&text).expect("a record");
    let breaks = record["breaks"].as_array().expect("breaks");
    let is_late = |trace: &str| {
        let of = |b: &&serde_json::Value| b["kind"] == "RETURN_LATE" && b["key"] == trace;
        breaks.iter().any(|one| of(&one))
    };
    assert!(is_late(late), "{text}");
    assert!(
        !is_late(timely),
        "two banking days after it settled: {text}"
    );
}
