//! What a demo comes to: the document of `tieout demo --json`, and what it is made from.

use crate::records::breaks::BreakRecord;
use serde::Serialize;
use std::collections::BTreeMap;

/// The document of `tieout demo --json`.
#[derive(Debug, Serialize)]
pub struct Summary {
    /// What the days were made from.
    pub seed: u64,
    /// Business days with payments.
    pub days: u32,
    /// Payments by where they are.
    pub payments: BTreeMap<&'static str, u64>,
    /// Their cents.
    pub cents: BTreeMap<&'static str, u64>,
    /// Files sent and received.
    pub files: BTreeMap<&'static str, u64>,
    /// Faults the bank planted, and breaks that were found.
    pub breaks: FoundAndPlanted,
    /// Clearing accounts and keys that are not at zero.
    pub clearing_not_zero: Vec<NotZero>,
    /// Whether all of it agrees.
    pub tied_out: bool,
    /// Milliseconds in each job, all days together.
    pub elapsed_ms: BTreeMap<&'static str, u64>,
    /// Where everything is.
    pub dir: String,
    /// Which bank's; none says that it is the home bank's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bank: Option<String>,
}

/// Breaks, planted and found.
#[derive(Debug, Serialize)]
pub struct FoundAndPlanted {
    /// What the sandbox bank did wrong.
    pub planted: Vec<Named>,
    /// What the reconciliation found.
    pub found: Vec<Named>,
}

/// A break by its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Named {
    /// Its kind.
    pub kind: String,
    /// What it is about.
    pub key: String,
    /// What it moves on our account.
    pub cents: i64,
}

/// A clearing account and key that is not at zero.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NotZero {
    /// The account.
    pub account: String,
    /// The key.
    pub key: String,
    /// Positive where debits are more.
    pub cents: i64,
    /// The break that explains it; empty where nothing does.
    pub why: String,
}

/// Every break any day found, once, by kind and key; a later day's status counts.
pub type AllBreaks = BTreeMap<(String, String), (Named, BreakRecord)>;
