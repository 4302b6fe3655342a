//! Laws of reading and writing, held against generated, broken and real files.

use crate::nacha::generate::{Plan, generate};
use crate::nacha::json::{read_json, write_json};
use crate::nacha::*;
use proptest::prelude::*;
use settlement::codes::sec::SecCode;
use settlement::money::Cents;

pub(in crate::nacha) fn sample(sec: SecCode, entries: u64, line_end: LineEnd) -> Vec<u8> {
    let plan = Plan {
        batch: 3,
        options: WriterOptions { line_end },
        ..Plan::of(sec, entries)
    };
    generate(Vec::new(), &plan).unwrap().0
}

pub(in crate::nacha) fn text(sec: SecCode) -> String {
    String::from_utf8(sample(sec, 3, LineEnd::Lf)).unwrap()
}

/// The bytes of all records put together.
pub(in crate::nacha) fn raws(bytes: &[u8]) -> Vec<u8> {
    let mut reader = Reader::new(bytes);
    let mut all = Vec::new();
    while let Some(record) = reader.next_record().unwrap() {
        all.extend_from_slice(record.raw);
    }
    all
}

pub(in crate::nacha) fn there_and_back(bytes: &[u8]) -> Vec<u8> {
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
            while scanner.next_record().is_some() {}
        }
    }
    scanner.finish()
}

pub(in crate::nacha) fn rules_of(bytes: &[u8]) -> Vec<&'static str> {
    validate(bytes)
        .unwrap()
        .findings
        .kept()
        .iter()
        .map(|f| f.rule)
        .collect()
}

/// Every file of the corpora beside the project, where they are there.
pub(in crate::nacha) fn corpus() -> Vec<(String, Vec<u8>)> {
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
        let slow = slowly(&bytes);
        prop_assert_eq!(slow.findings.kept(), whole.findings.kept());
        prop_assert_eq!(slow.totals, whole.totals);
        prop_assert_eq!(recounted(&bytes), (whole.totals.entries, whole.totals.addenda));
        let entries = entries_of(&bytes);
        prop_assert_eq!(entries.len() as u64, whole.totals.entries);
        if whole.findings.ok() {
            let addenda: u64 = entries.iter().map(|entry| entry.1).sum();
            prop_assert_eq!(addenda, whole.totals.addenda);
            prop_assert!(entries.iter().all(|entry| entry.0 == 0));
        }
    }

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert_eq!(&raws(&bytes), &bytes);
        prop_assert_eq!(&there_and_back(&bytes), &bytes);
    }
}

/// The entries and addenda of a file, counted without any rule.
pub(in crate::nacha) fn recounted(bytes: &[u8]) -> (u64, u64) {
    let mut reader = Reader::new(bytes);
    let (mut entries, mut addenda) = (0, 0);
    while let Some(record) = reader.next_record().unwrap() {
        entries += u64::from(record.kind == RecordKind::Entry);
        addenda += u64::from(record.kind == RecordKind::Addenda);
    }
    (entries, addenda)
}

