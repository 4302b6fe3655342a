//! Deliveries: what stands at the bank.

use connectors::Name;
use desk::records::Record;
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
}

impl Record for Delivery {
    const VERSION: u32 = 1;
}
