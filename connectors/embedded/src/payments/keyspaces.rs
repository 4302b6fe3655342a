//! The keyspaces of the payment store, and what their faults are called.

use crate::database;
use connectors::{Error, Result};
use fjall::{Database, Keyspace};
use std::fmt::Display;
use std::path::Path;
use std::sync::Arc;

/// What errors call the store.
pub const STORE: &str = "payment store";

/// One keyspace for each thing that is looked up. In those of cuts, batches, dates and of what
/// waits, a bank that is not the home bank stands before each key.
#[derive(Clone)]
pub struct Keyspaces {
    /// id -> what changes of a payment, dates of its events; all of it before the fourth form.
    pub payments: Keyspace,
    /// id -> what never changes of a payment.
    pub orders: Keyspace,
    /// date, id, version -> event.
    pub events: Keyspace,
    /// hash of the idempotency key -> id, hash of the request.
    pub idempotency: Keyspace,
    /// INIT, id -> speed: what waits to be cut. A version before kept the other states here as
    /// well; what is left of that is not read.
    pub waiting: Keyspace,
    /// cut, id; while BATCHED or UNKNOWN.
    pub claimed: Keyspace,
    /// batch, id, of payments whose history is not like the others'. A version before kept all of
    /// a batch here.
    pub apart: Keyspace,
    /// side, number -> fact.
    pub facts: Keyspace,
    /// date, side, number.
    pub facts_by_date: Keyspace,
    /// number -> the key of an event or a fact, in the order in which they became durable.
    pub feed: Keyspace,
    /// merchant, id of what was asked for online.
    pub owned: Keyspace,
    /// Where the store is, for a person.
    at: Arc<str>,
}

impl Keyspaces {
    /// Opens them all, and makes what is not there.
    pub fn open(db: &Database) -> Result<Keyspaces> {
        let open = |name| database::keyspace(db, name);
        let payments = open("payments")?;
        // A keyspace is two folders below its store.
        let at = payments.path().ancestors().nth(2).map(Path::display);
        Ok(Keyspaces {
            at: at.map_or_else(String::new, |at| at.to_string()).into(),
            payments,
            orders: open("orders")?,
            events: open("events")?,
            idempotency: open("idempotency")?,
            waiting: open("by_state")?,
            claimed: open("claimed")?,
            apart: open("by_batch")?,
            facts: open("facts")?,
            facts_by_date: open("facts_by_date")?,
            feed: open("feed")?,
            owned: open("owned")?,
        })
    }
}

impl Keyspaces {
    /// The database could not say `what`, which is named as people know it.
    pub fn failed(&self, what: impl Display, error: &fjall::Error) -> Error {
        database::error(&self.place(what), error)
    }

    /// `error` about `what`, where it says that something is damaged.
    pub fn named(&self, what: impl Display, error: Error) -> Error {
        match error {
            Error::Corrupt { why, .. } => Error::corrupt(self.place(what), why),
            other => other,
        }
    }

    /// `what` contradicts something else in the store.
    pub fn contradicts(&self, what: impl Display, why: &str) -> Error {
        Error::corrupt(self.place(what), why)
    }

    fn place(&self, what: impl Display) -> String {
        format!("{what}, in the store {}", self.at)
    }
}

/// What was read is not what was written.
pub fn damaged(why: &str) -> Error {
    Error::corrupt(STORE, why)
}
