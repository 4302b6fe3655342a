//! What the most used reader of ACH files is known to get wrong: for each defect a test that
//! says ours does not have it.

use crate::nacha::generate::{Plan, generate};
use crate::nacha::json::read_json;
use crate::nacha::ops::{self, Aside, Caps, Creation, Merged, Numbering};
use crate::nacha::tests::laws::{corpus, raws, rules_of, sample, text, there_and_back};
use crate::nacha::*;
use jiff::civil::{date, time};
use settlement::codes::sec::SecCode;

const NEW: Creation = Creation {
    date: date(2026, 11, 25),
    time: time(6, 0, 0, 0),
    modifier: b'B',
};
const NUMBERING: Numbering = Numbering {
    first_sequence: 1,
    settlement_day: 329,
};

/// The trace of each entry and how many addenda it came with.
fn entries(bytes: &[u8]) -> Vec<(u64, usize)> {
    let mut reader = Reader::new(bytes);
    let mut all = Vec::new();
    while let Some(event) = reader.next().unwrap() {
        if let Event::Entry(entry) = event {
            let trace = entry.detail.trace().map_or(0, |trace| trace.get());
            all.push((trace, entry.addenda().count()));
        }
    }
    all
}

fn merged(sources: &[Vec<u8>]) -> Merged<Vec<u8>> {
    let open = |place: usize| Ok(&sources[place][..]);
    let begin = |_| Ok(Vec::new());
    ops::merge(sources.len(), open, begin, NEW, Caps::default()).unwrap()
}

/// The text with other columns in each record that begins so.
fn with(whole: &str, begins: &str, column: usize, new: &str) -> String {
    let line = |line: &str| {
        let mut line = line.to_owned();
        if line.starts_with(begins) && !line.starts_with("999") {
            line.replace_range(column - 1..column - 1 + new.len(), new);
        }
        line + "\n"
    };
    whole.lines().map(line).collect()
}

#[test]
fn an_entry_with_several_addenda_comes_once_with_all_of_them() {
    let mut lines: Vec<String> = text(SecCode::Ctx).lines().map(str::to_owned).collect();
    let second = lines[3].replacen("0001", "0002", 1);
    assert!(lines[3].starts_with("705") && lines[3] != second);
    lines.insert(4, second);
    let bytes = lines.join("\n");
    let found = entries(bytes.as_bytes());
    assert_eq!(found.iter().map(|e| e.1).collect::<Vec<_>>(), [2, 1, 1]);
    assert!(
        found[0].0 < found[1].0 && found[1].0 < found[2].0,
        "each once"
    );
}

#[test]
fn iat_adv_and_one_line_files_give_all_their_entries() {
    for sec in [SecCode::Iat, SecCode::Adv, SecCode::Ppd] {
        for end in [LineEnd::Lf, LineEnd::None] {
            let found = entries(&sample(sec, 7, end));
            assert_eq!(found.len(), 7, "{sec}");
            let addenda = if sec == SecCode::Iat { 7 } else { 0 };
            assert!(found.iter().all(|entry| entry.1 == addenda), "{sec}");
        }
    }
}

#[test]
fn merge_never_folds_batches_whose_date_or_discretionary_data_differ() {
    let one = text(SecCode::Ppd);
    let batches = |other: String| {
        let merged = merged(&[one.clone().into_bytes(), other.into_bytes()]);
        assert_eq!(merged.files.len(), 1);
        merged.files[0].totals.batches
    };
    let later = with(&one, "6", 88, "9");
    assert_eq!(batches(later.clone()), 1, "the same header");
    assert_eq!(
        batches(with(&later, "5", 64, "NOV 23")),
        2,
        "descriptive date"
    );
    assert_eq!(
        batches(with(&later, "5", 21, "LOT 7")),
        2,
        "discretionary data"
    );
}

#[test]
fn one_adv_file_does_not_empty_a_merge() {
    let files = [SecCode::Ppd, SecCode::Adv, SecCode::Iat].map(|s| sample(s, 3, LineEnd::Lf));
    let merged = merged(&files);
    let entries: u64 = merged.files.iter().map(|file| file.totals.entries).sum();
    assert_eq!((merged.files.len(), entries, merged.aside.len()), (2, 9, 0));
}

