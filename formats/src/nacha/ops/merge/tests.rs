//! What merging is known to get wrong elsewhere, and its laws.

use super::*;
use crate::nacha::generate::{Plan, generate};
use crate::nacha::layout::WIDTH;
use crate::nacha::{Event, Reader, validate};
use jiff::civil::{date, time};
use settlement::codes::sec::SecCode;
use settlement::money::Cents;

const NEW: Creation = Creation {
    date: date(2026, 11, 23),
    time: time(7, 0, 0, 0),
    modifier: b'K',
};

fn file(sec: SecCode, entries: u64, seed: u64) -> Vec<u8> {
    let plan = Plan {
        seed,
        ..Plan::of(sec, entries)
    };
    generate(Vec::new(), &plan).unwrap().0
}

/// The file with another text in columns of each line that begins so.
fn with(bytes: &[u8], begins: &str, at: usize, text: &str) -> Vec<u8> {
    let lines = std::str::from_utf8(bytes).unwrap().lines().map(|line| {
        let mut line = line.to_owned();
        if line.starts_with(begins) && !line.starts_with("999") {
            line.replace_range(at - 1..at - 1 + text.len(), text);
        }
        line + "\n"
    });
    lines.collect::<String>().into_bytes()
}

fn merged(sources: &[Vec<u8>], caps: Caps) -> Merged<Vec<u8>> {
    let open = |place: usize| Ok(&sources[place][..]);
    let merged = merge(sources.len(), open, |_| Ok(Vec::new()), NEW, caps).unwrap();
    for put in &merged.files {
        let report = validate(&put.sink[..]).unwrap();
        assert_eq!(report.findings.errors(), 0, "{:?}", report.findings.kept());
        assert_eq!(
            (
                report.totals.entries,
                report.totals.debit,
                report.totals.credit
            ),
            (put.totals.entries, put.totals.debit, put.totals.credit)
        );
    }
    merged
}

fn headers(bytes: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(bytes).unwrap();
    text.lines()
        .filter(|line| line.starts_with('5'))
        .map(str::to_owned)
        .collect()
}

#[test]
fn batches_whose_headers_differ_in_any_field_are_never_folded() {
    let one = file(SecCode::Ppd, 3, 1);
    // Discretionary data, descriptive date, effective date, description: each on its own.
    for (at, text) in [
        (21, "LOT 7"),
        (64, "NOV 23"),
        (70, "261125"),
        (54, "BONUS     "),
    ] {
        let other = with(&with(&one, "5", at, text), "6", 88, "9");
        let merged = merged(&[one.clone(), other], Caps::default());
        let headers = headers(&merged.files[0].sink);
        assert_eq!(headers.len(), 2, "column {at}");
        assert_eq!(&headers[1][at - 1..at - 1 + text.len()], text);
    }
    let other = with(&one, "6", 88, "9");
    let merged = merged(&[one, other], Caps::default());
    assert_eq!(
        headers(&merged.files[0].sink).len(),
        1,
        "the same header, ascending traces"
    );
}

#[test]
fn one_advice_file_or_one_bad_file_never_empties_the_merge() {
    let bad = with(&file(SecCode::Ppd, 3, 2), "9", 32, "999999999999");
    let sources = [
        file(SecCode::Ppd, 3, 1),
        file(SecCode::Adv, 3, 1),
        bad,
        b"this is no file\n".to_vec(),
        Vec::new(),
        file(SecCode::Iat, 3, 1),
    ];
    let merged = merged(&sources, Caps::default());
    let sources: Vec<_> = merged.files.iter().map(|put| put.sources.clone()).collect();
    assert_eq!(
        sources,
        [vec![0, 5], vec![1]],
        "advices apart, the rest together"
    );
    let aside: Vec<_> = merged.aside.iter().map(|(place, _)| *place).collect();
    assert_eq!(aside, [2, 3, 4]);
    assert!(matches!(merged.aside[0].1, Aside::Invalid(1, Some(_))));
}

#[test]
fn a_file_given_twice_is_put_aside_and_an_entry_given_twice_is_named() {
    let one = file(SecCode::Ppd, 3, 1);
    let crlf = String::from_utf8(one.clone())
        .unwrap()
        .replace('\n', "\r\n");
    let other = with(&one, "5", 54, "BONUS     ");
    let merged = merged(&[one, crlf.into_bytes(), other], Caps::default());
    assert!(matches!(merged.aside[..], [(1, Aside::Again(0))]));
    assert_eq!((merged.twice_count, merged.twice.len()), (3, 3));
    assert_eq!(
        (merged.twice[0].one, merged.twice[0].other),
        ((0, 3), (2, 3))
    );
    assert!(merged.twice[0].same);
    assert_eq!(
        merged.files[0].totals.entries, 6,
        "what is named is merged all the same"
    );
}

#[test]
fn no_file_is_above_a_cap_and_no_cent_is_lost() {
    let sources: Vec<_> = (1..=7).map(|seed| file(SecCode::Ctx, 30, seed)).collect();
    let whole = merged(&sources, Caps::default());
    assert_eq!(whole.files.len(), 1);
    let credit = whole.files[0].totals.credit;
    let format = Caps::default();
    for caps in [
        Caps {
            lines: 100,
            ..format
        },
        Caps {
            entries: 45,
            ..format
        },
        Caps {
            entries: 7,
            ..format
        },
        Caps {
            cents: 10_000_000,
            ..format
        },
    ] {
        let merged = merged(&sources, caps);
        assert!(merged.files.len() > 1 && merged.aside.is_empty());
        let mut sum = Cents::ZERO;
        for put in &merged.files {
            assert!(put.sink.len() as u64 / 95 <= caps.lines);
            assert!(put.totals.entries <= caps.entries);
            assert!(put.totals.credit.get() <= caps.cents);
            sum = sum.checked_add(put.totals.credit).unwrap();
        }
        assert_eq!(sum, credit, "{caps:?}");
    }
}

