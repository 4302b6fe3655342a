//! Answers to a file's entries: returns, notifications of change, reversals.

use super::super::Totals;
use super::super::reader::{Entry, Event, Reader};
use super::super::writer::WriteError;
use super::out::{Names, NewFile, Out};
use jiff::civil::{Date, Time};
use settlement::codes::returns::ReturnCode;
use settlement::codes::sec::SecCode;
use settlement::codes::transactions::Purpose;
use settlement::ids::TraceNumber;
use std::io::{self, Read, Write};

/// What happens to an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It comes back.
    Return {
        /// Why.
        code: ReturnCode,
        /// More, for those codes that say more.
        information: String,
    },
    /// It was posted, and something must be corrected.
    Change {
        /// What: `C01`.
        code: String,
        /// The right data, laid out as the code says.
        corrected_data: String,
    },
}

/// Why no file of answers could be made.
#[derive(Debug, thiserror::Error)]
pub enum OpError {
    /// The file cannot be read.
    #[error("the file cannot be read: {0}")]
    Read(#[from] io::Error),
    /// A part cannot be opened or kept.
    #[error("a part of the file: {0}")]
    Part(io::Error),
    /// The answers cannot be written.
    #[error("line {line}: {error}")]
    Write {
        /// The line of the entry that is answered.
        line: u64,
        /// What is wrong.
        error: WriteError,
    },
    /// The entry cannot be answered so.
    #[error("line {line}: {why}")]
    Entry {
        /// The entry's line.
        line: u64,
        /// Why not.
        why: &'static str,
    },
}

/// Writes the file in which the receiving banks answer entries of `source`: for each entry
/// `decide` says whether and how. Returns keep their batch's header, one batch for each bank's
/// run of returns; notifications go into batches of `COR`. Traces are the answering bank's, from
/// `first_sequence` on. `None` where no entry is answered.
///
/// # Errors
/// Where the source cannot be read, the sink cannot be written, or an answer does not fit.
pub fn answer<W: Write>(
    source: impl Read,
    sink: W,
    (day, time, modifier): (Date, Time, u8),
    (first_sequence, settlement_day): (u32, u16),
    mut decide: impl FnMut(&Entry<'_>) -> Option<Answer>,
) -> Result<Option<(W, Totals)>, OpError> {
    let mut reader = Reader::new(source);
    let mut out = Out::new(
        sink,
        NewFile {
            date: day,
            time,
            modifier,
        },
    );
    let mut sequence = first_sequence;
    while let Some(event) = reader.next()? {
        match event {
            Event::FileHeader(header, _) => out.header = Some(Names::of(header)),
            Event::Entry(entry) => {
                let Some(answer) = decide(&entry) else {
                    continue;
                };
                let line = entry.place.line;
                let bad = |why| OpError::Entry { line, why };
                if entry.sec().is_none_or(|sec| sec == SecCode::Adv) {
                    return Err(bad("advices and unknown entry classes are not answered"));
                }
                let code = entry.detail.transaction_code();
                if code.is_some_and(|code| code.purpose() == Purpose::ReturnOrNoc) {
                    return Err(bad(
                        "it is an answer itself: it is dishonored, not returned",
                    ));
                }
                let rdfi = entry
                    .detail
                    .rdfi()
                    .ok_or(bad("the receiving bank is unreadable"))?;
                let trace = TraceNumber::new(rdfi, sequence)
                    .map_err(|_| bad("the trace sequence is used up"))?;
                sequence = sequence.saturating_add(1);
                out.answer(&entry, &answer, rdfi, trace, settlement_day)?;
            }
            _ => {}
        }
    }
    out.finish()
}

/// Writes the file that takes back the live entries of `source`: own batches described as
/// reversals, the opposite direction, everything else as it was. Loan debits become credits
/// (55 to 52), international entries keep their addenda. Entries that moved no money are passed
/// over.
///
/// # Errors
/// Where the source cannot be read, the sink cannot be written, or an entry cannot be reversed.
pub fn reverse<W: Write>(
    source: impl Read,
    sink: W,
    (day, time, modifier): (Date, Time, u8),
    effective: Date,
    first_sequence: u32,
) -> Result<Option<(W, Totals)>, OpError> {
    let mut reader = Reader::new(source);
    let mut out = Out::new(
        sink,
        NewFile {
            date: day,
            time,
            modifier,
        },
    );
    let mut sequence = first_sequence;
    while let Some(event) = reader.next()? {
        match event {
            Event::FileHeader(header, _) => out.header = Some(Names::of(header)),
            Event::BatchHeader(..) => out.end_batch()?,
            Event::Entry(entry) => {
                let line = entry.place.line;
                let bad = |why| OpError::Entry { line, why };
                let Some(code) = entry.detail.transaction_code() else {
                    return Err(bad("the transaction code is unknown"));
                };
                if code.purpose() != Purpose::Live {
                    continue;
                }
                let code = code
                    .reversal()
                    .ok_or(bad("the transaction code has no reversal"))?;
                let odfi = entry
                    .batch()
                    .odfi()
                    .ok_or(bad("the originating bank is unreadable"))?;
                let trace = TraceNumber::new(odfi, sequence)
                    .map_err(|_| bad("the trace sequence is used up"))?;
                sequence = sequence.saturating_add(1);
                out.reversal(&entry, code, odfi, trace, effective)?;
            }
            _ => {}
        }
    }
    out.finish()
}

#[cfg(test)]
mod tests {
    use super::super::super::generate::{Plan, generate};
    use super::super::super::validate;
    use super::*;
    use jiff::civil::{date, time};

    fn new_file() -> (Date, Time, u8) {
        (date(2026, 11, 25), time(6, 0, 0, 0), b'B')
    }

    #[test]
    fn returns_and_changes_make_a_file_without_an_error() {
        for sec in SecCode::ALL {
            if matches!(sec, SecCode::Adv | SecCode::Cor) {
                continue;
            }
            let bytes = generate(Vec::new(), &Plan::of(*sec, 9)).unwrap().0;
            let mut count = 0;
            let made = answer(&bytes[..], Vec::new(), new_file(), (1, 329), |_| {
                count += 1;
                match count % 3 {
                    0 => None,
                    1 => Some(Answer::Return {
                        code: ReturnCode::from_bytes(b"R01").unwrap(),
                        information: String::new(),
                    }),
                    _ => Some(Answer::Change {
                        code: "C01".to_owned(),
                        corrected_data: "1918171614".to_owned(),
                    }),
                }
            });
            let (bytes, wrote) = made.unwrap().unwrap();
            let report = validate(&bytes[..]).unwrap();
            assert_eq!(
                report.findings.errors(),
                0,
                "{sec} {:?}",
                report.findings.kept()
            );
            assert_eq!((wrote.entries, report.totals.entries), (6, 6));
        }
    }

    #[test]
    fn a_reversal_turns_every_entry_around_and_keeps_the_money() {
        for sec in [
            SecCode::Ppd,
            SecCode::Ccd,
            SecCode::Tel,
            SecCode::Ctx,
            SecCode::Iat,
        ] {
            let (bytes, before) = generate(Vec::new(), &Plan::of(sec, 9)).unwrap();
            let made = reverse(&bytes[..], Vec::new(), new_file(), date(2026, 11, 27), 1);
            let (bytes, after) = made.unwrap().unwrap();
            assert_eq!(
                (before.debit, before.credit),
                (after.credit, after.debit),
                "{sec}"
            );
            let report = validate(&bytes[..]).unwrap();
            assert_eq!(
                report.findings.errors(),
                0,
                "{sec} {:?}",
                report.findings.kept()
            );
        }
    }

    /// Moov's library gives a reversed loan debit the class of debits, and leaves IAT out.
    #[test]
    fn a_reversed_loan_debit_is_a_credit_in_a_batch_of_credits() {
        let bytes = generate(Vec::new(), &Plan::of(SecCode::Tel, 2)).unwrap().0;
        let text = String::from_utf8(bytes).unwrap();
        let loans = text
            .replace("\n627", "\n655")
            .replacen("INVOICE ", "REVERSAL", 1);
        assert!(validate(loans.as_bytes()).unwrap().findings.ok());
        let made = reverse(
            loans.as_bytes(),
            Vec::new(),
            new_file(),
            date(2026, 11, 27),
            1,
        );
        let text = String::from_utf8(made.unwrap().unwrap().0).unwrap();
        let starts: Vec<_> = text.lines().map(|line| &line[..4]).collect();
        assert_eq!(starts[1], "5220");
        assert!(starts[2].starts_with("652"));
        assert!(validate(text.as_bytes()).unwrap().findings.ok());
    }

    #[test]
    fn an_international_return_has_the_seven_addenda_and_its_own() {
        let bytes = generate(Vec::new(), &Plan::of(SecCode::Iat, 1)).unwrap().0;
        let back = Answer::Return {
            code: ReturnCode::from_bytes(b"R03").unwrap(),
            information: "NO ACCOUNT".to_owned(),
        };
        let decide = |_: &Entry<'_>| Some(back.clone());
        let made = answer(&bytes[..], Vec::new(), new_file(), (7, 329), decide);
        let text = String::from_utf8(made.unwrap().unwrap().0).unwrap();
        let kinds: String = text
            .lines()
            .map(|line| format!("{} ", &line[..3]))
            .collect();
        assert!(kinds.starts_with("101 522 621 710 711 712 713 714 715 716 799 822 900"));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(&lines[10][35..45], &lines[2][29..39], "the forward amount");
        assert_eq!(
            &lines[2][3..12],
            "076401251",
            "back to the originating bank"
        );
        assert!(lines[3].ends_with("0000007") && lines[10].ends_with("0000007"));
    }
}