#[test]
fn merge_warns_of_a_file_and_of_an_entry_that_comes_twice() {
    let one = text(SecCode::Ppd);
    let other = with(&one, "5", 54, "BONUS     ");
    let merged = merged(&[one.clone().into(), one.into(), other.into()]);
    assert!(matches!(merged.aside[..], [(1, Aside::Again(0))]));
    assert_eq!(merged.twice_count, 3);
}

#[test]
fn a_trace_or_a_payment_that_comes_twice_in_a_file_is_a_warning() {
    let lines: Vec<String> = text(SecCode::Ppd).lines().map(str::to_owned).collect();
    let mut twice = lines.clone();
    let mut batch = lines[1..6].to_vec();
    for line in [0, 4] {
        batch[line].replace_range(87..94, "0000002");
    }
    twice.splice(6..6, batch);
    let report = validate(twice.join("\n").as_bytes()).unwrap();
    assert_eq!(report.findings.count("entry.trace-again"), 3);
    assert_eq!(report.findings.count("entry.again"), 3);
    let kept = report
        .findings
        .kept()
        .iter()
        .find(|f| f.rule == "entry.again");
    assert_eq!(
        kept.map(|f| (f.line, f.return_code)),
        Some((8, Some("R24")))
    );
}

#[test]
fn the_reversal_of_a_loan_debit_is_a_credit_in_a_batch_of_credits() {
    let loans = with(&text(SecCode::Tel), "627", 2, "55").replacen("INVOICE ", "REVERSAL", 1);
    let made = ops::reverse(loans.as_bytes(), Vec::new(), NEW, date(2026, 11, 27), 1);
    let made = String::from_utf8(made.unwrap().unwrap().sink).unwrap();
    let lines: Vec<&str> = made.lines().collect();
    assert!(lines[1].starts_with("5220") && lines[2].starts_with("652"));
    assert!(validate(made.as_bytes()).unwrap().findings.ok());
}

#[test]
fn international_entries_are_reversed_with_their_addenda() {
    let (bytes, before) = generate(Vec::new(), &Plan::of(SecCode::Iat, 3)).unwrap();
    let made = ops::reverse(&bytes[..], Vec::new(), NEW, date(2026, 11, 27), 1);
    let made = made.unwrap().unwrap();
    let (bytes, after) = (made.sink, made.totals);
    assert_eq!((after.debit, after.credit), (before.credit, before.debit));
    assert_eq!(
        entries(&bytes).iter().map(|e| e.1).collect::<Vec<_>>(),
        [7, 7, 7]
    );
    assert!(validate(&bytes[..]).unwrap().findings.ok());
}

#[test]
fn a_wrong_total_in_json_is_a_finding_and_is_not_rewritten() {
    let good = text(SecCode::Ppd);
    for (record, field) in [("8", "total_credit_amount"), ("9", "total_credit_amount")] {
        let mut json = Vec::new();
        json::write_json(good.as_bytes(), &mut json).unwrap();
        let json = String::from_utf8(json).unwrap();
        let at = json.find(&format!("{{\"record\":\"{record}\"")).unwrap();
        let name = format!("\"{field}\":\"");
        let from = at + json[at..].find(&name).unwrap() + name.len();
        let mut wrong = json.clone();
        wrong.replace_range(from..from + 12, "000000000042");
        let mut back = Vec::new();
        let report = read_json(wrong.as_bytes(), &mut back).unwrap();
        let rule = if record == "8" {
            "control.credit"
        } else {
            "total.credit"
        };
        assert_eq!(report.findings.count(rule), 1);
        assert!(
            String::from_utf8(back).unwrap().contains("000000000042"),
            "as it was given"
        );
    }
}

