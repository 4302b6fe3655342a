//! What stands behind the sandbox.

use crate::wire::problem::Problem;
use async_trait::async_trait;
use jiff::{Timestamp, civil::Date};
use serde_json::Value;
use settlement::ids::PaymentId;

/// Why the sandbox did not do what it was asked. No text names a place of the server's machine:
/// clients read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Undone {
    /// It cannot be asked now; nothing was moved.
    Refused(String),
    /// It stopped on the way, of itself: the same would stop again.
    Stopped(String),
    /// The machine could not: a full disk, a missing permission.
    Unable,
}

impl Undone {
    /// What a client is told; `refused` is the code of a refusal, `stopped` that of a stop.
    pub fn problem(self, refused: &'static str, stopped: &'static str) -> Problem {
        match self {
            Undone::Refused(why) => Problem::new(refused, why),
            Undone::Stopped(why) => Problem::new(stopped, why),
            Undone::Unable => {
                Problem::new("unavailable", "the server's machine could not").after(1)
            }
        }
    }
}

/// What stands behind the sandbox.
#[async_trait]
pub trait Sandbox: Send + Sync {
    /// Runs a business date: the bank's morning, every job, its evening.
    ///
    /// # Errors
    /// Where it is refused nothing was moved; otherwise the same date goes on where it stopped.
    async fn day(&self, date: Date) -> std::result::Result<Value, Undone>;

    /// Has the bank return a payment's entry, or notify a change.
    ///
    /// # Errors
    /// Why not.
    async fn answer(&self, id: PaymentId, code: &str) -> std::result::Result<Value, Undone>;

    /// Moves the clock forward to a moment.
    ///
    /// # Errors
    /// [`Undone::Refused`] where it is past; where it cannot be kept it stays where it is.
    fn forward(&self, to: Timestamp) -> std::result::Result<(), Undone>;
}
