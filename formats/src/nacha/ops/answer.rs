//! Answers to a file's entries: returns, notifications of change, reversals.

use crate::nacha::check::Totals;
use crate::nacha::ops::answer_file::{AnswerFile, Way};
use crate::nacha::ops::creation::{Creation, Numbering};
use crate::nacha::ops::error::OpError;
use crate::nacha::ops::fits::{Answer, fit, sound};
use crate::nacha::reader::{Entry, Event, Reader};
use jiff::civil::Date;
use settlement::codes::transactions::{Purpose, TransactionCode};
use settlement::exact::Exact;
use settlement::ids::TraceNumber;
use std::io::{Read, Write};

/// Writes the file in which the receiving banks answer entries of `source`: for each entry
/// `decide` says whether and how. Returns keep their batch's header, notifications go into
/// batches of `COR`; one batch for each bank that answers entries of a batch. Traces are the
/// answering bank's, from the first sequence on. `None` where no entry is answered.
///
/// ```
/// use formats::nacha::generate::{Plan, generate};
/// use formats::nacha::ops::{self, Answer, Creation, Numbering};
/// use formats::nacha::{SecCode, validate};
/// use jiff::civil::{date, time};
///
/// let (forward, _) = generate(Vec::new(), &Plan::of(SecCode::Ppd, 3))?;
/// let creation = Creation { date: date(2026, 11, 25), time: time(5, 0, 0, 0), modifier: b'A' };
/// let numbering = Numbering { first_sequence: 1, settlement_day: 329 };
/// let made = ops::answer(&forward[..], Vec::new(), creation, numbering, |entry| {
///     let second = entry.detail.trace()?.sequence() == 2;
///     let code = "R03".parse().ok()?;
///     second.then_some(Answer::Return { code, information: String::new() })
/// })?;
/// let (returns, totals) = made.expect("one entry is returned");
/// let report = validate(&returns[..])?;
/// assert_eq!((totals.entries, report.totals.kind()), (1, "return"));
/// assert!(report.findings.ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Where the source cannot be read or holds several files, the sink cannot be written, or an
/// entry cannot be answered so.
pub fn answer<W: Write>(
    source: impl Read,
    sink: W,
    creation: Creation,
    numbering: Numbering,
    mut decide: impl FnMut(&Entry<'_>) -> Option<Answer>,
) -> Result<Option<(W, Totals)>, OpError> {
    let mut reader = Reader::new(source);
    let Numbering {
        first_sequence,
        settlement_day,
    } = numbering;
    let mut out = AnswerFile::new(sink, creation, Way::Back);
    let mut sequence = first_sequence;
    while let Some(event) = reader.next()? {
        match event {
            Event::FileHeader(header, place) => out.file(header, place)?,
            Event::BatchHeader(..) => out.end_answers(settlement_day)?,
            Event::Entry(entry) => {
                let Some(answer) = decide(&entry) else {
                    continue;
                };
                let line = entry.place.line;
                let answered = fit(&entry, &answer, creation.date)?;
                let trace = TraceNumber::new(answered.rdfi, sequence)
                    .map_err(|_| OpError::Entry { line, why: USED_UP })?;
                // Seven digits are used up long before 32 bits, and that is an error above.
                sequence = sequence.plus(1);
                out.answer(&entry, &answered, trace, settlement_day)?;
            }
            _ => {}
        }
    }
    out.end_answers(settlement_day)?;
    out.finish()
}

const USED_UP: &str = "the trace sequence is used up";

/// A file that takes entries back.
#[derive(Debug)]
pub struct Reversed<W> {
    /// Where it was written.
    pub sink: W,
    /// What it holds.
    pub totals: Totals,
    /// The line of the first batch that was a reversal itself: what it took back goes again.
    pub again: Option<u64>,
}

/// Writes the file that takes back the live entries of `source`: own batches described as
/// reversals, the opposite direction, everything else, addenda too, as it was. Loan debits become
/// credits (55 to 52). Entries that moved no money are passed over. A batch that is a reversal
/// itself is taken back like any other, and named.
///
/// # Errors
/// Where the source cannot be read or holds several files, the sink cannot be written, or an
/// entry cannot be reversed.
pub fn reverse<W: Write>(
    source: impl Read,
    sink: W,
    creation: Creation,
    effective: Date,
    first_sequence: u32,
) -> Result<Option<Reversed<W>>, OpError> {
    let mut reader = Reader::new(source);
    let mut out = AnswerFile::new(sink, creation, Way::Same);
    let mut sequence = first_sequence;
    while let Some(event) = reader.next()? {
        match event {
            Event::FileHeader(header, place) => out.file(header, place)?,
            Event::BatchHeader(..) => out.end_batch()?,
            Event::Entry(entry) => {
                let line = entry.place.line;
                let bad = |why| OpError::Entry { line, why };
                let code = entry.detail.transaction_code();
                if code.is_some_and(|code| code.purpose() != Purpose::Live) {
                    continue;
                }
                sound(&entry).map_err(bad)?;
                let code = code
                    .and_then(TransactionCode::reversal)
                    .ok_or(bad("the transaction code has no reversal"))?;
                let odfi = entry
                    .batch()
                    .odfi()
                    .ok_or(bad("the originating bank is unreadable"))?;
                let trace = TraceNumber::new(odfi, sequence).map_err(|_| bad(USED_UP))?;
                // Seven digits are used up long before 32 bits, and that is an error above.
                sequence = sequence.plus(1);
                out.reversal(&entry, code, trace, effective)?;
            }
            _ => {}
        }
    }
    let again = out.again;
    let made = out.finish()?;
    Ok(made.map(|(sink, totals)| Reversed {
        sink,
        totals,
        again,
    }))
}

#[cfg(test)]
mod tests;
