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
    /// Adds a record.
    pub fn add(&mut self, cents: SignedCents) {
        self.add_many(1, cents);
    }

    /// Adds `records` that sum to `cents`.
    pub fn add_many(&mut self, records: u64, cents: SignedCents) {
        self.records = self.records.saturating_add(records);
        // Saturated, in and out still differ by what is missing: nothing can hide here.
        let sum = self.cents.get().saturating_add(cents.get());
        self.cents = SignedCents::new(sum);
    }
}
