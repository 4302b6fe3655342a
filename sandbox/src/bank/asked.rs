//! What the bank is asked to do with single entries, for whoever tries things out.
//!
//! Such a bank does nothing by chance: what nobody asked about settles. It keeps the entries it
//! took, so that one can still be returned after it has settled, as a consumer would.

use super::sent::{Entry, Header, Reason};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use settlement::ids::BatchKey;
use std::collections::BTreeMap;

/// Entries that are kept to be asked about; of more the oldest are forgotten.
const MOST_KEPT: usize = 20_000;

/// What the bank is to do with an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Asked {
    /// Return it, with the digits of the code: 1 for R01.
    Return(u8),
    /// Notify a change, with the digits of the code: 5 for C05.
    Change(u8),
}

/// An entry that was taken.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Kept {
    pub(super) batch: BatchKey,
    pub(super) header: Header,
    pub(super) settles: Date,
    pub(super) entry: Entry,
}

/// What was asked, and what was taken, by individual identification number.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Alone {
    /// Whether nothing happens by chance.
    pub(super) on: bool,
    pub(super) asked: BTreeMap<String, Asked>,
    pub(super) kept: BTreeMap<String, Kept>,
}

impl Asked {
    pub(super) fn reason(self) -> Reason {
        match self {
            Asked::Return(code) => Reason::Return(code),
            Asked::Change(code) => Reason::Change(code),
        }
    }
}

impl Alone {
    /// What becomes of an entry that is taken now, and after how many banking days.
    pub(super) fn fate(&self, individual_id: &str) -> Option<(Reason, u16)> {
        let asked = self.asked.get(individual_id.trim())?;
        Some((asked.reason(), 1))
    }

    /// Remembers an entry.
    pub(super) fn keep(&mut self, batch: BatchKey, header: &Header, settles: Date, entry: Entry) {
        let id = entry.individual_id.trim().to_owned();
        self.asked.remove(&id);
        let kept = Kept {
            batch,
            header: header.clone(),
            settles,
            entry,
        };
        self.kept.insert(id, kept);
        if self.kept.len() > MOST_KEPT {
            self.kept.pop_first(); // ids begin with their time
        }
    }
}