/// The report where every record takes the long way.
fn slowly(bytes: &[u8]) -> Report {
    let mut lines = lines::Lines::new();
    let mut checker = check::Checker::under(&Dialect::default());
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
    checker.finish(lines.here());
    Report {
        findings: checker.findings,
        totals: checker.totals,
    }
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

#[test]
fn one_bad_entry_does_not_hide_the_others() {
    let mut bad = sample(SecCode::Ppd, 3, LineEnd::Lf);
    bad[2 * 95 + 11] = b'x';
    bad[4 * 95 + 80] = b'x';
    let bad: Vec<bool> = errors_of(&bad).iter().map(|errors| *errors > 0).collect();
    assert_eq!(bad, [true, false, true]);
}

/// How many errors each entry has, as the reader hands them out.
fn errors_of(bytes: &[u8]) -> Vec<u64> {
    entries_of(bytes).iter().map(|entry| entry.0).collect()
}

/// The errors and the number of addenda of each entry.
fn entries_of(bytes: &[u8]) -> Vec<(u64, u64)> {
    let mut reader = Reader::new(bytes);
    let mut entries = Vec::new();
    while let Some(event) = reader.next().unwrap() {
        if let Event::Entry(entry) = event {
            entries.push((entry.errors, entry.addenda().count() as u64));
        }
    }
    entries
}

/// Some errors show only when the next record comes; they are the entry's all the same.
#[test]
fn what_is_wrong_with_the_addenda_of_an_entry_is_told_of_that_entry() {
    for rule in [
        "entry.addenda-missing",
        "entry.addenda-needed",
        "entry.addenda-unexpected",
        "entry.addenda-too-many",
        "entry.addenda-count",
        "return.addenda-missing",
    ] {
        let defect = generate::Defect::of_rule(rule).unwrap();
        for entries in [1, 5] {
            let plan = Plan {
                returns: defect.returns,
                ..Plan::of(defect.sec, entries)
            };
            let planter = generate::Planter::new(Vec::new(), defect, LineEnd::Lf);
            let bytes = generate(planter, &plan).unwrap().0.into_inner().unwrap();
            let bad: Vec<bool> = errors_of(&bytes).iter().map(|errors| *errors > 0).collect();
            let first: Vec<bool> = (0..entries).map(|at| at == 0).collect();
            assert_eq!(bad, first, "{rule}");
        }
    }
}

/// Blank lines anywhere: an entry has the addenda that are counted, each once.
#[test]
fn blank_lines_between_an_entry_and_its_addenda_lose_nothing() {
    for sec in SecCode::ALL {
        let plain = entries_of(text(*sec).as_bytes());
        for end in ["\n\n", "\r\r\n", "\n\r", "\r\n\r\n\r\n"] {
            let bytes = text(*sec).replace('\n', end).into_bytes();
            let report = validate(&bytes[..]).unwrap();
            assert!(report.findings.ok(), "{sec} {:?}", report.findings.kept());
            let entries = entries_of(&bytes);
            assert_eq!(entries, plain, "{sec} {end:?}");
            let addenda: u64 = entries.iter().map(|entry| entry.1).sum();
            assert_eq!(addenda, report.totals.addenda, "{sec} {end:?}");
        }
    }
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

/// Everything that can be done with a file, done with one of each class, forward and returned,
/// as prenotes and as zero-dollar entries where the class has them.
#[test]
fn every_class_goes_through_everything() {
    let whole = |sec: SecCode, bytes: &[u8]| {
        let report = validate(bytes).unwrap();
        assert_eq!(
            report.findings.errors(),
            0,
            "{sec} {:?}",
            report.findings.kept()
        );
        assert_eq!(there_and_back(bytes), bytes, "{sec}");
        let mut masked = Vec::new();
        let again = ops::mask(bytes, &mut masked, &[7; 16]).unwrap();
        assert_eq!(again.totals, report.totals);
        assert_eq!(
            validate(&masked[..]).unwrap().findings.errors(),
            0,
            "{sec} masked"
        );
        let mut words = Vec::new();
        describe::describe(bytes, &mut words, describe::View::default()).unwrap();
        let words = String::from_utf8(words).unwrap();
        assert!(
            words.contains("Nothing wrong was found.") && words.contains(sec.as_str()),
            "{words}"
        );
    };
    for sec in SecCode::ALL {
        whole(*sec, &sample(*sec, 4, LineEnd::Lf));
        if !matches!(sec, SecCode::Adv | SecCode::Cor) {
            let returns = Plan {
                returns: true,
                ..Plan::of(*sec, 4)
            };
            whole(*sec, &generate(Vec::new(), &returns).unwrap().0);
        }
    }
    // Prenotes have no amount and, of CCD and CTX, zero-dollar entries have their addenda.
    let without = |sec: SecCode, from: &str, to: &str| {
        let text = text(sec).lines().map(zeroed).collect::<String>();
        text.replace(&format!("\n{from}"), &format!("\n{to}"))
    };
    for (sec, from, to) in [
        (SecCode::Ppd, "622", "623"),
        (SecCode::Tel, "627", "628"),
        (SecCode::Ccd, "622", "624"),
        (SecCode::Ctx, "622", "624"),
        (SecCode::Iat, "622", "624"),
    ] {
        let text = without(sec, from, to);
        let report = validate(text.as_bytes()).unwrap();
        assert_eq!(
            report.findings.errors(),
            0,
            "{sec} {:?}",
            report.findings.kept()
        );
        assert_eq!(
            (
                report.totals.entries,
                report.totals.credit,
                report.totals.debit
            ),
            (3, Cents::ZERO, Cents::ZERO)
        );
    }
}

/// The record with no money in it, in entries and controls.
fn zeroed(line: &str) -> String {
    let mut line = line.to_owned();
    let columns = match line.as_bytes().first() {
        Some(b'6') => 29..39,
        Some(b'8') => 20..44,
        Some(b'9') if !line.starts_with("99") => 31..55,
        _ => 0..0,
    };
    let zeros = "0".repeat(columns.len());
    line.replace_range(columns, &zeros);
    line + "\n"
}
