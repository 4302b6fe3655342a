//! What a history is made of.

use jiff::Timestamp;
use settlement::risk::velocity::{Asked, Returned};

/// A kind of fraud that is planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fraud {
    /// Many accounts tried with small debits, to learn which of them are open.
    Testing,
    /// Somebody else acts as a customer.
    Takeover,
    /// A customer who built up trust and spends it at once.
    BustOut,
    /// An account that collects credits from those who were deceived.
    Mule,
    /// A customer who does not exist.
    Synthetic,
    /// Debits that nobody authorized, a few from each of many accounts.
    Ring,
}

impl Fraud {
    /// Each.
    pub const ALL: &[Fraud] = &[
        Fraud::Testing,
        Fraud::Takeover,
        Fraud::BustOut,
        Fraud::Mule,
        Fraud::Synthetic,
        Fraud::Ring,
    ];

    /// As tables and answers say it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Fraud::Testing => "testing",
            Fraud::Takeover => "takeover",
            Fraud::BustOut => "bust_out",
            Fraud::Mule => "mule",
            Fraud::Synthetic => "synthetic",
            Fraud::Ring => "ring",
        }
    }
}

/// One request, what became of it, and what it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// The request.
    pub asked: Asked,
    /// What it was in truth.
    pub fraud: Option<Fraud>,
    /// Whether the house came to know of it: the label that can be trained on.
    pub reported: bool,
    /// When and why it came back, if it did.
    pub back: Option<(Timestamp, Returned)>,
}

/// 2026-06-01, a Monday, midnight UTC.
pub const START: i64 = 1_780_272_000;

/// Days of a history.
pub const DAYS: i64 = 150;

/// Seconds of a day.
pub const DAY: i64 = 86_400;
