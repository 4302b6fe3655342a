//! Payments in the embedded database: one writer, group commit, fsync before the answer.
//!
//! Callers hand their changes to one writer thread over two bounded lanes (`lanes.rs`). The writer
//! takes what is waiting, works it out against the database and what the same group has already
//! changed, writes payments, events, facts and indexes as one batch, fsyncs once and then answers
//! every caller of the group. So a caller among sixty-four pays a sixty-fourth of an fsync, a
//! reader never sees what is not durable, and there is nothing to lock: two writers that claim the
//! same payment stand in one line, and the second finds another version.
//!
//! Readers work on a snapshot in their own threads and never wait for the writer.

mod allowed;
mod command;
#[cfg(test)]
mod damage;
mod event;
mod feed;
mod forgetting;
mod glance;
mod index;
mod keys;
mod keyspaces;
mod lanes;
mod named;
mod reading;
pub(crate) mod records;
mod requests;
mod sides;
#[cfg(test)]
mod tests;
mod worn;
mod writer;

pub(crate) use allowed::may_be;

use super::database;
use allowed::{may_begin, may_own};
use async_trait::async_trait;
use command::{Answer, Command};
use connectors::{
    Applied, Change, Created, Error, Happened, Index, NewRecord, PaymentStore, Request, Result,
    Telling, Told,
};
use event::event;
use fjall::{Database, Readable, Snapshot};
use jiff::civil::Date;
use keys::Bank;
use keyspaces::{Keyspaces, STORE};
use lanes::Lanes;
use named::{Near, name};
use reading::{Sides, record};
use settlement::ids::PaymentId;
use settlement::payment::{Event, Numbered, Payment, PaymentEvent, Side, State};
use std::ops::Bound;
use std::sync::Arc;
use std::thread::JoinHandle;
use worn::Worn;

/// The longest cut id; it is part of a key.
const CUT_ID_BYTES: usize = 256;

/// A [`PaymentStore`] in an embedded database. Dropping it waits for the writer.
pub struct EmbeddedPayments {
    shared: Arc<Shared>,
    /// The bank from which it is seen.
    bank: Bank,
}

/// What all banks' views of a store share.
struct Shared {
    db: Database,
    keyspaces: Arc<Keyspaces>,
    lanes: Option<Lanes>,
    writer: Option<JoinHandle<()>>,
    worn: Worn,
    /// What must stay as long as the database is open: fields are dropped in their order.
    _kept: Option<Box<dyn Send + Sync>>,
}

impl EmbeddedPayments {
    /// Payments in `db`.
    ///
    /// # Errors
    /// What stands in the way of the database.
    pub fn new(db: Database) -> Result<EmbeddedPayments> {
        EmbeddedPayments::keeping(db, None)
    }

    /// The same, keeping `kept` until the database is closed.
    pub(crate) fn keeping(
        db: Database,
        kept: Option<Box<dyn Send + Sync>>,
    ) -> Result<EmbeddedPayments> {
        let keyspaces = Arc::new(Keyspaces::open(&db)?);
        let (lanes, waiting) = lanes::open();
        let turns = tokio::runtime::Builder::new_current_thread().build();
        let turns = turns.map_err(|e| Error::unavailable(STORE, e))?;
        let work = writer::Writer::new(db.clone(), Keyspaces::clone(&keyspaces))?;
        let writer = std::thread::Builder::new()
            .name("payment-writer".to_owned())
            .spawn(move || work.run(&turns, waiting))
            .map_err(|e| Error::unavailable(STORE, e))?;
        let shared = Arc::new(Shared {
            db,
            keyspaces,
            lanes: Some(lanes),
            writer: Some(writer),
            worn: Worn::default(),
            _kept: kept,
        });
        let bank = Bank::named("");
        Ok(EmbeddedPayments { shared, bank })
    }

    /// The same store, seen from the bank of this name; the empty name is the home bank's.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the name is none that a bank can have.
    pub fn seen_from(&self, bank: &str) -> Result<EmbeddedPayments> {
        may_be(bank)?;
        Ok(EmbeddedPayments {
            shared: Arc::clone(&self.shared),
            bank: Bank::named(bank),
        })
    }

