//! Work that waits for a worker.

use crate::error::Result;
use async_trait::async_trait;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Names one receipt of one message; a later receipt of the same message makes it stale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The message's number in its queue, rising in the order of sending.
    pub message: u64,
    /// The how-manieth time it was received.
    pub received: u32,
}

/// A message in a worker's hands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What to hand back.
    pub receipt: Receipt,
    /// What was sent.
    pub body: Bytes,
}

/// A message that was received too often without an [`Queue::ack`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// The message's number in its queue.
    pub message: u64,
    /// What was sent.
    pub body: Bytes,
}

/// Named queues. A message is delivered at least once: a worker that dies gives it back when its
/// time is over.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Puts a message at the end; answers its number.
    async fn send(&self, queue: &str, body: Bytes) -> Result<u64>;

    /// Takes at most `limit` messages that nobody holds, oldest first, and holds them for `hold`.
    async fn receive(&self, queue: &str, limit: usize, hold: Duration) -> Result<Vec<Message>>;

    /// The work is done: the message is gone.
    ///
    /// # Errors
    /// [`crate::Error::Conflict`] where somebody else has received the message since.
    async fn ack(&self, queue: &str, receipt: &Receipt) -> Result<()>;

    /// Holds the message for `hold` from now.
    ///
    /// # Errors
    /// [`crate::Error::Conflict`] where somebody else has received the message since.
    async fn extend(&self, queue: &str, receipt: &Receipt, hold: Duration) -> Result<()>;

    /// At most `limit` messages that were given up, oldest first, after number `after`.
    async fn dead_letters(
        &self,
        queue: &str,
        after: Option<u64>,
        limit: usize,
    ) -> Result<Vec<DeadLetter>>;
}
