//! In the place of payments and queue for who asks the tables alone: the store is not opened, and
//! whatever is asked of it all the same is refused, not answered as if there were nothing.

use async_trait::async_trait;
use bytes::Bytes;
use connectors::{
    Applied, Change, Created, DeadLetter, Document, Documents, Error, Happened, Index, Message,
    NewRecord, PaymentStore, Queue, Receipt, Request, Result, Telling, Told,
};
use jiff::civil::Date;
use settlement::ids::PaymentId;
use settlement::payment::{Numbered, Payment, PaymentEvent, Side};
use std::time::Duration;

/// A store that was not opened.
pub(crate) struct Unseen;

fn not_opened<T>() -> Result<T> {
    Err(Error::Denied {
        what: "store".to_owned(),
        why: "who asks the tables alone has not opened it; report this as a bug".to_owned(),
    })
}

#[async_trait]
impl PaymentStore for Unseen {
    async fn create(&self, _: Vec<NewRecord>) -> Result<Vec<Created>> {
        not_opened()
    }

    async fn get(&self, _: &[PaymentId]) -> Result<Vec<Option<Payment>>> {
        not_opened()
    }

    async fn apply(&self, _: Vec<Change>) -> Result<Vec<Applied>> {
        not_opened()
    }

    async fn tell(&self, _: Vec<Telling>) -> Result<Vec<Told>> {
        not_opened()
    }

    async fn forget(&self, _: Vec<PaymentId>) -> Result<u64> {
        not_opened()
    }

    async fn facts(&self, _: Side) -> Result<Vec<Numbered>> {
        not_opened()
    }

    async fn facts_of(&self, _: Date) -> Result<Vec<(Side, Numbered)>> {
        not_opened()
    }

    async fn page(&self, _: Index, _: Option<PaymentId>, _: usize) -> Result<Vec<Payment>> {
        not_opened()
    }

    async fn events(
        &self,
        _: Date,
        _: Option<(PaymentId, u32)>,
        _: usize,
    ) -> Result<Vec<PaymentEvent>> {
        not_opened()
    }

    async fn history(&self, _: PaymentId) -> Result<Vec<PaymentEvent>> {
        not_opened()
    }

    async fn request(&self, _: [u8; 32]) -> Result<Option<Request>> {
        not_opened()
    }

    async fn recent(&self, _: &str, _: Option<PaymentId>, _: usize) -> Result<Vec<Payment>> {
        not_opened()
    }

    async fn feed(&self, _: u64, _: usize) -> Result<Vec<(u64, Happened)>> {
        not_opened()
    }

    async fn requests(&self, _: Option<[u8; 32]>, _: usize) -> Result<Vec<Request>> {
        not_opened()
    }
}

#[async_trait]
impl Documents for Unseen {
    async fn put(&self, _: &str, _: &str, _: u64, _: Bytes) -> Result<u64> {
        not_opened()
    }

    async fn get(&self, _: &str, _: &str) -> Result<Option<Document>> {
        not_opened()
    }

    async fn list(&self, _: &str, _: &str, _: Option<&str>, _: usize) -> Result<Vec<Document>> {
        not_opened()
    }

    async fn remove(&self, _: &str, _: &str, _: u64) -> Result<()> {
        not_opened()
    }
}

#[async_trait]
impl Queue for Unseen {
    async fn send(&self, _: &str, _: Bytes) -> Result<u64> {
        not_opened()
    }

    async fn receive(&self, _: &str, _: usize, _: Duration) -> Result<Vec<Message>> {
        not_opened()
    }

    async fn ack(&self, _: &str, _: &Receipt) -> Result<()> {
        not_opened()
    }

    async fn extend(&self, _: &str, _: &Receipt, _: Duration) -> Result<()> {
        not_opened()
    }

    async fn dead_letters(&self, _: &str, _: Option<u64>, _: usize) -> Result<Vec<DeadLetter>> {
        not_opened()
    }
}
