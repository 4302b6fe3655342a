//! Breaks as they are kept from day to day.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use settlement::money::SignedCents;
use settlement::reconcile::legs::BreakKind;

/// A break as reports list it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreakRecord {
    /// Its name, the same on every run that finds it.
    pub id: String,
    /// Its kind.
    pub kind: String,
    /// The leg that found it; `FILE` where a file itself is wrong.
    pub leg: String,
    /// What it is about.
    pub key: String,
    /// What it moves or moved on our account.
    pub cents: SignedCents,
    /// Our record.
    pub left: Option<String>,
    /// The other record.
    pub right: Option<String>,
    /// The day of the first run that found it.
    pub first_seen: Date,
    /// `OPEN`, or `AUTO_CLEARED` where nothing is left to do.
    pub status: String,
    /// What was found and what to do.
    pub explanation: String,
}

/// Breaks that need nobody: they are noted, and what they moved is posted or matched already.
pub const AUTO_CLEARED: &[BreakKind] = &[
    BreakKind::FeeNetted,
    BreakKind::Rounding,
    BreakKind::Date,
    BreakKind::DupFile,
];

/// A break that no leg found.
pub fn other(
    date: Date,
    kind: &str,
    leg: &str,
    key: &str,
    right: &str,
    cents: SignedCents,
    explanation: String,
) -> BreakRecord {
    let cleared = AUTO_CLEARED.iter().any(|auto| auto.as_str() == kind);
    BreakRecord {
        id: format!("{leg}/{kind}/{key}@{right}"),
        kind: kind.to_owned(),
        leg: leg.to_owned(),
        key: key.to_owned(),
        cents,
        left: None,
        right: Some(right.to_owned()),
        first_seen: date,
        status: if cleared { "AUTO_CLEARED" } else { "OPEN" }.to_owned(),
        explanation,
    }
}
