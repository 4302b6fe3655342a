//! Where payments and their events live.

use crate::error::Result;
use async_trait::async_trait;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use settlement::ids::{BatchKey, CutId, PaymentId};
use settlement::payment::{
    Event, Numbered, Payment, PaymentEvent, Refusal, Side, SideFact, Speed, State,
};

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// SHA-256 of its idempotency key.
    pub key: [u8; 32],
    /// The payment that it made.
    pub payment: PaymentId,
    /// SHA-256 of the request itself.
    pub request_hash: [u8; 32],
}

/// What became of a [`NewRecord`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// A fact that is to be kept of a side of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Telling {
    /// Whose.
    pub side: Side,
    /// What is said of it.
    pub fact: SideFact,
}

/// What became of a [`Telling`]: the number of the fact among those of its side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Told {
    /// It is new.
    New(u32),
    /// The same had been told before; nothing changed, nothing is wrong.
    Exists(u32),
    /// The same had been told before of other entries: what it leaves out is not what it left out
    /// then. Nothing changed, and one of the two is wrong.
    Differs(u32),
}

/// Something that became durable: what [`PaymentStore::feed`] tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Happened {
    /// An event of a payment's own.
    Event(PaymentEvent),
    /// A fact of a side: it happened to every payment of the side that it does not except.
    Fact {
        /// The bank, as a payment names it.
        bank: String,
        /// Of which side.
        side: Side,
        /// What was said.
        fact: Numbered,
    },
}

/// Which payments to page through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Index {
    /// Waiting to be cut: in state INIT.
    Ready {
        /// Only those that ask to go at this speed.
        speed: Option<Speed>,
        /// Only those up to this one.
        until: Option<PaymentId>,
    },
    /// Claimed by this cut, or by any, and not yet known to be sent: BATCHED or UNKNOWN.
    Claimed(Option<CutId>),
    /// Carried by an entry of this batch, with a history that is not like the others': something
    /// besides *created*, *claimed* and *sent* happened to them alone. What the store has under
    /// it may be more, never less.
    Apart(BatchKey),
    /// Every payment of every bank: for people and proofs. No job of a date asks so.
    All,
}

/// Payments, their events and the idempotency keys that made them.
///
/// All changes of one call are in order, but not one transaction: each payment with its event is.
/// A change that is answered is durable.
///
/// A store is shared by all banks of an installation and is seen from one of them. What is asked
/// by a cut, a batch, a side, a date or for what waits is about that bank's payments alone, so that
/// equal names of two banks never meet: [`Index::Ready`], [`Index::Claimed`], [`Index::Apart`],
/// [`events`](PaymentStore::events), [`tell`](PaymentStore::tell) and
/// [`facts`](PaymentStore::facts). A payment is of the bank that it names, and what is asked by its
/// id or its request is the same from everywhere, as is [`Index::All`].
///
/// What was said of a side of a batch is kept once. Whoever reads a payment gets it as its own
/// events and the facts of its side make it ([`Payment::take_facts`]); a change is held against
/// that as well, and remembers how many facts it follows, in the same transaction.
#[async_trait]
pub trait PaymentStore: Send + Sync {
    /// Creates payments, each under its idempotency key; the answers stand in the order of `new`.
    async fn create(&self, new: Vec<NewRecord>) -> Result<Vec<Created>>;

    /// The payments of `ids`, in that order.
    async fn get(&self, ids: &[PaymentId]) -> Result<Vec<Option<Payment>>>;

    /// In which state the payments of `ids` are, in that order: at least as far on as their own
    /// events led them; what was said of their sides may have led them further.
    async fn standings(&self, ids: &[PaymentId]) -> Result<Vec<Option<State>>> {
        let payments = self.get(ids).await?.into_iter();
        Ok(payments
            .map(|one| one.map(|payment| payment.state))
            .collect())
    }

    /// Applies events through [`Payment::apply`]; the answers stand in the order of `changes`.
    async fn apply(&self, changes: Vec<Change>) -> Result<Vec<Applied>>;

    /// Keeps facts of sides, each under the next number of its side; the answers stand in the
    /// order of `facts`. A fact that is answered is durable, and no number is ever given twice.
    async fn tell(&self, facts: Vec<Telling>) -> Result<Vec<Told>>;

    /// Forgets who received payments ([`Payment::forget`]), and answers how many of them were not
    /// forgotten before. What is answered is durable: the bytes of it are in no file of the store
    /// any more, whether or not this call has changed anything.
    async fn forget(&self, payments: Vec<PaymentId>) -> Result<u64>;

    /// The facts of a side, by their numbers from 1.
    async fn facts(&self, side: Side) -> Result<Vec<Numbered>>;

    /// The facts of one business date, by side and number.
    async fn facts_of(&self, date: Date) -> Result<Vec<(Side, Numbered)>>;

    /// At most `limit` payments of `index` after `after`, by id (which is by creation time). What
    /// was answered before is in it: no index lags.
    async fn page(
        &self,
        index: Index,
        after: Option<PaymentId>,
        limit: usize,
    ) -> Result<Vec<Payment>>;

    /// At most `limit` events of one business date that happened to single payments, after
    /// `after`, by payment id and version. What facts of sides did is not among them.
    async fn events(
        &self,
        date: Date,
        after: Option<(PaymentId, u32)>,
        limit: usize,
    ) -> Result<Vec<PaymentEvent>>;

    /// As [`events`](PaymentStore::events), but for *created*, *claimed* and *sent*, which happen
    /// to every payment: so what is asked for is few even where a day has millions.
    async fn unusual_events(
        &self,
        date: Date,
        after: Option<(PaymentId, u32)>,
        limit: usize,
    ) -> Result<Vec<PaymentEvent>> {
        let (mut found, mut after) = (Vec::new(), after);
        while found.len() < limit {
            let page = self.events(date, after, limit).await?;
            let Some(last) = page.last() else { break };
            after = Some((last.payment, last.version));
            let left = limit.saturating_sub(found.len()); // saturates: none is left
            let unusual = page.into_iter().filter(|one| !one.event.is_usual());
            found.extend(unusual.take(left));
        }
        Ok(found)
    }

    /// Every event of one payment, oldest first, and what facts of its side changed; empty where
    /// there is no such payment.
    async fn history(&self, payment: PaymentId) -> Result<Vec<PaymentEvent>>;

    /// At most `limit` payments that a merchant asked for online, newest first, of those before
    /// `before`. For people: what was answered a moment ago may be missing.
    async fn recent(
        &self,
        merchant: &str,
        before: Option<PaymentId>,
        limit: usize,
    ) -> Result<Vec<Payment>>;

    /// At most `limit` of what became durable after the place `after`, in that order, each with its
    /// own place; 0 is before the first. A place is never given twice, and what is behind one that
    /// was answered never changes. A store of a version before begins where this one opened it.
    async fn feed(&self, after: u64, limit: usize) -> Result<Vec<(u64, Happened)>>;

    /// The request with the idempotency key of this SHA-256.
    async fn request(&self, key: [u8; 32]) -> Result<Option<Request>>;

    /// At most `limit` of the requests that made a payment, after the one whose key has the hash
    /// `after`, in the order of those hashes.
    async fn requests(&self, after: Option<[u8; 32]>, limit: usize) -> Result<Vec<Request>>;
}
