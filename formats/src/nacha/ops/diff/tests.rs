//! What two files must show when they are held against each other.

use super::*;
use crate::nacha::generate::{Plan, generate};
use settlement::codes::sec::SecCode;
use std::io::Cursor;

fn file(sec: SecCode, entries: u64) -> String {
    let plan = Plan {
        batch: 4,
        ..Plan::of(sec, entries)
    };
    String::from_utf8(generate(Vec::new(), &plan).unwrap().0).unwrap()
}

fn differences(left: &str, right: &str) -> (Vec<Difference>, Compared) {
    let mut all = Vec::new();
    let found = |difference: &Difference| {
        all.push(difference.clone());
        Ok(())
    };
    let compared = diff(Cursor::new(left), Cursor::new(right), 1_000, found).unwrap();
    assert_eq!(compared.differences, all.len() as u64);
    (all, compared)
}

/// The file with its batches the other way round: its traces do not ascend any more.
fn turned(text: &str) -> String {
    let mut batches: Vec<String> = Vec::new();
    let (mut head, mut tail) = (String::new(), String::new());
    for line in text.lines() {
        let line = format!("{line}\n");
        match line.as_bytes()[0] {
            b'1' => head.push_str(&line),
            b'9' => tail.push_str(&line),
            b'5' => batches.push(line),
            _ => batches.last_mut().unwrap().push_str(&line),
        }
    }
    batches.reverse();
    head + &batches.concat() + &tail
}

#[test]
fn a_file_is_itself_whatever_its_order_and_its_line_ends() {
    for sec in SecCode::ALL {
        let text = file(*sec, 11);
        for other in [
            text.clone(),
            text.replace('\n', "\r\n"),
            text.replace('\n', ""),
        ] {
            let (all, compared) = differences(&text, &other);
            assert_eq!((all.len(), compared.same), (0, 11), "{sec} {all:?}");
        }
        let (all, compared) = differences(&text, &turned(&text));
        assert_eq!(compared.same, 11, "{sec} {all:?}");
        assert!(
            matches!(all[..], [Difference::Rest]),
            "only the controls' order"
        );
    }
}

#[test]
fn a_difference_is_named_by_trace_and_field_and_no_secret_is_shown() {
    let text = file(SecCode::Ccd, 11);
    let trace = text.lines().nth(4).unwrap()[79..94].to_owned();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let entry = lines
        .iter()
        .position(|l| l.starts_with('6') && l.ends_with(&trace))
        .unwrap_or(2);
    let trace = lines[entry][79..94].to_owned();
    lines[entry].replace_range(29..39, "0000000001");
    lines[entry].replace_range(12..20, "SECRET42");
    lines[entry + 1].replace_range(3..9, "SECRET");
    let gone = lines.iter().rposition(|l| l.starts_with('6')).unwrap();
    let lost = lines[gone][79..94].to_owned();
    lines.drain(gone..gone + 2);
    let other = lines.join("\n") + "\n";
    for (left, right) in [
        (text.clone(), other.clone()),
        (turned(&text), turned(&other)),
    ] {
        let (all, compared) = differences(&left, &right);
        assert_eq!(
            (compared.same, compared.changed, compared.only_left),
            (9, 1, 1)
        );
        let Difference::Entry {
            trace: at, fields, ..
        } = &all[0]
        else {
            panic!("{all:?}");
        };
        let names: Vec<_> = fields.iter().map(|f| (f.addenda, f.field)).collect();
        let expected = [
            (0, "dfi_account_number"),
            (0, "amount"),
            (1, "payment_related_information"),
        ];
        assert_eq!((at, &names[..]), (&trace, &expected[..]));
        assert_eq!(fields[1].right.as_deref(), Some("0000000001"));
        assert!(
            matches!(&all[1], Difference::Only { side: Side::Left, trace, .. } if *trace == lost)
        );
        let shown: String = all.iter().map(|d| format!("{d}{d:?}")).collect();
        assert!(!shown.contains("SECRET") && !shown.contains("RMR"));
    }
}

#[test]
fn headers_and_controls_are_compared_too() {
    let text = file(SecCode::Ppd, 6);
    let (all, _) = differences(&text, &text.replacen("PAYROLL", "BONUS  ", 1));
    assert!(
        matches!(&all[..], [Difference::BatchHeader { left: 2, right: 2, fields }]
        if fields[0].field == "company_entry_description")
    );
    let (all, _) = differences(&text, &text.replacen("SAMPLE DEST", "ANOTHER ONE", 1));
    assert!(matches!(&all[..], [Difference::FileHeader { .. }]));
    let control = text.lines().find(|l| l.starts_with('8')).unwrap();
    let wrong = text.replacen(control, &control.replacen("8220000004", "8220000005", 1), 1);
    let (all, compared) = differences(&text, &wrong);
    assert!(matches!(&all[..], [Difference::Rest]));
    assert!(compared.errors.1 > 0);
}

#[test]
fn entries_of_one_trace_are_paired_in_order_and_all_are_counted() {
    let text = file(SecCode::Ppd, 3);
    let entry = text.lines().nth(2).unwrap();
    let twice = text.replacen(entry, &format!("{entry}\n{entry}"), 1);
    let (all, compared) = differences(&text, &twice);
    assert_eq!((compared.same, compared.only_right), (3, 1));
    assert!(matches!(
        all[0],
        Difference::Only {
            side: Side::Right,
            line: 4,
            ..
        }
    ));
    let none = diff(Cursor::new(&text), Cursor::new(""), 1, |_| Ok(())).unwrap();
    assert_eq!((none.only_left, none.differences), (3, 3));
}
