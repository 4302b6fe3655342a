//! Two files held against each other, entry by entry, by trace, with the names of the fields.
//!
//! Where the traces of both files ascend, both are read side by side and nothing is kept.
//! Elsewhere an index of each is made (32 bytes an entry: trace, place, a hash of its records),
//! the indexes are sorted and walked side by side, and only entries whose hashes differ are read
//! again. Entries of one trace are paired in the order in which they stand.
//!
//! Line ends and filler are nobody's business here; everything else is: where all entries are the
//! same and a control or a stray record is not, that is a difference too. Values of fields that
//! hold account numbers, names or free text are never shown, only that they differ.

#![allow(clippy::arithmetic_side_effects)] // counts of entries

mod index;
mod side;

use super::super::Totals;
use super::super::finding::Place;
use super::super::layout::{Layout, Privacy, WIDTH};
use super::super::records::latin;
use serde::Serialize;
use side::{Row, Stream};
use std::cmp::Ordering;
use std::fmt;
use std::io::{self, Read, Seek};

/// Which of the two files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The first.
    Left,
    /// The second.
    Right,
}

/// A field that is not the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldDifference {
    /// The record: `6.PPD`, `7.05`.
    pub record: &'static str,
    /// Which of the entry's addenda, from 1; of other records 0.
    pub addenda: usize,
    /// The field.
    pub field: &'static str,
    /// What the first file has; `None` where it must not be shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<String>,
    /// What the second file has; `None` where it must not be shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub right: Option<String>,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Difference {
    /// The file headers.
    FileHeader {
        /// What is not the same in them.
        fields: Vec<FieldDifference>,
    },
    /// The headers of two batches that have an entry in common.
    BatchHeader {
        /// The line of the one.
        left: u64,
        /// The line of the other.
        right: u64,
        /// What is not the same in them.
        fields: Vec<FieldDifference>,
    },
    /// An entry that only one file has.
    Only {
        /// Which file.
        side: Side,
        /// The entry's trace, or what stands in its columns.
        trace: String,
        /// Its line.
        line: u64,
    },
    /// An entry that both have, not the same.
    Entry {
        /// Its trace.
        trace: String,
        /// Its line in the first file.
        left: u64,
        /// Its line in the second.
        right: u64,
        /// What is not the same.
        fields: Vec<FieldDifference>,
    },
    /// Every entry and header is the same, but a control or a record outside of entries is not.
    Rest,
}

/// What a comparison came to.
#[derive(Clone, Debug)]
pub struct Compared {
    /// What the first file holds.
    pub left: Totals,
    /// What the second file holds.
    pub right: Totals,
    /// Errors in each of them.
    pub errors: (u64, u64),
    /// Entries that are the same.
    pub same: u64,
    /// Entries that both have, not the same.
    pub changed: u64,
    /// Entries that only the first has.
    pub only_left: u64,
    /// Entries that only the second has.
    pub only_right: u64,
    /// All differences, shown or not.
    pub differences: u64,
}

impl Compared {
    /// Whether nothing differs.
    pub const fn is_same(&self) -> bool {
        self.differences == 0
    }
}

/// Compares two files. The first `most` differences are given to `found`, all are counted.
///
/// # Errors
/// Where a file cannot be read, or `found` fails.
pub fn diff<L: Read + Seek, R: Read + Seek>(
    mut left: L,
    mut right: R,
    most: u64,
    found: impl FnMut(&Difference) -> io::Result<()>,
) -> io::Result<Compared> {
    let (one, two) = (side::look(&mut left)?, side::look(&mut right)?);
    let mut out = Out::new(most, found);
    out.compared.left = one.totals;
    out.compared.right = two.totals;
    out.compared.errors = (one.errors, two.errors);
    if let (Some(one), Some(two)) = (&one.header, &two.header) {
        let mut fields = Vec::new();
        compare((&one.0, one.1), (&two.0, two.1), 0, &mut fields);
        if !fields.is_empty() {
            out.say(|| Difference::FileHeader { fields })?;
        }
    }
    if one.ascends && two.ascends {
        side_by_side(Stream::new(left), Stream::new(right), &mut out)?;
    } else {
        index::compare(left, right, &mut out)?;
    }
    let headers = (one.header.is_some(), two.header.is_some());
    if out.compared.differences == 0 && (one.rest != two.rest || headers.0 != headers.1) {
        out.say(|| Difference::Rest)?;
    }
    Ok(out.compared)
}

/// Where differences go.
struct Out<F> {
    most: u64,
    found: F,
    compared: Compared,
    /// The last two batches whose headers were compared.
    batches: Option<(u64, u64)>,
}

impl<F: FnMut(&Difference) -> io::Result<()>> Out<F> {
    fn new(most: u64, found: F) -> Out<F> {
        let compared = Compared {
            left: Totals::default(),
            right: Totals::default(),
            errors: (0, 0),
            same: 0,
            changed: 0,
            only_left: 0,
            only_right: 0,
            differences: 0,
        };
        Out {
            most,
            found,
            compared,
            batches: None,
        }
    }

    /// Whether the next difference is shown.
    fn shows(&self) -> bool {
        self.compared.differences < self.most
    }

    fn say(&mut self, difference: impl FnOnce() -> Difference) -> io::Result<()> {
        let shows = self.shows();
        self.compared.differences += 1;
        if shows {
            (self.found)(&difference())
        } else {
            Ok(())
        }
    }

