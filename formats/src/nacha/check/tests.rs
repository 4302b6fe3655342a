//! What the rules say of single cases, each a file with one thing changed.

use super::Checker;
use crate::nacha::generate::{Plan, generate};
use crate::nacha::lines::{Lines, Step};
use crate::nacha::tests::laws::{recounted, rules_of, text};
use crate::nacha::{Dialect, Findings, validate};
use settlement::codes::sec::SecCode;
use settlement::money::Cents;

/// A file of one batch of the class.
fn one_batch(sec: SecCode, entries: u64) -> Vec<String> {
    let bytes = generate(Vec::new(), &Plan::of(sec, entries)).unwrap().0;
    let text = String::from_utf8(bytes).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// The same, all returned.
fn returned(sec: SecCode, entries: u64) -> Vec<String> {
    let plan = Plan {
        returns: true,
        ..Plan::of(sec, entries)
    };
    let text = String::from_utf8(generate(Vec::new(), &plan).unwrap().0).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn put(line: &mut String, column: usize, new: &str) {
    line.replace_range(column - 1..column - 1 + new.len(), new);
}

fn rules(lines: &[String]) -> Vec<&'static str> {
    rules_of(lines.join("\n").as_bytes())
}

fn findings(lines: &[String]) -> Findings {
    validate(lines.join("\n").as_bytes()).unwrap().findings
}

#[test]
fn one_trace_too_high_is_one_fault() {
    let mut lines = one_batch(SecCode::Ppd, 5);
    put(&mut lines[3], 88, "9000000");
    assert_eq!(rules(&lines), ["entry.trace-order"]);
}

#[test]
fn records_of_nines_stand_at_the_end() {
    let mut lines = one_batch(SecCode::Ppd, 3);
    lines.insert(3, "9".repeat(94));
    lines.pop();
    assert_eq!(rules(&lines), ["file.filler-early"]);
}

#[test]
fn what_stands_outside_of_a_batch_counts_all_the_same() {
    let mut lines = one_batch(SecCode::Ccd, 3);
    lines.remove(1);
    let report = validate(lines.join("\n").as_bytes()).unwrap();
    let found: Vec<_> = report.findings.kept().iter().map(|f| f.rule).collect();
    for rule in ["total.count", "total.hash", "total.credit", "total.debit"] {
        assert!(!found.contains(&rule), "{found:?}");
    }
    assert_eq!(report.findings.count("batch.no-header"), 3);
    assert_eq!((report.totals.entries, report.totals.addenda), (3, 3));
    assert_eq!(report.totals.kind(), "forward");
    let bytes = lines.join("\n").into_bytes();
    assert_eq!(recounted(&bytes), (3, 3));
}

#[test]
fn a_date_that_is_none_is_not_a_blank_one() {
    for (date, rule) in [
        ("260230", "batch.effective-date"),
        ("2602X0", "batch.effective-date"),
        ("      ", "batch.effective-date-blank"),
        ("000000", "batch.effective-date-blank"),
    ] {
        let mut lines = one_batch(SecCode::Ppd, 3);
        put(&mut lines[1], 70, date);
        assert_eq!(rules(&lines), [rule], "{date}");
    }
}

#[test]
fn a_settlement_date_is_a_day_of_the_year() {
    for (day, good) in [
        ("001", true),
        ("366", true),
        ("000", false),
        ("367", false),
        ("999", false),
    ] {
        let mut lines = returned(SecCode::Ppd, 3);
        put(&mut lines[1], 76, day);
        let expected: &[&str] = if good { &[] } else { &["field.day-of-year"] };
        assert_eq!(rules(&lines), expected, "{day}");
    }
}

#[test]
fn loans_are_debited_to_take_a_credit_back_and_not_otherwise() {
    let mut lines = one_batch(SecCode::Ppd, 1);
    put(&mut lines[1], 2, "200");
    put(&mut lines[2], 2, "55");
    assert!(rules(&lines).contains(&"entry.improper-debit"));
    put(&mut lines[1], 54, "REVERSAL  ");
    assert!(!rules(&lines).contains(&"entry.improper-debit"));
}

#[test]
fn what_goes_the_wrong_way_comes_back_with_the_code_of_its_way() {
    for (sec, code, reason) in [
        (SecCode::Arc, "22", "R36"),
        (SecCode::Trx, "22", "R36"),
        (SecCode::Cie, "27", "R35"),
        (SecCode::Ppd, "55", "R35"),
    ] {
        let mut lines = one_batch(sec, 1);
        put(&mut lines[2], 2, code);
        let findings = findings(&lines);
        let codes: Vec<_> = findings
            .kept()
            .iter()
            .filter_map(|f| f.return_code)
            .collect();
        assert!(codes.contains(&reason), "{sec} {:?}", findings.kept());
    }
}

#[test]
fn advices_have_wider_amounts() {
    let mut lines = one_batch(SecCode::Adv, 1);
    put(&mut lines[2], 28, "999999999999");
    put(&mut lines[3], 41, "00000000999999999999");
    put(&mut lines[4], 52, "00000000999999999999");
    assert!(findings(&lines).ok(), "{:?}", findings(&lines).kept());
}

#[test]
fn mandatory_fields_of_international_records_are_errors() {
    let mut lines = one_batch(SecCode::Iat, 1);
    put(&mut lines[2], 40, &" ".repeat(35));
    assert_eq!(rules(&lines), ["field.blank"]);
    let mut lines = one_batch(SecCode::Iat, 1);
    put(&mut lines[1], 79, "X");
    assert_eq!(rules(&lines), ["batch.originator-status"]);
    assert!(!findings(&lines).ok());
}

#[test]
fn a_blank_company_in_a_control_is_one_warning() {
    for (company, rule) in [
        ("          ", "field.missing"),
        ("9876543210", "control.company"),
    ] {
        let mut lines = one_batch(SecCode::Ppd, 1);
        put(&mut lines[3], 45, company);
        assert_eq!(rules(&lines), [rule]);
        assert!(findings(&lines).ok());
    }
}

/// The limit was raised twice; before there was one, today's date meant the next settlement.
#[test]
fn a_same_day_entry_is_held_against_the_limit_of_its_date() {
    for (day, cents, above) in [
        ("160104", "0100000001", false),
        ("170103", "0002500000", false),
        ("170103", "0002500001", true),
        ("210601", "0010000000", false),
        ("210601", "0010000001", true),
        ("261123", "0100000000", false),
        ("261123", "0100000001", true),
    ] {
        let mut lines = one_batch(SecCode::Ppd, 1);
        put(&mut lines[0], 24, day);
        put(&mut lines[1], 70, day);
        put(&mut lines[2], 30, cents);
        let found = rules(&lines).contains(&"entry.same-day-limit");
        assert_eq!(found, above, "{cents} on {day}");
    }
}

#[test]
fn a_sum_beyond_64_bits_is_an_error_of_the_batch_that_makes_it_so() {
    let bytes = generate(Vec::new(), &Plan::of(SecCode::Ppd, 1)).unwrap().0;
    let mut lines = Lines::new();
    lines.space()[..bytes.len()].copy_from_slice(&bytes);
    lines.filled(bytes.len());
    lines.filled(0);
    let mut checker = Checker::under(&Dialect::default());
    checker.totals.credit = Cents::new(u64::MAX);
    checker.totals.debit = Cents::new(u64::MAX);
    while let Step::Line(line) = lines.step() {
        let text = *lines.text(&line);
        checker.line(&line, &text);
    }
    checker.finish(lines.here());
    let finding = &checker.findings.kept()[0];
    assert_eq!((finding.rule, finding.line), ("total.overflow", 2));
    assert!(!checker.findings.ok());
}

// ------------------------------------------------------------------------------------- answers

/// An international entry that comes back with the addenda of these types.
fn iat_return(types: &[&str], reason: &str) -> Vec<String> {
    let forward = one_batch(SecCode::Iat, 1);
    let mut entry = forward[2].clone();
    let trace = entry[79..94].to_owned();
    put(&mut entry, 2, "21");
    put(&mut entry, 13, &format!("{:04}", types.len()));
    let mut header = forward[1].clone();
    put(&mut header, 76, "329");
    let mut lines = vec![forward[0].clone(), header, entry.clone()];
    for kind in types {
        lines.push(match *kind {
            "99" => format!(
                "799{reason}056005070000001      07640125{}{:34}{trace}",
                &entry[29..39],
                ""
            ),
            "17" => format!("717{:80}0001{}", "", &trace[8..]),
            kind => {
                let same = |line: &&String| line.starts_with(&format!("7{kind}"));
                forward.iter().find(same).unwrap().clone()
            }
        });
    }
    let count = types.len() + 1;
    let mut ends = forward.iter().filter(|line| line.starts_with(['8', '9']));
    let (mut batch, mut file) = (ends.next().unwrap().clone(), ends.next().unwrap().clone());
    put(&mut batch, 5, &format!("{count:06}"));
    put(&mut file, 14, &format!("{count:08}"));
    let blocks = (lines.len() + 2).div_ceil(10);
    put(&mut file, 8, &format!("{blocks:06}"));
    lines.extend([batch, file]);
    lines.resize(blocks * 10, "9".repeat(94));
    lines
}

const SEVEN: [&str; 7] = ["10", "11", "12", "13", "14", "15", "16"];

#[test]
fn an_international_return_brings_its_seven_addenda_back_and_a_99_last() {
    let with = |last: &[&'static str]| [&SEVEN, last].concat();
    assert_eq!(rules(&iat_return(&with(&["99"]), "R03")), [""; 0]);
    for (types, rule) in [
        (vec!["99"], "addenda.iat-order"),
        (with(&["17", "99"]), "addenda.type-of-sec"),
        ([&["99"][..], &SEVEN].concat(), "return.addenda-once"),
        (with(&["99", "99"]), "return.addenda-once"),
    ] {
        let found = rules(&iat_return(&types, "R03"));
        assert!(found.contains(&rule), "{types:?}: {found:?}");
    }
    let mut lines = iat_return(&with(&["99"]), "R03");
    put(&mut lines[2], 13, "0003");
    assert_eq!(rules(&lines), ["entry.iat-addenda-count"]);
}

#[test]
fn answers_to_international_entries_are_not_disputed() {
    let types = [&SEVEN[..], &["99"]].concat();
    for (reason, disputed) in [("R61", true), ("R77", true), ("R83", false)] {
        let found = rules(&iat_return(&types, reason));
        assert_eq!(found.contains(&"return.iat-dispute"), disputed, "{reason}");
    }
}

#[test]
fn an_answer_has_one_addenda() {
    for sec in [SecCode::Ppd, SecCode::Ctx] {
        let mut lines = returned(sec, 1);
        lines.insert(4, lines[3].clone());
        assert!(rules(&lines).contains(&"return.addenda-once"), "{sec}");
    }
    let mut lines = one_batch(SecCode::Cor, 1);
    lines.insert(4, lines[3].clone());
    assert!(rules(&lines).contains(&"return.addenda-once"));
}

// ------------------------------------------------------------------------------------- privacy

/// An entry of one class in a batch of another: its account and name stand in other fields.
#[test]
fn no_finding_tells_of_an_entry_of_another_class() {
    let mut secrets = Vec::new();
    let mut entries = Vec::new();
    for sec in SecCode::ALL {
        let mut entry = one_batch(*sec, 1)[2].clone();
        match sec {
            SecCode::Iat => put(&mut entry, 40, "A876X543Z2109B876"),
            SecCode::Adv => continue,
            _ => {
                put(&mut entry, 13, "A876X543Z2109B876");
                put(&mut entry, 40, "JANE QUIMBY DOE");
                put(&mut entry, 55, "JANE QUIMBY DOE       ");
            }
        }
        entries.push(entry);
    }
    for width in 3..=4 {
        for text in ["A876X543Z2109B876", "JANE", "QUIMBY"] {
            for at in 0..=text.len() - width {
                secrets.push(text[at..at + width].to_owned());
            }
        }
    }
    secrets.retain(|text| text.contains(|c: char| c.is_ascii_alphabetic()));
    for sec in SecCode::ALL {
        for entry in &entries {
            let mut lines: Vec<String> = text(*sec).lines().map(str::to_owned).collect();
            lines[2].clone_from(entry);
            for found in findings(&lines).kept() {
                let told = secrets
                    .iter()
                    .find(|secret| found.message.contains(*secret));
                assert_eq!(told, None, "{sec}: {}", found.rule);
            }
        }
    }
}
