//! Payments in the embedded database: one writer, group commit, fsync before the answer.
//!
//! Callers hand their changes to one writer thread over a bounded channel. The writer takes what
//! is waiting, works it out against the database and what the same group has already changed,
//! writes payments, events, indexes and counters as one batch, fsyncs once and then answers every
//! caller of the group. So a caller among sixty-four pays a sixty-fourth of an fsync, a reader
//! never sees what is not durable, and there is nothing to lock: two writers that claim the same
//! payment stand in one line, and the second finds another version.
//!
//! Readers work on a snapshot in their own threads and never wait for the writer.

#[cfg(test)]
mod damage;
mod keys;
mod keyspaces;
mod named;
mod records;
#[cfg(test)]
mod tests;
mod writer;

use super::database;
use async_trait::async_trait;
use connectors::{
    Applied, Change, Created, Error, Index, NewRecord, PaymentStore, Request, Result,
};
use fjall::{Database, Readable, Snapshot};
use jiff::civil::Date;
use keyspaces::{Keyspaces, STORE};
use named::{Near, index_name, name, read_record};
use records::PaymentRecord;
use settlement::ids::PaymentId;
use settlement::payment::{Event, Payment, PaymentEvent, State};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};
use writer::Command;

/// Commands that may wait for the writer; more callers wait at the door.
const WAITING_COMMANDS: usize = 64;

/// Payments in one command; longer calls are handed over in several.
const COMMAND_RECORDS: usize = 4_096;

/// The longest cut id; it is part of a key.
const CUT_ID_BYTES: usize = 256;

/// A [`PaymentStore`] in an embedded database. Dropping it waits for the writer.
pub struct EmbeddedPayments {
    db: Database,
    keyspaces: Arc<Keyspaces>,
    commands: Option<mpsc::Sender<Command>>,
    writer: Option<JoinHandle<()>>,
    /// What must stay as long as the database is open: fields are dropped in their order.
    kept: Option<Box<dyn Send + Sync>>,
}

impl EmbeddedPayments {
    /// Payments in `db`.
    ///
    /// # Errors
    /// What stands in the way of the database.
    pub fn new(db: Database) -> Result<EmbeddedPayments> {
        let keyspaces = Arc::new(Keyspaces::open(&db)?);
        let (commands, waiting) = mpsc::channel(WAITING_COMMANDS);
        let work = writer::Writer::new(db.clone(), Keyspaces::clone(&keyspaces));
        let writer = std::thread::Builder::new()
            .name("payment-writer".to_owned())
            .spawn(move || work.run(waiting))
            .map_err(|e| Error::unavailable(STORE, e))?;
        Ok(EmbeddedPayments {
            db,
            keyspaces,
            commands: Some(commands),
            writer: Some(writer),
            kept: None,
        })
    }

    /// The same, keeping `what` until the database is closed.
    pub(crate) fn keeping(mut self, what: Box<dyn Send + Sync>) -> EmbeddedPayments {
        self.kept = Some(what);
        self
    }

    /// Whether there is any payment.
    ///
    /// # Errors
    /// Where the store cannot be read.
    pub fn has_payments(&self) -> Result<bool> {
        let mut rows = self.db.snapshot().iter(&self.keyspaces.payments);
        let first = rows.next().map(|row| row.into_inner());
        let first = first.transpose();
        let first = first.map_err(|e| self.keyspaces.failed("payments", &e))?;
        Ok(first.is_some())
    }

    /// Hands `work` to the writer piece by piece and gathers the answers in order.
    async fn hand_over<T, A>(
        &self,
        mut work: Vec<T>,
        command: impl Fn(Vec<T>, oneshot::Sender<Result<Vec<A>>>) -> Command,
    ) -> Result<Vec<A>> {
        let gone = || Error::unavailable(STORE, "the writer has stopped; start again");
        let mut answers = Vec::with_capacity(work.len());
        let mut promised = Vec::with_capacity(work.len() / COMMAND_RECORDS + 1);
        while !work.is_empty() {
            let rest = work.split_off(work.len().min(COMMAND_RECORDS));
            let piece = std::mem::replace(&mut work, rest);
            let (answer, promise) = oneshot::channel();
            let commands = self.commands.as_ref().ok_or_else(gone)?;
            commands
                .send(command(piece, answer))
                .await
                .map_err(|_| gone())?;
            promised.push(promise);
        }
        for promise in promised {
            answers.append(&mut promise.await.map_err(|_| gone())??);
        }
        Ok(answers)
    }

    /// Runs `read` on a snapshot, off the async threads.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Snapshot, &Keyspaces) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (snapshot, keyspaces) = (self.db.snapshot(), Arc::clone(&self.keyspaces));
        let guarded = move || database::guarded(STORE, || read(&snapshot, &keyspaces));
        tokio::task::spawn_blocking(guarded)
            .await
            .map_err(|e| Error::unavailable(STORE, e))?
    }
}

