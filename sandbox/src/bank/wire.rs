//! A wire that an originator announced to us.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A wire that was announced.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Wire {
    /// Whose it is.
    pub originator: String,
    /// What was announced that it says.
    pub reference: String,
    /// What was announced that it brings, in cents.
    pub cents: i64,
    /// The day for which it was announced.
    pub on: Date,
    /// The day on which so much came and stayed; none where it never does.
    pub came: Option<Date>,
}
