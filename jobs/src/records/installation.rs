//! What an installation says of itself.

use connectors::Identity;
use desk::records::Record;
use serde::{Deserialize, Serialize};
use settlement::money::Currency;

/// The form that this program reads and writes. It goes up by one where what an installation holds
/// has to be brought forward before the jobs may go on.
pub const FORM: u32 = 3;

/// An installation. One without this record is of form 1.
///
/// It is the one record that changes: it is written before the first of the other places gets its
/// identity and after the last one has, so that a run that was killed between is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installation {
    /// The form of everything in it: at most this one.
    pub form: u32,
    /// Which one it is; those of version 1 do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// What was begun in the other places and is not yet finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unfinished: Option<Step>,
    /// The currency of the bank whose objects these are: it stays what it was when they were made.
    /// Those that do not say it are in dollars of the United States.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub currency: Currency,
}

fn is_usual(currency: &Currency) -> bool {
    *currency == Currency::default()
}

/// What changes the identity of all places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// It is being made.
    Made,
    /// An older one gets an identity.
    Adopted,
    /// It was restored from copies and gets the next epoch.
    Restored,
}

impl Record for Installation {
    const VERSION: u32 = 2;
    const CHECKED_FROM: u32 = 2;
}
