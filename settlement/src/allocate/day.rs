//! What one day's allocation looks at, and what it makes.

use super::allocation::Allocation;
use super::item::{Done, Earlier, Entries, Expectation, Member, Receipt};
use crate::bank::netted::NettedFee;
use crate::ids::TraceNumber;
use crate::money::{Cents, SignedCents};
use crate::reconcile::legs::BreakKind;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Everything that one day's allocation looks at.
pub struct Input<'a> {
    /// The business date.
    pub today: Date,
    /// Banking days that money may be late.
    pub sla_days: u32,
    /// A difference up to this is rounding; nothing, where the profile does not say why.
    pub rounding: Cents,
    /// Fees that the contract lets the bank keep from a settlement.
    pub fees: &'a [NettedFee],
    /// Those that it kept before: day and amount.
    pub netted_before: &'a [(Date, Cents)],
    /// What has not come, or not all.
    pub expectations: &'a [Expectation],
    /// What answers nothing yet, or not with all of it.
    pub receipts: &'a [Receipt],
    /// What was answered in full, and may yet be taken back or come again.
    pub done: &'a [Done],
    /// Allocations of lines that a later version of their statement does not have.
    pub taken_back: &'a [Allocation],
    /// Allocations of days before that may give way to what a line says.
    pub earlier: &'a [Earlier],
    /// The entries of a side; asked only where its amount does not agree.
    pub members: &'a dyn Fn(&Expectation) -> Vec<Member>,
}

/// Something that does not agree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What is wrong.
    pub kind: BreakKind,
    /// The money in question.
    pub cents: SignedCents,
    /// One sentence for whoever has to look at it.
    pub why: String,
    /// The expectations it is about.
    pub expectations: Vec<String>,
    /// The receipts it is about.
    pub receipts: Vec<String>,
    /// Entries that may be what is missing: they wait.
    pub candidates: Vec<TraceNumber>,
    /// What it is called by, where that is none of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
}

/// What a day's allocation made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What belongs together, in the order in which it was found.
    pub allocations: Vec<Allocation>,
    /// What does not agree.
    pub findings: Vec<Finding>,
    /// Every expectation with what is left of it, those that were done before among them.
    pub expectations: Vec<Expectation>,
    /// Every receipt with what is left of it.
    pub receipts: Vec<Receipt>,
    /// Expectations that had been answered, and of which an allocation was taken back.
    pub undone: Vec<String>,
    /// Entries that settled.
    pub settled: Vec<Entries>,
    /// Entries that had settled before, and have not any more.
    pub unsettled: Vec<Entries>,
    /// Expectations that the bank had rejected, and of which money has come.
    pub reopened: Vec<String>,
}

impl Finding {
    /// A finding of `kind` on so much money.
    pub(super) fn new(kind: BreakKind, cents: i128, why: String) -> Finding {
        let end = if cents < 0 { i64::MIN } else { i64::MAX };
        Finding {
            kind,
            cents: SignedCents::new(i64::try_from(cents).unwrap_or(end)), // of a report only
            why,
            expectations: Vec::new(),
            receipts: Vec::new(),
            candidates: Vec::new(),
            about: None,
        }
    }
}
