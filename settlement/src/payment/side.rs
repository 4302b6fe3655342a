//! Facts of a side of a batch: what is said once, of all of its entries.
//!
//! The bank acknowledges, rejects and settles batches, and windows are over for whole sides of
//! them; so that is one [`SideFact`], not an event for each of 2,500 payments. The facts of a side
//! are numbered from 1. A payment's own event remembers how many facts it follows, so its history
//! is one row: its own events, and between them the facts that changed it, in the order in which
//! both became durable. What is added is added at the end; nothing of a history ever changes its
//! version.

use super::event::{EntryRef, Event};
use super::order::Order;
use crate::ids::{BatchKey, Direction, TraceNumber};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A side of a batch: its credits or its debits. A batch of one direction has one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Side {
    /// The batch.
    pub batch: BatchKey,
    /// Which of its entries.
    pub direction: Direction,
}

impl Side {
    /// The side on which an entry of an order stands.
    pub fn of(entry: &EntryRef, order: &Order) -> Side {
        Side {
            batch: entry.batch,
            direction: order.direction,
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.batch, self.direction.as_str())
    }
}

/// What was said of a side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SideFact {
    /// What happened to each of its entries that can take it.
    pub event: Event,
    /// The business date whose books it belongs to.
    pub date: Date,
    /// The nominal moment of the job that says so.
    pub at: Timestamp,
    /// The entries that it is not about, in order; what comes to them is an event of their own.
    pub except: Vec<TraceNumber>,
}

impl SideFact {
    /// A fact of all entries but `except`.
    ///
    /// # Errors
    /// Where `event` is one that happens to single payments only.
    pub fn new(
        event: Event,
        date: Date,
        at: Timestamp,
        mut except: Vec<TraceNumber>,
    ) -> Result<SideFact, NotOfSides> {
        match event {
            Event::Acknowledged { .. } | Event::Rejected { .. } | Event::HoldEnded => {}
            Event::Settled { .. } | Event::SettledAgain { .. } | Event::Closed => {}
            Event::SettlementUndone { .. } => {}
            _ => return Err(NotOfSides(event.kind().as_str())),
        }
        except.sort_unstable();
        except.dedup();
        Ok(SideFact {
            event,
            date,
            at,
            except,
        })
    }

    /// What makes two facts of one side the same, told twice. What is not of a file or a line of
    /// the bank may be so again on another date: of entries that settled later than the others.
    pub fn sameness(&self) -> String {
        match self.event {
            Event::HoldEnded | Event::Closed => {
                format!("{} {}", self.event.sameness(), self.date)
            }
            _ => self.event.sameness(),
        }
    }

    /// Whether it is about the entry with this trace.
    pub fn concerns(&self, trace: TraceNumber) -> bool {
        self.except.binary_search(&trace).is_err()
    }
}

/// An event of single payments was to be a fact of a side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} happens to single payments, never to a side of a batch")]
pub struct NotOfSides(&'static str);

/// A fact and its place among those of its side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Numbered {
    /// 1 for the first.
    pub number: u32,
    /// The fact.
    pub fact: SideFact,
}
