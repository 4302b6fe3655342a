//! A place in the feed, inside a side of a batch where need be.

use std::fmt;
use std::str::FromStr;

/// What stands before the numbers: another form would begin otherwise.
const FORM: &str = "c1";

/// The longest cursor: its form and two numbers in hexadecimal.
const MOST_BYTES: usize = 32;

/// How far somebody has read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    /// Everything up to this place of the feed was given.
    pub place: u64,
    /// Of what is behind it, a fact of a side, so many members were given.
    pub given: u32,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{FORM}-{:x}-{:x}", self.place, self.given)
    }
}

/// A text is no cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoCursor;

impl FromStr for Cursor {
    type Err = NoCursor;

    fn from_str(text: &str) -> Result<Cursor, NoCursor> {
        let mut parts = text.split('-');
        let all = (parts.next(), parts.next(), parts.next(), parts.next());
        let (Some(FORM), Some(place), Some(given), None) = all else {
            return Err(NoCursor);
        };
        let cursor = Cursor {
            place: u64::from_str_radix(place, 16).map_err(|_| NoCursor)?,
            given: u32::from_str_radix(given, 16).map_err(|_| NoCursor)?,
        };
        // One text for each place, so that two that are the same read the same.
        match text.len() <= MOST_BYTES && cursor.to_string() == text {
            true => Ok(cursor),
            false => Err(NoCursor),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cursor_survives_the_round_trip(place: u64, given: u32) {
            let cursor = Cursor { place, given };
            prop_assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }

        #[test]
        fn no_text_is_two_cursors(text in "c?1?-?[0-9a-fA-F+-]{0,24}") {
            if let Ok(cursor) = text.parse::<Cursor>() {
                prop_assert_eq!(cursor.to_string(), text);
            }
        }
    }
}
