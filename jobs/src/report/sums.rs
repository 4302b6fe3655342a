//! A number of things and what they amount to.

use serde::Serialize;
use settlement::money::Cents;

/// A number of things and what they amount to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// How many.
    pub count: u64,
    /// Their sum, in cents.
    pub cents: Cents,
}

impl Tally {
    /// So many, amounting to so much.
    pub const fn new(count: u64, cents: Cents) -> Tally {
        Tally { count, cents }
    }

    /// Both together; none where a sum does not fit.
    pub fn checked_add(self, other: Tally) -> Option<Tally> {
        let count = self.count.checked_add(other.count)?;
        Some(Tally {
            count,
            cents: self.cents.checked_add(other.cents)?,
        })
    }
}
