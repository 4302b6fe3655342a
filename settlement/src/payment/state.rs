//! Where a payment stands: for the house in detail, for an API client in five words.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Where a payment stands. [`State::public`] is what an API client is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs)]
pub enum State {
    Init,
    Canceled,
    Batched,
    Unknown,
    SentToBank,
    Pending,
    Success,
    Failed,
    Final,
    Returned,
    Dishonored,
    Contested,
    ReversalPending,
    Reversed,
    ReversalReturned,
    /// Accepted, and held until a person decides.
    Review,
}

/// What an API client sees of a [`State`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs)]
pub enum PublicState {
    Init,
    SentToBank,
    Pending,
    Success,
    Failed,
}

impl State {
    /// Every state.
    pub const ALL: &[State] = &[
        State::Init,
        State::Canceled,
        State::Batched,
        State::Unknown,
        State::SentToBank,
        State::Pending,
        State::Success,
        State::Failed,
        State::Final,
        State::Returned,
        State::Dishonored,
        State::Contested,
        State::ReversalPending,
        State::Reversed,
        State::ReversalReturned,
        State::Review,
    ];

    /// The name of the state in tables and reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            State::Init => "INIT",
            State::Canceled => "CANCELED",
            State::Batched => "BATCHED",
            State::Unknown => "UNKNOWN",
            State::SentToBank => "SENT_TO_BANK",
            State::Pending => "PENDING",
            State::Success => "SUCCESS",
            State::Failed => "FAILED",
            State::Final => "FINAL",
            State::Returned => "RETURNED",
            State::Dishonored => "DISHONORED",
            State::Contested => "CONTESTED",
            State::ReversalPending => "REVERSAL_PENDING",
            State::Reversed => "REVERSED",
            State::ReversalReturned => "REVERSAL_RETURNED",
            State::Review => "REVIEW",
        }
    }

    /// Whether more has been heard of it than that the bank has its file.
    pub const fn is_past_acknowledgement(self) -> bool {
        match self {
            State::Init | State::Review | State::Canceled => false,
            State::Batched | State::Unknown => false,
            State::SentToBank | State::Pending => false,
            State::Success | State::Failed | State::Final | State::Returned => true,
            State::Dishonored | State::Contested => true,
            State::ReversalPending | State::Reversed | State::ReversalReturned => true,
        }
    }

    /// What an API client sees.
    pub const fn public(self) -> PublicState {
        match self {
            State::Init | State::Review | State::Batched => PublicState::Init,
            State::Unknown | State::SentToBank => PublicState::SentToBank,
            State::Pending => PublicState::Pending,
            State::Success | State::Final | State::Dishonored => PublicState::Success,
            State::ReversalPending | State::ReversalReturned => PublicState::Success,
            State::Canceled | State::Failed | State::Returned => PublicState::Failed,
            State::Contested | State::Reversed => PublicState::Failed,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
