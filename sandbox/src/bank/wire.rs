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
    /// The day on which so much came; none where it never does.
    pub came: Option<Date>,
    /// The day on which the bank took it back.
    #[serde(default)]
    pub gone: Option<Date>,
}

impl Wire {
    /// Whether its money is not there in the end.
    pub fn went_wrong(&self) -> bool {
        self.came.is_none() || self.gone.is_some()
    }
}
