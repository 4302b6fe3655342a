//! What the bank is asked to do with single entries, for whoever tries things out.
//!
//! Such a bank does nothing by chance: what nobody asked about settles. It keeps the entries it
//! took, so that one can still be returned after it has settled, as a consumer would.

use super::{Bank, notice::Notice, sent::Entry, sent::Header, sent::Reason};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use settlement::calendar::{add_banking_days, next_banking_day};
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
struct Kept {
    batch: BatchKey,
    header: Header,
    settles: Date,
    entry: Entry,
}

/// What was asked, and what was taken, by individual identification number.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Alone {
    /// Whether nothing happens by chance.
    pub(super) on: bool,
    asked: BTreeMap<String, Asked>,
    kept: BTreeMap<String, Kept>,
}

impl Asked {
    fn reason(self) -> Reason {
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

impl Bank {
    /// The same bank, which does nothing by chance.
    #[must_use]
    pub fn alone(mut self) -> Bank {
        self.alone.on = true;
        self
    }

    /// Asks for what is to become of the entry with this individual identification number, whether
    /// it is still to come or was taken before. Answers the morning on which that will be heard,
    /// where it was.
    pub fn ask(&mut self, individual_id: &str, asked: Asked) -> Option<Date> {
        let Some(kept) = self.alone.kept.get(individual_id) else {
            self.alone.asked.insert(individual_id.to_owned(), asked);
            return None;
        };
        let first = add_banking_days(kept.settles, 1);
        let next = self.last_morning.map_or(first, next_banking_day);
        let morning = first.max(next);
        let notice = Notice {
            header: kept.header.clone(),
            batch: kept.batch,
            entry: kept.entry.clone(),
            reason: asked.reason(),
            twice: false,
            by: None,
            wrong: false,
            neighbour: None,
            moves: true,
            doubled: false,
            billed: true,
        };
        self.returning.entry(morning).or_default().push(notice);
        Some(morning)
    }
}
