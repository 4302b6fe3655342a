//! The time of day, for shells only: rules and jobs get their dates as arguments.

use async_trait::async_trait;
use jiff::Timestamp;
use std::time::Duration;

/// A clock; tests bring their own.
#[async_trait]
pub trait Clock: Send + Sync {
    /// This moment.
    fn now(&self) -> Timestamp;

    /// Waits.
    async fn sleep(&self, duration: Duration);
}