    /// Whether there is any payment.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn has_payments(&self) -> Result<bool> {
        let mut rows = self
            .shared
            .db
            .snapshot()
            .iter(&self.shared.keyspaces.payments);
        let first = rows.next().map(|row| row.into_inner());
        let first = first.transpose();
        let first = first.map_err(|e| self.shared.keyspaces.failed("payments", &e))?;
        Ok(first.is_some())
    }

    /// Hands `work` to the writer and gathers the answers in order.
    async fn hand_over<T, A>(
        &self,
        work: Vec<T>,
        command: impl Fn(Vec<T>, Answer<A>) -> Command,
    ) -> Result<Vec<A>> {
        let gone = || Error::unavailable(STORE, "the writer has stopped; start again");
        let lanes = self.shared.lanes.as_ref().ok_or_else(gone)?;
        lanes.hand_over(work, command).await
    }

    /// Runs `read` on a snapshot, off the async threads.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Snapshot, &Keyspaces) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let shared = &*self.shared;
        let (snapshot, keyspaces) = (shared.db.snapshot(), Arc::clone(&shared.keyspaces));
        let guarded = move || database::guarded(STORE, || read(&snapshot, &keyspaces));
        tokio::task::spawn_blocking(guarded)
            .await
            .map_err(|e| Error::unavailable(STORE, e))?
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.lanes = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
        self.worn.end();
    }
}

#[async_trait]
impl PaymentStore for EmbeddedPayments {
    async fn create(&self, new: Vec<NewRecord>) -> Result<Vec<Created>> {
        for record in &new {
            may_begin(&record.payment)?;
            may_be(&record.payment.bank)?;
        }
        self.hand_over(new, Command::Create).await
    }

    async fn get(&self, ids: &[PaymentId]) -> Result<Vec<Option<Payment>>> {
        let ids = ids.to_vec();
        self.read(move |at, all| reading::payments(at, all, &ids))
            .await
    }

    async fn standings(&self, ids: &[PaymentId]) -> Result<Vec<Option<State>>> {
        let ids = ids.to_vec();
        self.read(move |at, all| reading::standings(at, all, &ids))
            .await
    }

    async fn apply(&self, changes: Vec<Change>) -> Result<Vec<Applied>> {
        for change in &changes {
            let Event::Claimed { cut } = &change.event else {
                continue;
            };
            if cut.0.len() > CUT_ID_BYTES || cut.0.contains('\0') {
                let why = "a cut id has at most 256 bytes, none of them zero";
                return Err(Error::invalid("cut id", why));
            }
        }
        self.hand_over(changes, Command::Apply).await
    }

    async fn page(
        &self,
        index: Index,
        after: Option<PaymentId>,
        limit: usize,
    ) -> Result<Vec<Payment>> {
        let bank = self.bank.clone();
        let read = self.read(move |at, all| index::page(at, all, &bank, (&index, after, limit)));
        let (page, worn) = read.await?;
        if let Some(worn) = worn {
            self.shared.worn.merge(worn);
        }
        Ok(page)
    }

    async fn events(
        &self,
        date: Date,
        after: Option<(PaymentId, u32)>,
        limit: usize,
    ) -> Result<Vec<PaymentEvent>> {
        let bank = self.bank.clone();
        self.read(move |at, all| {
            let rows = at.range(&all.events, events_of(&bank, date, after));
            let rows = rows.take(limit);
            let mut page: Vec<PaymentEvent> = Vec::new();
            for row in rows {
                let before = page.last().map(|event| event.payment);
                let before = before.or(after.map(|(id, _)| id));
                let near = || Near(format!("events of {date}"), before);
                let (key, value) = row.into_inner().map_err(|e| all.failed(near(), &e))?;
                let own = bank.after(&key).unwrap_or_default();
                page.push(event(own, &value).map_err(|e| all.named(near(), e))?);
            }
            Ok(page)
        })
        .await
    }

    async fn unusual_events(
        &self,
        date: Date,
        after: Option<(PaymentId, u32)>,
        limit: usize,
    ) -> Result<Vec<PaymentEvent>> {
        let bank = self.bank.clone();
        self.read(move |at, all| {
            let what = || format!("events of {date}");
            let rows = at.range(&all.events, events_of(&bank, date, after));
            let failed = |e: &fjall::Error| all.failed(what(), e);
            reading::unusual(rows, limit, failed, |key, value| {
                let own = bank.after(key).unwrap_or_default();
                event(own, value).map_err(|e| all.named(what(), e))
            })
        })
        .await
    }

    async fn history(&self, payment: PaymentId) -> Result<Vec<PaymentEvent>> {
        self.read(move |at, all| {
            let Some(found) = record(at, all, payment)? else {
                return Ok(Vec::new());
            };
            let bank = Bank::named(&found.payment.bank);
            let steps = found.steps().map_err(|e| all.named(name(payment), e))?;
            let mut own = Vec::with_capacity(steps.len());
            for (date, version, follows) in steps {
                let key = keys::event(date, payment, version);
                let what = || format!("event {version} of payment {payment}, on {date}");
                let value = at.get(&all.events, bank.before(&key));
                let value = value.map_err(|e| all.failed(what(), &e))?;
                let gone = || all.contradicts(what(), "it happened, and it is not there");
                let read = event(&key, &value.ok_or_else(gone)?);
                own.push((read.map_err(|e| all.named(what(), e))?, follows));
            }
            let mut sides = Sides::default();
            let facts = match found.payment.side() {
                Some(side) => sides.facts(at, all, bank, side)?,
                None => &[],
            };
            Ok(found.payment.history(own, facts))
        })
        .await
    }