#[test]
fn returns_and_notices_of_every_class_are_listed_with_what_they_answer() {
    for sec in SecCode::ALL
        .iter()
        .filter(|s| !matches!(s, SecCode::Adv | SecCode::Cor))
    {
        for change in [false, true] {
            let forward = sample(*sec, 3, LineEnd::Lf);
            let made = ops::answer(&forward[..], Vec::new(), NEW, NUMBERING, |_| {
                Some(if change {
                    let (code, corrected_data) = ("C01".to_owned(), "1918171614".to_owned());
                    ops::Answer::Change {
                        code,
                        corrected_data,
                    }
                } else {
                    let (code, information) = ("R02".parse().unwrap(), String::new());
                    ops::Answer::Return { code, information }
                })
            });
            let bytes = made.unwrap().unwrap().0;
            let report = validate(&bytes[..]).unwrap();
            assert_eq!(
                report.totals.kind(),
                if change { "noc" } else { "return" },
                "{sec}"
            );
            assert_eq!(
                answers(&bytes),
                entries(&forward).iter().map(|e| e.0).collect::<Vec<_>>()
            );
        }
    }
}

/// The original traces of the returns and notices of a file.
fn answers(bytes: &[u8]) -> Vec<u64> {
    let mut reader = Reader::new(bytes);
    let mut all = Vec::new();
    while let Some(event) = reader.next().unwrap() {
        let Event::Entry(entry) = event else { continue };
        let returns = entry
            .addenda()
            .filter_map(|a| a.as_return()?.original_trace);
        let notices = entry.addenda().filter_map(|a| a.as_noc()?.original_trace);
        all.extend(returns.chain(notices).map(|trace| trace.get()));
    }
    all
}

