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

mod caps;
mod copy;
mod error;
mod survey;

pub use caps::Caps;
pub use copy::MergedFile;
pub use error::{Aside, MergeError};

use crate::nacha::ops::creation::Creation;
use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use survey::{Mark, Survey, survey};

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

/// What a merge came to.
#[derive(Debug)]
pub struct Merged<W> {
    /// The files, in order.
    pub files: Vec<MergedFile<W>>,
    /// The sources put aside.
    pub aside: Vec<(usize, Aside)>,
    /// The first entries whose trace was there before.
    pub twice: Vec<Twice>,
    /// How many of them there are.
    pub twice_count: u64,
}

/// Merges `count` sources, which `open` opens by their places, into as few files as the caps
/// allow, which `begin` opens. Their modifiers go up from that of `creation`.
///
/// # Errors
/// Where a merged file cannot be written, or a source changes while it is read.
pub fn merge<R: Read, W: Write>(
    count: usize,
    mut open: impl FnMut(usize) -> io::Result<R>,
    begin: impl FnMut(usize) -> io::Result<W>,
    creation: Creation,
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
    let mut out = copy::MergedFiles::new(begin, creation, caps);
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
#[allow(clippy::arithmetic_side_effects, reason = "counts of records read")]
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

#[cfg(test)]
mod tests;
