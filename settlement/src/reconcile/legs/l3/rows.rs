//! Rows of versions that matched a line with a batch, as their records keep them.

use crate::bank::LineRole;
use crate::ids::{BatchKey, TraceNumber};
use crate::money::SignedCents;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A return we received and have not seen on a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    /// The trace of the original entry.
    pub trace: TraceNumber,
    /// What its line should move on our bank account.
    pub cents: SignedCents,
    /// When we received it.
    pub received: Date,
}

/// One line of a statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Its id in our tables.
    pub id: String,
    /// What it is to us.
    pub role: LineRole,
    /// The batch it names, if any.
    pub batch: Option<BatchKey>,
    /// The original trace it names, if any.
    pub trace: Option<TraceNumber>,
    /// What it moved.
    pub cents: SignedCents,
    /// When it counts.
    pub value_date: Date,
    /// The bank's own reference; may be empty.
    pub reference: String,
}