/// A file of one answer whose addenda has these fields, and what the reader says it is.
fn kind_of(sec: SecCode, layout: &'static layout::Layout, more: &[(&str, &str)]) -> &'static str {
    let returns = Plan {
        returns: sec != SecCode::Cor,
        ..Plan::of(sec, 1)
    };
    let like = generate(Vec::new(), &returns).unwrap().0;
    let mut reader = Reader::new(&like[..]);
    let mut writer: Option<Writer<Vec<u8>>> = None;
    while let Some(event) = reader.next().unwrap() {
        match (event, &mut writer) {
            (Event::FileHeader(header, _), none) => {
                let options = WriterOptions::default();
                *none = Writer::like(Vec::new(), header.text(), None, b'A', options).ok();
            }
            (Event::BatchHeader(header, _), Some(writer)) => {
                writer.begin_like(header.text(), 1).unwrap();
            }
            (Event::Entry(entry), Some(writer)) => {
                let fields = entry.detail.layout().fields.iter().skip(1);
                let fields = fields.map(|f| (f.name, latin(f.value(entry.detail.text()))));
                let fields: Vec<_> = fields.collect();
                let fields: Vec<_> = fields.iter().map(|(name, v)| (*name, &**v)).collect();
                writer.record(entry.detail.layout(), &fields).unwrap();
                let trace = entry.detail.trace().unwrap().to_string();
                let common = [
                    ("original_entry_trace_number", "076401250000009"),
                    ("original_receiving_dfi_identification", "05600507"),
                    ("trace_number", trace.as_str()),
                ];
                writer
                    .record(layout, &[&common[..], more].concat())
                    .unwrap();
            }
            _ => {}
        }
    }
    let mut writer = writer.unwrap();
    writer.end_batch().unwrap();
    let bytes = writer.finish().unwrap().0;
    let report = validate(&bytes[..]).unwrap();
    assert!(report.findings.ok(), "{:?}", report.findings.kept());
    assert_eq!(there_and_back(&bytes), bytes);
    assert_eq!(answers(&bytes), [76_401_250_000_009]);
    report.totals.kind()
}

#[test]
fn dishonored_contested_and_refused_ones_are_listed_for_every_code() {
    let earlier = [
        ("return_trace_number", "056005070000002"),
        ("return_settlement_date", "329"),
        ("return_reason_code", "01"),
    ];
    for number in 61..=70 {
        let (code, words) = (format!("R{number}"), "01*03");
        let own = [
            ("dishonored_return_reason_code", &*code),
            ("addenda_information", words),
        ];
        let fields = [&own[..], &earlier].concat();
        let kind = kind_of(SecCode::Ppd, layout::ADDENDA_99_DISHONORED, &fields);
        assert_eq!(kind, "dishonored", "{code}");
    }
    for number in 71..=77 {
        let code = format!("R{number}");
        let own = [
            ("contested_dishonored_return_reason_code", &*code),
            ("date_original_entry_returned", "261123"),
            ("original_settlement_date", "328"),
            ("dishonored_return_trace_number", "076401250000003"),
            ("dishonored_return_settlement_date", "333"),
            ("dishonored_return_reason_code", "61"),
        ];
        let fields = [&own[..], &earlier].concat();
        let kind = kind_of(SecCode::Ppd, layout::ADDENDA_99_CONTESTED, &fields);
        assert_eq!(kind, "contested", "{code}");
    }
    for number in 61..=69 {
        let code = format!("C{number}");
        let own = [
            ("refused_cor_code", &*code),
            ("corrected_data", "1918171614"),
            ("change_code", "C01"),
            ("cor_trace_sequence_number", "0000002"),
        ];
        assert_eq!(
            kind_of(SecCode::Cor, layout::ADDENDA_98_REFUSED, &own),
            "noc",
            "{code}"
        );
    }
}

#[test]
fn a_wrong_block_count_is_an_error() {
    let bad = text(SecCode::Ppd).replacen("9000001000001", "9000001000009", 1);
    assert_eq!(rules_of(bad.as_bytes()), ["total.blocks"]);
}

#[test]
fn the_effective_date_991399_is_an_error() {
    let bad = text(SecCode::Ppd).replacen("261124", "991399", 1);
    assert!(rules_of(bad.as_bytes()).contains(&"batch.effective-date"));
}

#[test]
fn a_letter_in_an_amount_is_an_error_and_not_zero() {
    let mut bad = sample(SecCode::Ppd, 3, LineEnd::Lf);
    bad[2 * 95 + 31] = b'O';
    let report = validate(&bad[..]).unwrap();
    let finding = &report.findings.kept()[0];
    assert_eq!(
        (finding.rule, finding.line, finding.column),
        ("entry.amount", 3, 30)
    );
    assert_eq!(finding.return_code, Some("R19"));
}

#[test]
fn an_unknown_addenda_706_is_found_and_kept() {
    let bad = text(SecCode::Ccd).replacen("\n705", "\n706", 1);
    assert!(rules_of(bad.as_bytes()).contains(&"addenda.type"));
    assert_eq!(raws(bad.as_bytes()), bad.as_bytes());
    let mut reader = Reader::new(bad.as_bytes());
    let mut seen = 0;
    while let Some(event) = reader.next().unwrap() {
        if let Event::Entry(entry) = event {
            seen += entry.addenda().count();
        }
    }
    assert_eq!(seen, 3);
}

#[test]
fn an_iat_batch_without_its_control_is_found_and_its_entries_count() {
    for sec in [SecCode::Iat, SecCode::Ppd] {
        let whole = text(sec);
        let lines: Vec<&str> = whole.lines().filter(|l| !l.starts_with('8')).collect();
        let bad = lines.join("\n");
        let report = validate(bad.as_bytes()).unwrap();
        assert_eq!(report.findings.count("batch.no-control"), 1);
        assert_eq!(report.totals.entries, 3);
    }
}

#[test]
fn an_entry_named_offset_is_an_entry() {
    let named = text(SecCode::Ppd).replacen("PERSON 00000001", "Offset         ", 1);
    let report = validate(named.as_bytes()).unwrap();
    assert!(report.findings.ok());
    assert_eq!(report.totals.entries, 3);
    assert_eq!(there_and_back(named.as_bytes()), named.as_bytes());
}

#[test]
fn every_file_of_the_corpora_is_read_and_written_byte_for_byte() {
    for (path, bytes) in corpus() {
        assert!(raws(&bytes) == bytes, "{path}");
        assert!(there_and_back(&bytes) == bytes, "{path}");
    }
}
