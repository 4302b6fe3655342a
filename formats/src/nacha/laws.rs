//! Laws of reading and writing, held against generated, broken and real files.

use super::generate::{Plan, generate};
use super::json::{read_json, write_json};
use super::*;
use proptest::prelude::*;
use settlement::codes::sec::SecCode;

fn sample(sec: SecCode, entries: u64, line_end: LineEnd) -> Vec<u8> {
    let plan = Plan {
        batch: 3,
        options: WriterOptions { line_end },
        ..Plan::of(sec, entries)
    };
    generate(Vec::new(), &plan).unwrap().0
}

fn text(sec: SecCode) -> String {
    String::from_utf8(sample(sec, 3, LineEnd::Lf)).unwrap()
}

/// The bytes of all records put together.
fn raws(bytes: &[u8]) -> Vec<u8> {
    let mut reader = Reader::new(bytes);
    let mut all = Vec::new();
    while let Some(record) = reader.next_record().unwrap() {
        all.extend_from_slice(record.raw);
    }
    all
}

fn there_and_back(bytes: &[u8]) -> Vec<u8> {
    let (mut json, mut back) = (Vec::new(), Vec::new());
    let report = write_json(bytes, &mut json).unwrap();
    let again = read_json(&json[..], &mut back).unwrap();
    assert_eq!(report.findings.kept(), again.findings.kept());
    assert!(
        serde_json::from_slice::<serde_json::Value>(&json).is_ok(),
        "real JSON"
    );
    back
}

/// The report of a file fed in pieces of `size` bytes.
fn in_pieces(bytes: &[u8], size: usize) -> Report {
    let mut scanner = Scanner::new();
    for mut piece in bytes.chunks(size.max(1)) {
        while !piece.is_empty() {
            let taken = scanner.feed(piece);
            piece = &piece[taken..];
            while scanner.take().is_some() {}
        }
    }
    scanner.finish()
}

fn rules_of(bytes: &[u8]) -> Vec<&'static str> {
    validate(bytes)
        .unwrap()
        .findings
        .kept()
        .iter()
        .map(|f| f.rule)
        .collect()
}

/// Every file of the corpora beside the project, where they are there.
fn corpus() -> Vec<(String, Vec<u8>)> {
    fn walk(dir: &std::path::Path, found: &mut Vec<(String, Vec<u8>)>) {
        let Ok(entries) = std::fs::read_dir(dir) else {
            return;
        };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                walk(&path, found);
            } else if let Ok(bytes) = std::fs::read(&path) {
                found.push((path.display().to_string(), bytes));
            }
        }
    }
    let mut found = Vec::new();
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/corpus");
    walk(std::path::Path::new(root), &mut found);
    found
}

#[test]
fn no_real_file_is_changed_by_reading_nor_by_json() {
    for (path, bytes) in corpus() {
        assert!(raws(&bytes) == bytes, "records of {path}");
        assert!(there_and_back(&bytes) == bytes, "JSON of {path}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever the bytes: no panic, nothing lost, and the same findings however it is cut.
    #[test]
    fn any_damage_is_survived(
        sec in 0usize..23,
        line_end in prop_oneof![Just(LineEnd::Lf), Just(LineEnd::CrLf), Just(LineEnd::None)],
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0u8..3), 0..6),
        size in 1usize..300,
    ) {
        let mut bytes = sample(SecCode::ALL[sec], 7, line_end);
        for (at, byte, how) in damage {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => { bytes.remove(at); }
            }
        }
        prop_assert_eq!(&raws(&bytes), &bytes);
        prop_assert_eq!(&there_and_back(&bytes), &bytes);
        let whole = validate(&bytes[..]).unwrap();
        let pieces = in_pieces(&bytes, size);
        prop_assert_eq!(whole.findings.kept(), pieces.findings.kept());
        prop_assert_eq!(whole.totals, pieces.totals);
        prop_assert_eq!(fast_and_slow(&bytes), (whole.findings.errors(), whole.totals));
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert_eq!(&raws(&bytes), &bytes);
        prop_assert_eq!(&there_and_back(&bytes), &bytes);
    }
}

/// Errors and totals where every record takes the long way.
fn fast_and_slow(bytes: &[u8]) -> (u64, Totals) {
    let mut lines = lines::Lines::new();
    let mut checker = check::Checker::new();
    let mut rest = bytes;
    loop {
        match lines.step() {
            lines::Step::Line(line) => {
                let text = *lines.text(&line);
                checker.slowly(&line, &text);
            }
            lines::Step::More => {
                let space = lines.space();
                let n = rest.len().min(space.len());
                space[..n].copy_from_slice(&rest[..n]);
                rest = &rest[n..];
                lines.filled(n);
            }
            lines::Step::End => break,
        }
    }
    checker.finish(Place::default());
    (checker.findings.errors(), checker.totals)
}

