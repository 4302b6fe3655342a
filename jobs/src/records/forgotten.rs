//! Whose names were forgotten: one record for each customer and time, numbered in the order in
//! which they were.

use desk::records::{Record, Source};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use settlement::forgetting::Customer;
use settlement::ids::PaymentId;

/// A customer whose names were forgotten. It stands before anything is: what is missing of a
/// table of names is forgotten by one of these, or lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForgottenFact {
    /// Its number in the chain, from one.
    pub number: u32,
    /// The last date whose books were closed.
    pub closed: Date,
    /// Whose names.
    pub customer: Customer,
    /// The newest payment of theirs that is forgotten; what they ask for later is not.
    pub until: PaymentId,
    /// How many payments that were.
    pub payments: u64,
    /// The one before it.
    pub previous: Option<Source>,
}

impl Record for ForgottenFact {
    const VERSION: u32 = 1;
    const CHECKED_FROM: u32 = 1;
}
