//! What is said of fundings: one record for each thing said, numbered in the order in which it was.

use desk::records::{Record, Source};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use settlement::funding::Funding;

/// One thing that was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FundingFact {
    /// Its number in the chain, from one; of an announcement, what people call it by.
    pub number: u32,
    /// The first date whose books were open: the allocation of that date, or of the first one after
    /// it, takes it. None where no date's were closed yet.
    pub books: Option<Date>,
    /// What was said.
    pub what: What,
    /// The one before it.
    pub previous: Option<Source>,
}

/// What is said of a funding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Money is announced.
    Announced(Funding),
    /// What was announced under a number will not come.
    Withdrawn(u32),
}

impl Record for FundingFact {
    const VERSION: u32 = 1;
    const CHECKED_FROM: u32 = 1;
}