#[test]
fn a_file_reads_the_same_whatever_ends_its_lines() {
    for sec in [SecCode::Ppd, SecCode::Iat, SecCode::Adv, SecCode::Ctx] {
        let totals = [LineEnd::Lf, LineEnd::CrLf, LineEnd::None]
            .map(|end| validate(&sample(sec, 7, end)[..]).unwrap())
            .map(|report| (report.findings.errors(), report.totals));
        assert!(
            totals
                .iter()
                .all(|t| *t == totals[0] && t.0 == 0 && t.1.entries == 7),
            "{sec}"
        );
        let cr = text(sec).replace('\n', "\r");
        assert!(validate(cr.as_bytes()).unwrap().findings.ok());
    }
}

#[test]
fn a_filler_one_nine_short_comes_back_from_json_as_it_was() {
    let short = text(SecCode::Ppd).replacen(
        &format!("\n{}", "9".repeat(94)),
        &format!("\n{} ", "9".repeat(93)),
        1,
    );
    assert!(rules_of(short.as_bytes()).contains(&"file.filler-width"));
    assert_eq!(there_and_back(short.as_bytes()), short.as_bytes());
}

#[test]
fn a_line_without_end_passes_through_a_small_buffer() {
    struct Endless(u64);
    impl std::io::Read for Endless {
        fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
            let n = buf.len().min(usize::try_from(self.0).unwrap_or(usize::MAX));
            buf[..n].fill(b'6');
            self.0 -= n as u64;
            Ok(n)
        }
    }
    let report = validate(Endless(50_000_000)).unwrap();
    assert!(report.findings.errors() > 500_000);
    assert!(report.findings.kept().len() <= KEPT);
}

// --------------------------------------------------- what other readers are known to get wrong

#[test]
fn a_wrong_block_count_is_an_error() {
    let bad = text(SecCode::Ppd).replacen("9000001000001", "9000001000009", 1);
    assert_eq!(rules_of(bad.as_bytes()), ["total.blocks"]);
}

#[test]
fn a_date_that_is_none_is_an_error() {
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
fn an_unknown_addenda_is_found_and_kept() {
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
fn a_batch_without_its_control_is_found_and_its_entries_count() {
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
    let named = text(SecCode::Ppd).replacen("PERSON 00000001", "OFFSET         ", 1);
    let report = validate(named.as_bytes()).unwrap();
    assert!(report.findings.ok());
    assert_eq!(report.totals.entries, 3);
}

#[test]
fn one_bad_entry_does_not_hide_the_others() {
    let mut bad = sample(SecCode::Ppd, 3, LineEnd::Lf);
    bad[2 * 95 + 11] = b'x';
    bad[4 * 95 + 80] = b'x';
    let mut reader = Reader::new(&bad[..]);
    let mut errors = Vec::new();
    while let Some(event) = reader.next().unwrap() {
        if let Event::Entry(entry) = event {
            errors.push(entry.errors > 0);
        }
    }
    assert_eq!(errors, [true, false, true]);
}

#[test]
fn totals_that_do_not_add_up_are_found_each_on_its_own() {
    let good = text(SecCode::Ppd);
    for (from, width, record, rule) in [
        (4, 6, '8', "control.count"),
        (10, 10, '8', "control.hash"),
        (32, 12, '8', "control.credit"),
        (1, 6, '9', "total.batches"),
        (13, 8, '9', "total.count"),
        (21, 10, '9', "total.hash"),
        (43, 12, '9', "total.credit"),
    ] {
        let at = good.find(&format!("\n{record}")).unwrap() + 1 + from;
        let mut bad = good.clone().into_bytes();
        let last = at + width - 1;
        bad[last] = if bad[last] == b'9' {
            b'8'
        } else {
            bad[last] + 1
        };
        assert_eq!(rules_of(&bad), [rule]);
    }
}

#[test]
fn no_account_number_is_in_any_finding() {
    let secret = "100000037";
    for sec in SecCode::ALL {
        let whole = sample(*sec, 3, LineEnd::Lf);
        for at in 0..whole.len().min(600) {
            let mut bad = whole.clone();
            bad[at] = b'!';
            let report = validate(&bad[..]).unwrap();
            let told = report
                .findings
                .kept()
                .iter()
                .any(|f| f.message.contains(secret));
            assert!(!told, "{sec} byte {at}");
        }
    }
}
