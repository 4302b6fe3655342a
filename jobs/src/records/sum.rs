//! Records and their cents, counted.

use serde::{Deserialize, Serialize};
use settlement::money::SignedCents;

/// One side of one line of a tally.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// Records.
    pub records: u64,
    /// Their cents.
    pub cents: SignedCents,
}

impl Sum {
    /// This and `records` more that sum to `cents`; `None` where a sum does not fit.
    #[must_use]
    pub fn with(self, records: u64, cents: SignedCents) -> Option<Sum> {
        Some(Sum {
            records: self.records.checked_add(records)?,
            cents: self.cents.checked_add(cents)?,
        })
    }
}
