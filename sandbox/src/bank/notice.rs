//! A return or notification of change that the bank will send.

use super::sent::{Entry, Header, Reason};
use serde::{Deserialize, Serialize};
use settlement::ids::BatchKey;

/// What the bank will tell us about an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Notice {
    pub(super) header: Header,
    /// The batch the original stands in.
    pub(super) batch: BatchKey,
    pub(super) entry: Entry,
    pub(super) reason: Reason,
    /// Whether it is told in two files.
    pub(super) twice: bool,
    /// Its own trace, where it is not the next of its morning.
    pub(super) by: Option<u64>,
    /// Whether it names a trace that nobody sent.
    pub(super) wrong: bool,
    /// Another entry of ours whose trace that is.
    #[serde(default)]
    pub(super) neighbour: Option<u64>,
    /// Whether its money moves.
    pub(super) moves: bool,
    /// Whether its money moves twice.
    #[serde(default)]
    pub(super) doubled: bool,
    /// Whether the bank bills it.
    pub(super) billed: bool,
}

/// Sequences that a wrong trace is made of: ours do not get that far in a demo.
const WRONG_FROM: u64 = 9_980_000;

impl Notice {
    /// One that says what is so: told once, about the entry's own trace, and its money moves once.
    pub(super) const fn of(
        header: Header,
        batch: BatchKey,
        entry: Entry,
        reason: Reason,
    ) -> Notice {
        Notice {
            header,
            batch,
            entry,
            reason,
            twice: false,
            by: None,
            wrong: false,
            neighbour: None,
            moves: true,
            doubled: false,
            billed: true,
        }
    }

    /// The trace that it says it answers.
    pub(super) const fn original_trace(&self) -> u64 {
        let trace = self.entry.trace;
        match (self.wrong, self.neighbour) {
            (true, None) => trace - trace % 10_000_000 + WRONG_FROM + trace % 9_000,
            (true, Some(neighbour)) => neighbour,
            (false, _) => trace,
        }
    }

    pub(super) const fn is_return(&self) -> bool {
        matches!(self.reason, Reason::Return(_))
    }

    /// Whether it disputes a return, or a dispute.
    pub(super) const fn is_dispute(&self) -> bool {
        matches!(self.reason, Reason::Return(61..))
    }

    /// Whether its money goes the way of the entry again.
    pub(super) const fn is_dishonored(&self) -> bool {
        matches!(self.reason, Reason::Return(61..=70))
    }

    /// Notices with the same group share a batch of the return file.
    pub(super) fn group(&self) -> (bool, &Header, u32, BatchKey) {
        (!self.is_return(), &self.header, self.entry.rdfi, self.batch)
    }
}
