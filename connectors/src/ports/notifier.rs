//! Telling people.

use crate::error::Result;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How soon somebody should look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// For the record.
    Info,
    /// Today.
    Warning,
    /// Now: money or proof is at stake.
    Critical,
}

/// Something that somebody should know. Never contains an account number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// How soon somebody should look.
    pub severity: Severity,
    /// What it is about, stable, for routing: `reconcile.break`.
    pub topic: String,
    /// One sentence: what, where, what to do.
    pub message: String,
    /// Names and figures a program may want.
    pub details: BTreeMap<String, String>,
}

/// A channel that reaches people.
#[async_trait]
pub trait Notifier: Send + Sync {
    /// Hands the alert over; it may arrive more than once.
    async fn publish(&self, alert: Alert) -> Result<()>;
}
