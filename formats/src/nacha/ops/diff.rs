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

mod comparison;
mod difference;
mod index;
mod side;

pub use comparison::Compared;
pub use difference::{Difference, FieldDifference, Side};

use comparison::Comparison;
use difference::compare;
use side::Stream;
use std::cmp::Ordering;
use std::io::{self, Read, Seek};

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
    let mut out = Comparison::new(most, found);
    out.compared.left = one.totals;
    out.compared.right = two.totals;
    out.compared.errors = (one.errors, two.errors);
    if let (Some(one), Some(two)) = (&one.header, &two.header) {
        let mut fields = Vec::new();
        compare((&one.0, one.1), (&two.0, two.1), 0, &mut fields);
        if !fields.is_empty() {
            out.report(|| Difference::FileHeader { fields })?;
        }
    }
    if one.ascends && two.ascends {
        side_by_side(Stream::new(left), Stream::new(right), &mut out)?;
    } else {
        index::compare(left, right, &mut out)?;
    }
    let headers = (one.header.is_some(), two.header.is_some());
    if out.compared.differences == 0 && (one.rest != two.rest || headers.0 != headers.1) {
        out.report(|| Difference::Rest)?;
    }
    Ok(out.compared)
}

fn side_by_side<L: Read, R: Read, F: FnMut(&Difference) -> io::Result<()>>(
    mut left: Stream<L>,
    mut right: Stream<R>,
    out: &mut Comparison<F>,
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

#[cfg(test)]
mod tests;
