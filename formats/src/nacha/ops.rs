//! What is done to whole files: hide who is in them, take entries back, send them back, put
//! several together, take one apart, hold two against each other.
//!
//! Each goes over its input once or twice and writes as it reads.

mod answer;
mod diff;
mod fits;
mod mask;
mod merge;
mod out;
mod split;

pub use answer::{Answer, OpError, Reversed, answer, reverse};
pub use diff::{Compared, Difference, FieldDifference, Side, diff};
pub use mask::mask;
pub use merge::{Aside, Caps, MergeError, Merged, Put, Twice, merge};
pub use split::{By, split};

use super::finding::Place;
use settlement::ids::FILE_ID_MODIFIERS;

/// The file id modifier after this one: A to Z, 0 to 9, and A again.
fn next_modifier(modifier: u8) -> u8 {
    let mut after = FILE_ID_MODIFIERS
        .iter()
        .skip_while(|m| **m != modifier)
        .skip(1);
    after.next().copied().unwrap_or(b'A')
}

/// A second file in one transmission is refused: what is made of a file has one header.
fn one_file(another: bool, place: Place) -> Result<(), OpError> {
    if another {
        return Err(OpError::Entry {
            line: place.line,
            why: "a second file begins: take the files apart first",
        });
    }
    Ok(())
}
