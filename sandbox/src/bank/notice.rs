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
}

impl Notice {
    pub(super) const fn is_return(&self) -> bool {
        matches!(self.reason, Reason::Return(_))
    }

    /// Notices with the same group share a batch of the return file.
    pub(super) fn group(&self) -> (bool, &Header, u32, BatchKey) {
        (!self.is_return(), &self.header, self.entry.rdfi, self.batch)
    }
}
