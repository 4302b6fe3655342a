//! The keyspaces of the payment store, and what their faults are called.

use crate::database;
use connectors::{Error, Result};
use fjall::{Database, Keyspace};

/// What errors call the store.
pub const STORE: &str = "payment store";

/// One keyspace for each thing that is looked up.
#[derive(Clone)]
pub struct Keyspaces {
    /// id -> payment, dates of its events.
    pub payments: Keyspace,
    /// date, id, version -> event.
    pub events: Keyspace,
    /// hash of the idempotency key -> id, hash of the request.
    pub idempotency: Keyspace,
    /// state, id -> speed.
    pub by_state: Keyspace,
    /// cut, id; while BATCHED or UNKNOWN.
    pub claimed: Keyspace,
    /// batch, id.
    pub by_batch: Keyspace,
    /// state -> payments, cents.
    pub counts: Keyspace,
}

impl Keyspaces {
    /// Opens them all, and makes what is not there.
    pub fn open(db: &Database) -> Result<Keyspaces> {
        let open = |name| database::keyspace(db, name);
        Ok(Keyspaces {
            payments: open("payments")?,
            events: open("events")?,
            idempotency: open("idempotency")?,
            by_state: open("by_state")?,
            claimed: open("claimed")?,
            by_batch: open("by_batch")?,
            counts: open("counts")?,
        })
    }
}

/// What was read is not what was written.
pub fn damaged(why: &str) -> Error {
    Error::corrupt(STORE, why)
}