    fn only(&mut self, side: Side, key: Key, line: u64) -> io::Result<()> {
        match side {
            Side::Left => self.compared.only_left += 1,
            Side::Right => self.compared.only_right += 1,
        }
        let trace = key.shown();
        self.say(|| Difference::Only { side, trace, line })
    }

    /// Two entries of one trace.
    fn pair(&mut self, left: &Row, right: &Row) -> io::Result<()> {
        self.headers(left, right)?;
        if left.same(right) {
            self.compared.same += 1;
            return Ok(());
        }
        self.compared.changed += 1;
        let trace = left.key.shown();
        self.say(|| Difference::Entry {
            trace,
            left: left.place.line,
            right: right.place.line,
            fields: entries(left, right),
        })
    }

    /// The headers of the batches of two entries, once for each pair of batches that follow.
    fn headers(&mut self, left: &Row, right: &Row) -> io::Result<()> {
        let places = (left.batch_place.line, right.batch_place.line);
        if self.batches == Some(places) {
            return Ok(());
        }
        self.batches = Some(places);
        if left.batch == right.batch {
            return Ok(());
        }
        let mut fields = Vec::new();
        let one = (&left.batch, left.batch_layout);
        compare(one, (&right.batch, right.batch_layout), 0, &mut fields);
        let (left, right) = places;
        self.say(|| Difference::BatchHeader {
            left,
            right,
            fields,
        })
    }
}

/// What entries are paired by: the fifteen columns of the trace as a number, or their hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key(u64);

impl Key {
    fn shown(self) -> String {
        if self.0 < 1_000_000_000_000_000 {
            format!("{:015}", self.0)
        } else {
            "unreadable".to_owned()
        }
    }
}

fn side_by_side<L: Read, R: Read, F: FnMut(&Difference) -> io::Result<()>>(
    mut left: Stream<L>,
    mut right: Stream<R>,
    out: &mut Out<F>,
) -> io::Result<()> {
    let (mut one, mut two) = (left.advance()?, right.advance()?);
    loop {
        let order = match (one, two) {
            (true, true) => left.row.key.cmp(&right.row.key),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => return Ok(()),
        };
        match order {
            Ordering::Less => out.only(Side::Left, left.row.key, left.row.place.line)?,
            Ordering::Greater => out.only(Side::Right, right.row.key, right.row.place.line)?,
            Ordering::Equal => out.pair(&left.row, &right.row)?,
        }
        if order != Ordering::Greater {
            one = left.advance()?;
        }
        if order != Ordering::Less {
            two = right.advance()?;
        }
    }
}

/// The fields in which two entries differ.
fn entries(left: &Row, right: &Row) -> Vec<FieldDifference> {
    let mut fields = Vec::new();
    compare(
        (&left.text, left.layout),
        (&right.text, right.layout),
        0,
        &mut fields,
    );
    let (one, two) = (left.addenda.len(), right.addenda.len());
    if one != two {
        fields.push(FieldDifference {
            record: left.layout.id,
            addenda: 0,
            field: "addenda",
            left: Some(one.to_string()),
            right: Some(two.to_string()),
        });
    }
    for ((one, two), number) in left.addenda.iter().zip(&right.addenda).zip(1..) {
        compare((&one.0, one.1), (&two.0, two.1), number, &mut fields);
    }
    fields
}

type Seen<'a> = (&'a [u8; WIDTH], &'static Layout);

/// The fields in which two records differ.
fn compare(left: Seen<'_>, right: Seen<'_>, addenda: usize, into: &mut Vec<FieldDifference>) {
    if left.1.id != right.1.id {
        into.push(FieldDifference {
            record: left.1.id,
            addenda,
            field: "record",
            left: Some(left.1.id.to_owned()),
            right: Some(right.1.id.to_owned()),
        });
        return;
    }
    for field in left.1.fields {
        let (one, two) = (field.of(left.0), field.of(right.0));
        if one == two {
            continue;
        }
        let open = field.privacy() == Privacy::Open;
        let shown = |value: &[u8]| open.then(|| latin(value.trim_ascii_end()).into_owned());
        into.push(FieldDifference {
            record: left.1.id,
            addenda,
            field: field.name,
            left: shown(one),
            right: shown(two),
        });
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fields = match self {
            Difference::FileHeader { fields } => {
                write!(f, "file header:")?;
                fields
            }
            Difference::BatchHeader {
                left,
                right,
                fields,
            } => {
                write!(f, "batch header, lines {left} and {right}:")?;
                fields
            }
            Difference::Only { side, trace, line } => {
                let side = match side {
                    Side::Left => "first",
                    Side::Right => "second",
                };
                return write!(f, "entry {trace}: only in the {side} file, line {line}");
            }
            Difference::Entry {
                trace,
                left,
                right,
                fields,
            } => {
                write!(f, "entry {trace}, lines {left} and {right}:")?;
                fields
            }
            Difference::Rest => {
                return f.write_str(
                    "the entries are the same, a control or a record outside of entries is not",
                );
            }
        };
        for (at, field) in fields.iter().enumerate() {
            let comma = if at == 0 { " " } else { ", " };
            write!(f, "{comma}{field}")?;
        }
        Ok(())
    }
}

impl fmt::Display for FieldDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.addenda > 0 {
            write!(f, "addenda {} ", self.addenda)?;
        }
        match (&self.left, &self.right) {
            (Some(left), Some(right)) => write!(f, "{} \"{left}\" and \"{right}\"", self.field),
            _ => write!(f, "{} (not shown)", self.field),
        }
    }
}

/// The place of a record that never was.
const NOWHERE: Place = Place { line: 0, byte: 0 };

#[cfg(test)]
mod tests;
