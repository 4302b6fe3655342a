//! Several files into few, under the bank's caps.
//!
//! Each source is read twice: once to hold it against every rule and to measure its batches, once
//! to copy them. A source with an error, or one that is another again, is put aside with the
//! reason and never blocks the others. Only files between the same two parties come together, and
//! advices apart from all else. Batches are copied whole; one follows into the batch before only
//! where both headers are the same in every column but the number, go in one direction, and the
//! traces go on ascending. A batch that alone is above a cap is cut between entries, unless it
//! balances debits and credits: then its file is put aside.
//!
//! An entry whose trace was merged before is merged again, and named: only a person can tell a
//! payment sent twice from a sequence that began again. For that 24 bytes of each entry are kept,
//! and of each batch 32; nothing else grows.

#![allow(clippy::arithmetic_side_effects)] // counts of records and files, far below 64 bits

mod copy;
mod survey;

use super::super::Totals;
use super::super::finding::Finding;
use super::super::layout::WIDTH;
use super::super::writer::WriteError;
use jiff::civil::{Date, Time};
use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use survey::{Mark, Size, Survey, survey};

/// What a merged file may hold at most; the format's own limits where nothing else is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// Records of 94 columns, the records of nines at the end among them.
    pub lines: u64,
    /// Entries, addenda not counted.
    pub entries: u64,
    /// Cents, of the debits and of the credits each.
    pub cents: u64,
}

impl Default for Caps {
    fn default() -> Caps {
        Caps {
            lines: 9_999_990,
            entries: 99_999_999,
            cents: 999_999_999_999,
        }
    }
}

impl Caps {
    /// The caps, and nowhere more than the format's own limits.
    fn within_format(self) -> Caps {
        let most = Caps::default();
        Caps {
            lines: self.lines.min(most.lines),
            entries: self.entries.min(most.entries),
            cents: self.cents.min(most.cents),
        }
    }

    /// Whether so much may stand in one file.
    fn hold(&self, size: &Size, batches: u64) -> bool {
        let records = 2 + 2 * batches + size.records;
        records.next_multiple_of(10) <= self.lines
            && size.entries <= self.entries
            && size.debit.max(size.credit) <= self.cents
            && size.records <= 99_999_999
            && batches <= 999_999
    }
}

/// Why a source is not in any of the merged files.
#[derive(Debug)]
pub enum Aside {
    /// It cannot be read.
    Unreadable(io::Error),
    /// It breaks rules; the first of its errors.
    Invalid(u64, Option<Finding>),
    /// It holds no entry.
    Empty,
    /// It holds several files; take them apart first.
    Several,
    /// It is, record for record, the source of that place.
    Again(usize),
    /// The batch on that line, or an entry of it, is above a cap and cannot be cut.
    AboveCaps(u64),
    /// It has characters of several bytes, which no column holds.
    Wide,
    /// What stands on that line cannot be written again.
    Refused(u64, WriteError),
}

impl std::fmt::Display for Aside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Aside::Unreadable(error) => write!(f, "cannot be read: {error}"),
            Aside::Invalid(errors, Some(first)) => write!(f, "{errors} errors, first {first}"),
            Aside::Invalid(errors, None) => write!(f, "{errors} errors"),
            Aside::Empty => f.write_str("holds no entry"),
            Aside::Several => f.write_str("holds several files: take them apart first"),
            Aside::Again(_) => f.write_str("holds the same records as an earlier file"),
            Aside::Wide => {
                f.write_str("has characters of several bytes (UTF-8): write them as ASCII first")
            }
            Aside::Refused(line, error) => write!(f, "line {line}: {error}"),
            Aside::AboveCaps(line) => write!(
                f,
                "the batch on line {line} is above the caps and cannot be cut: raise them"
            ),
        }
    }
}

/// Two entries of one trace in the merged files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Twice {
    /// The trace, 15 digits.
    pub trace: u64,
    /// The source and line of the one.
    pub one: (usize, u64),
    /// The source and line of the other.
    pub other: (usize, u64),
    /// Whether all their columns are the same, addenda too.
    pub same: bool,
}

/// How many pairs are named; all are counted.
const NAMED: usize = 1_000;

/// A merged file.
#[derive(Debug)]
pub struct Put<W> {
    /// Where it was written.
    pub sink: W,
    /// What it holds.
    pub totals: Totals,
    /// The sources in it, by their places.
    pub sources: Vec<usize>,
}

