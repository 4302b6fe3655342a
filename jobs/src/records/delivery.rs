//! Deliveries: what stands at the bank.

use connectors::Name;
use desk::records::{Record, Source};
use serde::{Deserialize, Serialize};
use settlement::money::SignedCents;

/// That a file stands at the bank.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// The object that was sent.
    pub object: Name,
    /// Its bytes.
    pub size: u64,
    /// SHA-256 of what was read back, in hexadecimal.
    pub sha256: String,
    /// Entries in it.
    pub entries: u64,
    /// Their cents, whichever way they go.
    pub cents: SignedCents,
    /// The frozen cut; none in a record of before version 2.
    #[serde(default)]
    pub cut: Option<Source>,
}

impl Record for Delivery {
    const VERSION: u32 = 2;
    const CHECKED_FROM: u32 = 2;
}
