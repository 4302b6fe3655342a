//! The newest reconciliations, as they were read last.

use jiff::civil::Date;
use serde::Deserialize;
use std::collections::HashMap; // order never reaches bytes
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// What is read of a reconciliation's record: the same in every version of it.
#[derive(Debug, Deserialize)]
pub struct Reconciled {
    /// The business date.
    pub date: Date,
    /// What is not resolved.
    pub breaks: Vec<Break>,
}

/// A break of it.
#[derive(Debug, Deserialize)]
pub struct Break {
    /// Its kind.
    pub kind: String,
    /// The leg that found it.
    pub leg: String,
    /// What it is about.
    pub key: String,
    /// Whether somebody has to look at it.
    pub status: String,
}

/// When it was read, and what there was.
type Read = (Instant, Option<Arc<Reconciled>>);

/// The newest reconciliation of each bank, as it was read last.
#[derive(Default)]
pub struct Newest(pub(super) Mutex<HashMap<String, Read>>); // order never reaches bytes

impl Newest {
    /// Something was reconciled since: all of them are read anew.
    pub fn forget(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}
