//! What L3 looks at: batches and returns that wait for their money, and statement lines.

use crate::bank::LineRole;
use crate::ids::{BatchKey, Direction, TraceNumber};
use crate::money::{Cents, SignedCents};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// One direction of a batch we sent and have not seen on a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Its key; the bank repeats it as customer reference.
    pub key: BatchKey,
    /// Credits or debits.
    pub direction: Direction,
    /// What it should move on our bank account.
    pub cents: SignedCents,
    /// The day it should settle.
    pub settles_on: Date,
    /// Entries of this direction.
    pub entries: u32,
}

/// A return we received and have not seen on a statement. A day's record keeps those that wait,
/// under these names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    /// The trace of the original entry.
    pub trace: TraceNumber,
    /// What its line should move on our bank account.
    pub cents: SignedCents,
    /// When we received it.
    pub received: Date,
}

/// One line of a statement. A day's record keeps those that are looked at again, under these
/// names.
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

/// The entries of a batch and direction, fetched only where a batch's amount does not agree.
pub type EntriesOf<'a> = &'a dyn Fn(BatchKey, Direction) -> Vec<(TraceNumber, SignedCents)>;

/// Everything L3 looks at. Left rows are the batches and after them the returns; right rows are
/// the lines.
pub struct Input<'a> {
    /// The business date of the run.
    pub today: Date,
    /// Banking days a line may be late before it is missing.
    pub sla_days: u32,
    /// A difference up to this is rounding.
    pub tolerance: Cents,
    /// Amounts the bank may net out of a settlement.
    pub fees: &'a [Cents],
    /// Open batches.
    pub batches: &'a [Batch],
    /// Open returns.
    pub returns: &'a [Returned],
    /// New lines.
    pub lines: &'a [Line],
    /// Lines matched on days before: a line like one of these is a duplicate.
    pub earlier: &'a [Line],
    /// Fee lines that the prices explain, by their ids: posting has found what they bill.
    pub billed: &'a BTreeSet<String>,
    /// The entries of a batch.
    pub entries: EntriesOf<'a>,
}