#[test]
fn modifiers_go_up_and_a_small_file_is_not_cut_for_nothing() {
    let sources: Vec<_> = (1..=4).map(|seed| file(SecCode::Ppd, 30, seed)).collect();
    let caps = Caps {
        entries: 40,
        ..Caps::default()
    };
    let merged = merged(&sources, caps);
    let modifiers: String = merged
        .files
        .iter()
        .map(|put| char::from(put.sink[33]))
        .collect();
    assert_eq!(modifiers, "KLMN");
    assert!(merged.files.iter().all(|put| put.totals.entries == 30));
}

#[test]
fn an_entry_named_offset_stays_and_a_balanced_batch_is_never_cut() {
    let one = with(&file(SecCode::Ccd, 4, 1), "5", 2, "200");
    let text = String::from_utf8(with(&one, "8", 2, "200")).unwrap();
    let sum: u64 = text
        .lines()
        .filter(|line| line.starts_with('6'))
        .map(|line| line[29..39].parse::<u64>().unwrap())
        .sum();
    let offset = format!(
        "627{}{:<17}{sum:010}{:<15}{:<22}  0{}",
        "056005075", "123456", "", "Offset", "076401250000099"
    );
    // The writer counts; here only the entries matter.
    let mut reader = Reader::new(text.as_bytes());
    let mut writer = None;
    while let Some(event) = reader.next().unwrap() {
        use crate::nacha::writer::Writer;
        match event {
            Event::FileHeader(header, _) => {
                writer =
                    Writer::like(Vec::new(), header.text(), None, b'A', Default::default()).ok();
            }
            Event::BatchHeader(header, _) => {
                writer
                    .as_mut()
                    .unwrap()
                    .begin_like(header.text(), 1)
                    .unwrap();
            }
            Event::Entry(entry) => {
                let addenda = entry.addenda().map(|a| a.text());
                writer
                    .as_mut()
                    .unwrap()
                    .copy(entry.detail.text(), addenda)
                    .unwrap();
            }
            _ => {}
        }
    }
    let mut writer = writer.unwrap();
    let offset: &[u8; WIDTH] = offset.as_bytes().try_into().unwrap();
    writer.copy(offset, std::iter::empty()).unwrap();
    writer.end_batch().unwrap();
    let balanced = writer.finish().unwrap().0;
    let whole = merged(std::slice::from_ref(&balanced), Caps::default());
    let text = String::from_utf8(whole.files[0].sink.clone()).unwrap();
    assert!(text.contains("Offset"));
    let caps = Caps {
        entries: 3,
        ..Caps::default()
    };
    let refused = merged(&[balanced, file(SecCode::Ppd, 2, 1)], caps);
    assert!(matches!(refused.aside[..], [(0, Aside::AboveCaps(2))]));
    assert_eq!(refused.files.len(), 1);
}

/// Sequence zero is odd, and nothing that would keep its file or the others out.
#[test]
fn a_trace_of_zero_is_merged_and_blocks_nobody() {
    let one = String::from_utf8(file(SecCode::Ppd, 2, 1)).unwrap();
    let zero = one.replacen("0076401250000001\n622", "0076401250000000\n622", 1);
    assert_ne!(one, zero);
    let merged = merged(
        &[zero.into_bytes(), file(SecCode::Ccd, 2, 2)],
        Caps::default(),
    );
    assert!(merged.aside.is_empty(), "{:?}", merged.aside);
    assert_eq!(merged.files[0].totals.entries, 4);
}

/// Whatever the writer refuses, it refuses before anything of the file is in a merged one.
#[test]
fn what_cannot_be_written_again_puts_its_own_file_aside() {
    let good = file(SecCode::Ccd, 2, 2);
    let refused = |bytes: &[u8]| {
        let mut rehearsal = survey::Rehearsal::default();
        let mut reader = Reader::new(bytes);
        while let Some(event) = reader.next().unwrap() {
            rehearsal.write(&event);
        }
        rehearsal.refused.map(|(line, _)| line)
    };
    assert_eq!(refused(&good), None);
    assert_eq!(refused(&with(&good, "8", 1, "9")), None,);
    let second = String::from_utf8(good)
        .unwrap()
        .replacen("0000002\n7", "0000001\n7", 1);
    assert_eq!(
        refused(second.as_bytes()),
        Some(5),
        "the trace does not ascend"
    );
}

#[test]
fn characters_of_several_bytes_put_their_file_aside() {
    let text = String::from_utf8(file(SecCode::Ppd, 2, 1)).unwrap();
    let wide = text.replacen("PERSON 00000002", "P\u{c9}RSON 00000002", 1);
    let merged = merged(
        &[wide.into_bytes(), file(SecCode::Ccd, 2, 2)],
        Caps::default(),
    );
    assert!(
        matches!(merged.aside[..], [(0, Aside::Wide)]),
        "{:?}",
        merged.aside
    );
    assert_eq!(merged.files[0].totals.entries, 2);
}
