//! Where payments and their events live.

use crate::error::Result;
use async_trait::async_trait;
use jiff::{Timestamp, civil::Date};
use settlement::ids::{BatchKey, CutId, PaymentId};
use settlement::payment::{Event, Payment, PaymentEvent, Refusal, Speed, State};
use std::collections::BTreeMap;

/// A payment to be created.
#[derive(Clone, Debug)]
pub struct NewRecord {
    /// The payment, in its first state.
    pub payment: Payment,
    /// The client's name for the request; the same key never creates two payments.
    pub idempotency_key: String,
    /// SHA-256 of the request, to tell a repeated request from a key used twice.
    pub request_hash: [u8; 32],
    /// The business date of the created event.
    pub date: Date,
}

/// A request that made a payment, as it is remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// SHA-256 of its idempotency key.
    pub key: [u8; 32],
    /// The payment that it made.
    pub payment: PaymentId,
    /// SHA-256 of the request itself.
    pub request_hash: [u8; 32],
}

/// What became of a [`NewRecord`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Created {
    /// The payment was created.
    New,
    /// The same request had been answered before with this payment; nothing changed.
    Existing(PaymentId),
    /// The key belongs to another request, the one that created this payment.
    KeyReused(PaymentId),
    /// Another payment has this id; draw another.
    IdTaken,
}

/// An event that is to happen to a payment.
#[derive(Clone, Debug)]
pub struct Change {
    /// Whose event.
    pub payment: PaymentId,
    /// The version the writer read; `None` applies to whatever is there.
    pub expected_version: Option<u32>,
    /// What is to happen.
    pub event: Event,
    /// The business date whose books it belongs to.
    pub date: Date,
    /// The nominal moment of the job, never the wall clock.
    pub at: Timestamp,
}

/// What became of a [`Change`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applied {
    /// Payment and event are durable.
    Done {
        /// The payment's version now.
        version: u32,
    },
    /// The same event had happened before; nothing changed, nothing is wrong.
    Exists,
    /// The payment's list of steps has no such step.
    Refused(Refusal),
    /// Somebody else wrote the payment since it was read.
    Stale {
        /// The payment's version now.
        version: u32,
    },
    /// There is no such payment.
    NotFound,
}

/// Which payments to page through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Index {
    /// Waiting to be cut: in state INIT.
    Ready,
    /// Waiting to be cut and asked to go at this speed.
    ReadyAt(Speed),
    /// Claimed by this cut and not yet known to be sent: BATCHED or UNKNOWN.
    Claimed(CutId),
    /// Carried last by an entry of this batch, in whatever state.
    Batch(BatchKey),
    /// In this state.
    InState(State),
}

/// Payments, their events and the idempotency keys that made them.
///
/// All changes of one call are in order, but not one transaction: each payment with its event is.
/// A change that is answered is durable.
#[async_trait]
pub trait PaymentStore: Send + Sync {
    /// Creates payments, each under its idempotency key; the answers stand in the order of `new`.
    async fn create(&self, new: Vec<NewRecord>) -> Result<Vec<Created>>;

    /// The payments of `ids`, in that order.
    async fn get(&self, ids: &[PaymentId]) -> Result<Vec<Option<Payment>>>;

    /// Applies events through [`Payment::apply`]; the answers stand in the order of `changes`.
    async fn apply(&self, changes: Vec<Change>) -> Result<Vec<Applied>>;

    /// At most `limit` payments of `index` after `after`, by id (which is by creation time).
    async fn page(
        &self,
        index: Index,
        after: Option<PaymentId>,
        limit: usize,
    ) -> Result<Vec<Payment>>;

    /// At most `limit` events of one business date after `after`, by payment id and version.
    async fn events(
        &self,
        date: Date,
        after: Option<(PaymentId, u32)>,
        limit: usize,
    ) -> Result<Vec<PaymentEvent>>;

    /// Every event of one payment, oldest first; empty where there is no such payment.
    async fn history(&self, payment: PaymentId) -> Result<Vec<PaymentEvent>>;

    /// At most `limit` of the requests that made a payment, after the one whose key has the hash
    /// `after`, in the order of those hashes.
    async fn requests(&self, after: Option<[u8; 32]>, limit: usize) -> Result<Vec<Request>>;

    /// Payments and cents in each state that has any.
    async fn counts(&self) -> Result<BTreeMap<State, (u64, u64)>>;
}