impl Drop for EmbeddedPayments {
    fn drop(&mut self) {
        self.commands = None;
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

#[async_trait]
impl PaymentStore for EmbeddedPayments {
    async fn create(&self, new: Vec<NewRecord>) -> Result<Vec<Created>> {
        for record in &new {
            if record.payment.state != State::Init {
                let what = format!("payment {}", record.payment.id);
                return Err(Error::invalid(what, "a new payment must be in state INIT"));
            }
        }
        self.hand_over(new, Command::Create).await
    }

    async fn get(&self, ids: &[PaymentId]) -> Result<Vec<Option<Payment>>> {
        let ids = ids.to_vec();
        self.read(move |at, all| ids.iter().map(|id| payment(at, all, *id)).collect())
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
        self.read(move |at, all| {
            let (keyspace, prefix) = match &index {
                Index::Ready | Index::ReadyAt(_) => (&all.by_state, keys::state(State::Init)),
                Index::InState(state) => (&all.by_state, keys::state(*state)),
                Index::Claimed(cut) => (&all.claimed, keys::cut(cut)),
                Index::Batch(batch) => (&all.by_batch, keys::batch(*batch)),
            };
            let from = keys::after(&prefix, after.map(keys::id));
            let to = Bound::Included(keys::last(&prefix, keys::ID_BYTES));
            let asked = match &index {
                Index::ReadyAt(speed) => Some(keys::speed(*speed)),
                _ => None,
            };
            let mut page: Vec<Payment> = Vec::new();
            let near = |page: &[Payment]| {
                let before = page.last().map(|payment| payment.id).or(after);
                Near(index_name(&index), before)
            };
            for row in at.range(keyspace, (from, to)) {
                if page.len() == limit {
                    break;
                }
                let row = row.into_inner();
                let (key, value) = row.map_err(|e| all.failed(near(&page), &e))?;
                if asked.is_some_and(|asked| *value != asked) {
                    continue;
                }
                let id = keys::trailing_id(&key);
                let id = id.ok_or_else(|| all.contradicts(near(&page), "no payment id"))?;
                let gone = || all.contradicts(name(id), "an index names it, and it is not there");
                page.push(payment(at, all, id)?.ok_or_else(gone)?);
            }
            Ok(page)
        })
        .await
    }

    async fn events(
        &self,
        date: Date,
        after: Option<(PaymentId, u32)>,
        limit: usize,
    ) -> Result<Vec<PaymentEvent>> {
        self.read(move |at, all| {
            let prefix = keys::date(date);
            let from = keys::after(&prefix, after.map(|(id, version)| keys::step(id, version)));
            let to = Bound::Included(keys::last(&prefix, keys::STEP_BYTES));
            let rows = at.range(&all.events, (from, to)).take(limit);
            let mut page: Vec<PaymentEvent> = Vec::new();
            for row in rows {
                let before = page.last().map(|event| event.payment);
                let before = before.or(after.map(|(id, _)| id));
                let near = || Near(format!("events of {date}"), before);
                let (key, value) = row.into_inner().map_err(|e| all.failed(near(), &e))?;
                page.push(event(&key, &value).map_err(|e| all.named(near(), e))?);
            }
            Ok(page)
        })
        .await
    }

    async fn history(&self, payment: PaymentId) -> Result<Vec<PaymentEvent>> {
        self.read(move |at, all| {
            let mut history = Vec::new();
            let Some(found) = record(at, all, payment)? else {
                return Ok(history);
            };
            let steps = found.steps().map_err(|e| all.named(name(payment), e))?;
            for (date, version) in steps {
                let key = keys::event(date, payment, version);
                let what = || format!("event {version} of payment {payment}, on {date}");
                let value = at.get(&all.events, &key);
                let value = value.map_err(|e| all.failed(what(), &e))?;
                let gone = || all.contradicts(what(), "it happened, and it is not there");
                let read = event(&key, &value.ok_or_else(gone)?);
                history.push(read.map_err(|e| all.named(what(), e))?);
            }
            Ok(history)
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
                    records::request(&value).map_err(|e| all.named(what, e))?;
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

    async fn counts(&self) -> Result<BTreeMap<State, (u64, u64)>> {
        self.read(move |at, all| {
            let rows = at.iter(&all.counts);
            let counts = rows.map(|row| {
                let what = "the counts of payments";
                let (key, value) = row.into_inner().map_err(|e| all.failed(what, &e))?;
                records::count(&key, &value).map_err(|e| all.named(what, e))
            });
            let counts: Result<BTreeMap<_, _>> = counts.collect();
            Ok(counts?
                .into_iter()
                .filter(|(_, (payments, _))| *payments > 0)
                .collect())
        })
        .await
    }
}

fn record(at: &Snapshot, all: &Keyspaces, id: PaymentId) -> Result<Option<PaymentRecord>> {
    let found = at.get(&all.payments, keys::id(id));
    let found = found.map_err(|e| all.failed(name(id), &e))?;
    let read = found.map(|bytes| read_record(all, id, &bytes));
    read.transpose()
}

fn payment(at: &Snapshot, all: &Keyspaces, id: PaymentId) -> Result<Option<Payment>> {
    Ok(record(at, all, id)?.map(|record| record.payment))
}

fn event(key: &[u8], value: &[u8]) -> Result<PaymentEvent> {
    let parts = keys::event_parts(key);
    let (date, id, version) = parts.ok_or_else(|| Error::corrupt(STORE, "an event's key"))?;
    records::event(date, id, version, value)
}
