//! Allocations: what a date's receipts answered, and what they leave for the next.

use crate::records::part::Part;
use crate::records::reconciled::SettledBatch;
use desk::records::{Record, Source};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use settlement::allocate::{Allocation, Expectation, Finding, Receipt};
use settlement::ids::{BatchKey, Direction, TraceNumber};
use settlement::money::{Cents, SignedCents};

/// The record of a date's allocation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allocated {
    /// The business date.
    pub date: Date,
    /// The run before it.
    pub previous: Option<Date>,
    /// The allocations, as a table part.
    pub parts: Vec<Part>,
    /// What was allocated on the date.
    pub allocations: Vec<Allocation>,
    /// Every expectation that was looked at, with what is left of it; those that are answered and
    /// may yet be taken back among them.
    pub expectations: Vec<Expected>,
    /// Every receipt that was looked at, with what is left of it.
    pub receipts: Vec<Received>,
    /// What does not agree.
    pub findings: Vec<Finding>,
    /// Sides of batches that settled on the date, or entries of them.
    pub settled: Vec<SettledSide>,
    /// Sides whose windows run, with the days on which they end.
    pub windows: Vec<SettledBatch>,
    /// Sides that had settled, and wait again since the date.
    pub undone: Vec<String>,
    /// The same for their payments: which of them have not settled any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unsettled: Vec<UnsettledSide>,
    /// Fees that the bank kept from settlements this month: on which day, and how much.
    pub netted: Vec<Netted>,
    /// Whether what it says of whole sides is told of them as facts; in a record of before version
    /// 3 it was an event of each payment.
    #[serde(default, skip_serializing_if = "is_false")]
    pub of_sides: bool,
    /// How many facts of fundings this allocation and those before it have taken.
    #[serde(default, skip_serializing_if = "is_none")]
    pub funding_facts: u32,
    /// What it started from.
    pub started_from: Vec<Source>,
}

/// An expectation, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// With what is left of it.
    #[serde(flatten)]
    pub one: Expectation,
    /// What was left of it before the date.
    pub before: SignedCents,
    /// The allocation that answered it, where nothing is left.
    pub by: Option<String>,
    /// The last day on which it may be taken back or come again.
    pub closes: Option<Date>,
    /// The day of its cut, for one of a batch.
    pub cut: Option<Date>,
    /// The day on which its entries should settle, where its money moves on another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settles: Option<Date>,
}

/// A receipt, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// With what is left of it.
    #[serde(flatten)]
    pub one: Receipt,
    /// What was left of it before the date.
    pub before: SignedCents,
    /// Whether it came on the date.
    pub new: bool,
}

/// A side of a batch whose entries settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettledSide {
    /// The batch.
    pub key: BatchKey,
    /// Its side.
    pub direction: Direction,
    /// The day on which it settled.
    pub on: Date,
    /// The day that the bank says and that cannot be: before the file was sent.
    pub impossible: Option<Date>,
    /// The bank's reference of the line.
    pub reference: String,
    /// Entries that did not settle with the rest.
    pub except: Vec<TraceNumber>,
    /// The only ones that did, where the rest had before.
    pub only: Vec<TraceNumber>,
    /// How often the bank had taken back what settled it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub times: u32,
}

fn is_zero(times: &u32) -> bool {
    *times == 0
}

/// A side of a batch of which the bank took back what had settled it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnsettledSide {
    /// The batch.
    pub key: BatchKey,
    /// Its side.
    pub direction: Direction,
    /// The allocation that counts no more.
    pub allocation: String,
    /// How often the bank has done so, of this side.
    pub times: u32,
    /// Entries that had not settled with the rest.
    pub except: Vec<TraceNumber>,
    /// The only ones that it is about, where the rest stands.
    pub only: Vec<TraceNumber>,
}

/// A fee that the bank kept from a settlement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Netted {
    /// The business date.
    pub date: Date,
    /// How much.
    pub cents: Cents,
}

impl UnsettledSide {
    /// Whether an entry of the side is one of those that have not settled any more.
    pub fn is_of(&self, trace: TraceNumber) -> bool {
        let only = self.only.is_empty() || self.only.contains(&trace);
        only && !self.except.contains(&trace)
    }
}

impl Allocated {
    /// The state before the first run.
    pub fn first(date: Date) -> Allocated {
        Allocated {
            date,
            previous: None,
            parts: Vec::new(),
            allocations: Vec::new(),
            expectations: Vec::new(),
            receipts: Vec::new(),
            findings: Vec::new(),
            settled: Vec::new(),
            windows: Vec::new(),
            undone: Vec::new(),
            unsettled: Vec::new(),
            netted: Vec::new(),
            of_sides: true,
            funding_facts: 0,
            started_from: Vec::new(),
        }
    }

    /// Receipts of which something is left.
    pub fn free(&self) -> impl Iterator<Item = &Receipt> {
        let all = self.receipts.iter().map(|one| &one.one);
        all.filter(|one| !one.remainder.is_zero())
    }

    /// Expectations of which something is left.
    pub fn open(&self) -> impl Iterator<Item = &Expected> {
        self.expectations
            .iter()
            .filter(|one| !one.one.remainder.is_zero())
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_false(of_sides: &bool) -> bool {
    !*of_sides
}

/// Serde asks so: a record of before fundings has the bytes that it had.
#[allow(clippy::trivially_copy_pass_by_ref)]
fn is_none(count: &u32) -> bool {
    *count == 0
}

impl Record for Allocated {
    const VERSION: u32 = 3;
    const CHECKED_FROM: u32 = 1;
}