/// What a merge came to.
#[derive(Debug)]
pub struct Merged<W> {
    /// The files, in order.
    pub files: Vec<Put<W>>,
    /// The sources put aside.
    pub aside: Vec<(usize, Aside)>,
    /// The first entries whose trace was there before.
    pub twice: Vec<Twice>,
    /// How many of them there are.
    pub twice_count: u64,
}

/// Why nothing was merged.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// A source that was good cannot be read again.
    #[error("file {source_file}: it changed or went away while it was merged: {error}")]
    Source {
        /// The source's place.
        source_file: usize,
        /// What is wrong.
        error: io::Error,
    },
    /// A merged file cannot be written.
    #[error("file {source_file}, line {line}: {error}")]
    Write {
        /// The source that is copied.
        source_file: usize,
        /// The line that is copied.
        line: u64,
        /// What is wrong.
        error: WriteError,
    },
    /// A merged file cannot be begun.
    #[error("a merged file: {0}")]
    Begin(io::Error),
    /// More files than a day has modifiers.
    #[error("more than 36 files: a day has no more file id modifiers, raise the caps")]
    TooMany,
}

/// Merges `count` sources, which `open` opens by their places, into as few files as the caps
/// allow, which `begin` opens. They are made `made`, their modifiers go up from `modifier`.
///
/// # Errors
/// Where a merged file cannot be written, or a source changes while it is read.
pub fn merge<R: Read, W: Write>(
    count: usize,
    mut open: impl FnMut(usize) -> io::Result<R>,
    begin: impl FnMut(usize) -> io::Result<W>,
    (date, time, modifier): (Date, Time, u8),
    caps: Caps,
) -> Result<Merged<W>, MergeError> {
    let caps = caps.within_format();
    let mut aside = Vec::new();
    let mut marks: Vec<Mark> = Vec::new();
    let mut seen: BTreeMap<(u64, u64), usize> = BTreeMap::new();
    let mut groups: BTreeMap<Parties, Vec<(usize, Survey)>> = BTreeMap::new();
    for place in 0..count {
        let kept = marks.len();
        let looked = open(place).and_then(|source| survey(source, place, &caps, &mut marks));
        let looked = looked.unwrap_or_else(|error| Err(Aside::Unreadable(error)));
        let looked = looked.and_then(|survey| match seen.get(&survey.hash) {
            Some(first) => Err(Aside::Again(*first)),
            None => Ok(survey),
        });
        match looked {
            Ok(survey) => {
                seen.insert(survey.hash, place);
                groups
                    .entry(Parties::of(&survey))
                    .or_default()
                    .push((place, survey));
            }
            Err(why) => {
                marks.truncate(kept);
                aside.push((place, why));
            }
        }
    }
    let mut out = copy::Out::new(begin, (date, time), modifier, caps);
    for sources in groups.values() {
        for (place, survey) in sources {
            let source = open(*place).map_err(|error| MergeError::Source {
                source_file: *place,
                error,
            })?;
            out.source(*place, source, survey)?;
        }
        out.end_file()?;
    }
    let (twice, twice_count) = doubles(&mut marks);
    Ok(Merged {
        files: out.files,
        aside,
        twice,
        twice_count,
    })
}

/// Who a file is for and from, and whether it is one of advices: only such files come together.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Parties {
    parties: [u8; 20],
    advices: bool,
}

impl Parties {
    fn of(survey: &Survey) -> Parties {
        let mut parties = [b' '; 20];
        if let Some(columns) = survey.header.get(3..23) {
            parties.copy_from_slice(columns);
        }
        let advices = survey.advices;
        Parties { parties, advices }
    }
}

/// The pairs of entries with one trace, the first ones named.
fn doubles(marks: &mut [Mark]) -> (Vec<Twice>, u64) {
    marks.sort_unstable_by_key(|mark| (mark.trace, mark.source, mark.line));
    let (mut named, mut count) = (Vec::new(), 0);
    for pair in marks.windows(2) {
        let [one, other] = pair else { continue };
        if one.trace != other.trace {
            continue;
        }
        count += 1;
        if named.len() < NAMED {
            named.push(Twice {
                trace: one.trace,
                one: (one.source as usize, u64::from(one.line)),
                other: (other.source as usize, u64::from(other.line)),
                same: one.hash == other.hash,
            });
        }
    }
    (named, count)
}

/// The columns of a batch header that must be the same for one batch to follow into another:
/// all but the number.
fn same_header(one: &[u8; WIDTH], other: &[u8; WIDTH]) -> bool {
    one.get(..87) == other.get(..87)
}

#[cfg(test)]
mod tests;
