//! What stands behind the sandbox.

use async_trait::async_trait;
use jiff::{Timestamp, civil::Date};
use serde_json::Value;
use settlement::ids::PaymentId;

/// What stands behind the sandbox.
#[async_trait]
pub trait Sandbox: Send + Sync {
    /// Runs a business date: the bank's morning, every job, its evening.
    ///
    /// # Errors
    /// Why not, for a person.
    async fn day(&self, date: Date) -> std::result::Result<Value, String>;

    /// Has the bank return a payment's entry, or notify a change.
    ///
    /// # Errors
    /// Why not, for a person.
    async fn answer(&self, id: PaymentId, code: &str) -> std::result::Result<Value, String>;

    /// Moves the clock forward to a moment.
    ///
    /// # Errors
    /// Where it is past.
    fn forward(&self, to: Timestamp) -> std::result::Result<(), String>;
}