    async fn tell(&self, facts: Vec<Telling>) -> Result<Vec<Told>> {
        let tell = |facts, answer| Command::Tell(self.bank.clone(), facts, answer);
        self.hand_over(facts, tell).await
    }

    async fn forget(&self, payments: Vec<PaymentId>) -> Result<u64> {
        let changed = self.hand_over(payments, Command::Forget).await?;
        let shared = Arc::clone(&self.shared);
        let purge = move || {
            let all = &shared.keyspaces;
            let kept = [all.orders.clone(), all.payments.clone()];
            database::guarded(STORE, || forgetting::purge(&shared.db, &kept))
        };
        let purged = tokio::task::spawn_blocking(purge).await;
        purged.map_err(|e| Error::unavailable(STORE, e))??;
        Ok(changed.into_iter().map(u64::from).sum())
    }

    async fn facts(&self, side: Side) -> Result<Vec<Numbered>> {
        let keys = sides::keys_of(&self.bank, side);
        self.read(move |at, all| sides::read(all, side, at.range(&all.facts, keys)))
            .await
    }

    async fn facts_of(&self, date: Date) -> Result<Vec<(Side, Numbered)>> {
        let bank = self.bank.clone();
        self.read(move |at, all| {
            let from = bank.before(&keys::date(date));
            let to = keys::last(&from, keys::FACT_BYTES);
            let rows = at.range(&all.facts_by_date, from..=to);
            let facts = rows.map(|row| {
                let what = || format!("facts of {date}");
                let (key, _) = row.into_inner().map_err(|e| all.failed(what(), &e))?;
                let named = keys::trailing_fact(&key);
                let (side, number) = named.ok_or_else(|| all.contradicts(what(), "no fact"))?;
                let what = || format!("fact {number} of {side}");
                let value = at.get(&all.facts, bank.before(&keys::fact(side, number)));
                let value = value.map_err(|e| all.failed(what(), &e))?;
                let gone = || all.contradicts(what(), "it was told, and it is not there");
                let fact = records::fact(&value.ok_or_else(gone)?);
                let fact = fact.map_err(|e| all.named(what(), e))?;
                Ok((side, Numbered { number, fact }))
            });
            facts.collect()
        })
        .await
    }

    async fn recent(
        &self,
        merchant: &str,
        before: Option<PaymentId>,
        limit: usize,
    ) -> Result<Vec<Payment>> {
        may_own(merchant)?;
        let prefix = keys::merchant(merchant);
        self.read(move |at, all| feed::recent(at, all, prefix, before, limit))
            .await
    }

    async fn feed(&self, after: u64, limit: usize) -> Result<Vec<(u64, Happened)>> {
        self.read(move |at, all| feed::page(at, all, after, limit))
            .await
    }

    async fn request(&self, key: [u8; 32]) -> Result<Option<Request>> {
        self.read(move |at, all| {
            let what = "an idempotency key";
            let found = at.get(&all.idempotency, key);
            let found = found.map_err(|e| all.failed(what, &e))?;
            let read = found.map(|bytes| requests::request(&bytes)).transpose();
            let read = read.map_err(|e| all.named(what, e))?;
            Ok(read.map(|(payment, request_hash)| Request {
                key,
                payment,
                request_hash,
            }))
        })
        .await
    }

    async fn requests(&self, after: Option<[u8; 32]>, limit: usize) -> Result<Vec<Request>> {
        self.read(move |at, all| {
            let from = keys::after(&[], after);
            let rows = at.range(&all.idempotency, (from, Bound::Unbounded));
            let read = |row: fjall::Guard| {
                let what = "the idempotency keys";
                let (key, value) = row.into_inner().map_err(|e| all.failed(what, &e))?;
                let key = <[u8; 32]>::try_from(&*key);
                let key = key.map_err(|_| all.contradicts(what, "one is no hash"))?;
                let (payment, request_hash) =
                    requests::request(&value).map_err(|e| all.named(what, e))?;
                Ok(Request {
                    key,
                    payment,
                    request_hash,
                })
            };
            rows.take(limit).map(read).collect()
        })
        .await
    }
}

/// The keys of a date's events after one of them.
fn events_of(
    bank: &Bank,
    date: Date,
    after: Option<(PaymentId, u32)>,
) -> (Bound<Vec<u8>>, Bound<Vec<u8>>) {
    let prefix = bank.before(&keys::date(date));
    let from = keys::after(&prefix, after.map(|(id, version)| keys::step(id, version)));
    (from, Bound::Included(keys::last(&prefix, keys::STEP_BYTES)))
}
