//! Where sealed days went.

use desk::records::Record;
use serde::{Deserialize, Serialize};

/// Where a sealed day went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Archived {
    /// The archive's name for the package.
    pub id: String,
    /// The package's bytes.
    pub size: u64,
    /// Its members.
    pub members: u64,
}

impl Record for Archived {
    const VERSION: u32 = 2;
    const CHECKED_FROM: u32 = 2;
}
