//! What the online path notes of a payment when it accepts it. It never changes afterwards.

use super::state::State;
use crate::ids::PaymentId;
use crate::risk::key::Key;
use crate::risk::place::Place;
use serde::{Deserialize, Serialize};

/// Who asked for a payment, and how it was judged then.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// Who asked: only this merchant sees the payment.
    pub merchant: String,
    /// The merchant's own name for its customer.
    pub customer: Option<String>,
    /// The payment that this one gives back: a refund all or a part, a reversal all of it.
    pub refunds: Option<PaymentId>,
    /// How its risk was judged.
    pub risk: Option<Judged>,
    /// Where the request came from, as far as risk counts it. Not of the form in which this was
    /// first stored: a store keeps it behind that.
    #[serde(skip)]
    pub from: CameFrom,
}

/// Where a request came from: names that say nothing, so that what was counted under them is found
/// again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CameFrom {
    /// The customer's device.
    pub device: Option<Key>,
    /// The address that asked the merchant.
    pub ip: Option<Key>,
    /// Where that address was.
    pub place: Place,
}

impl Accepted {
    /// The state in which a payment begins that was accepted so.
    pub fn begins(&self) -> State {
        match self.risk.as_ref().map(|risk| risk.decision) {
            Some(Decision::Review) => State::Review,
            _ => State::Init,
        }
    }
}

/// How the risk of a payment was judged when it was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// From 0, nothing speaks against it, to 1000.
    pub score: u16,
    /// What follows from that.
    pub decision: Decision,
    /// What made the score up, the heaviest first.
    pub reasons: Vec<Reason>,
    /// Which rules and which model judged, by their versions.
    pub by: String,
}

/// One thing that speaks for or against a payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The rule, or the model's feature.
    pub id: String,
    /// How much of the score it is.
    pub points: i32,
    /// In words.
    pub text: String,
}

/// What follows from a score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It goes on.
    Approve,
    /// A person decides.
    Review,
    /// It is refused.
    Deny,
}

impl Decision {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Decision::Approve => "approve",
            Decision::Review => "review",
            Decision::Deny => "deny",
        }
    }
}
