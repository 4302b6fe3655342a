//! What an originator orders: every term of a payment but who receives it.

use crate::codes::sec::SecCode;
use crate::ids::Direction;
use crate::money::Cents;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Standard settles on the next banking day or later, same-day in a window of the same day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Speed {
    Standard,
    SameDay,
}

/// The terms that a payment keeps from the request to its entry. A store writes them in this
/// order between the fields of a payment: a new one would change what is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Which way the money goes.
    pub direction: Direction,
    /// How much, in cents.
    pub amount: Cents,
    /// The originator's key in the bank profile.
    pub originator: String,
    /// The entry class the originator chose.
    pub sec: SecCode,
    /// Company entry description, at most ten characters: `PAYROLL`. The receiver reads it on the
    /// statement.
    pub description: String,
    /// Standard or same-day.
    pub speed: Speed,
    /// The effective entry date wished for; none means as soon as possible.
    pub effective: Option<Date>,
}
