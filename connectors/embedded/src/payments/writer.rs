//! The one writer: takes what waits, works it out, writes one batch, fsyncs, answers.

use super::keys;
use super::keyspaces::{Keyspaces, STORE};
use super::named::{name, read_record};
use super::records::{self, PaymentRecord};
use crate::database;
use aws_lc_rs::digest;
use connectors::{Applied, Change, Created, Error, NewRecord, Result};
use fjall::{Database, Keyspace, OwnedWriteBatch, PersistMode};
use settlement::ids::PaymentId;
use settlement::payment::{Payment, PaymentEvent, Refusal, State};
use std::collections::{BTreeMap, HashMap};
use tokio::sync::{mpsc, oneshot};

/// Payments in one group; a group is one batch and one fsync.
const GROUP_RECORDS: usize = 8_192;

type Answer<T> = oneshot::Sender<Result<Vec<T>>>;

/// What a caller asks of the writer.
pub enum Command {
    /// [`connectors::PaymentStore::create`].
    Create(Vec<NewRecord>, Answer<Created>),
    /// [`connectors::PaymentStore::apply`].
    Apply(Vec<Change>, Answer<Applied>),
}

/// A caller that gets its answer once the group is durable.
enum Waiting {
    Create(Vec<Created>, Answer<Created>),
    Apply(Vec<Applied>, Answer<Applied>),
}

impl Command {
    fn records(&self) -> usize {
        match self {
            Command::Create(new, _) => new.len(),
            Command::Apply(changes, _) => changes.len(),
        }
    }
}

/// The writer thread's own.
pub struct Writer {
    db: Database,
    keyspaces: Keyspaces,
}

impl Writer {
    /// A writer of `db`; there must be only one.
    pub fn new(db: Database, keyspaces: Keyspaces) -> Writer {
        Writer { db, keyspaces }
    }

    /// Writes until nobody is left who could ask.
    pub fn run(self, mut waiting: mpsc::Receiver<Command>) {
        while let Some(first) = waiting.blocking_recv() {
            let mut records = first.records();
            let mut commands = vec![first];
            while records < GROUP_RECORDS {
                let Ok(next) = waiting.try_recv() else { break };
                records += next.records();
                commands.push(next);
            }
            self.write(commands);
        }
    }

    /// One group. A caller whose own work fails is told so alone; a group that cannot be
    /// committed fails for all of them, and nothing of it is visible.
    fn write(&self, commands: Vec<Command>) {
        let mut group = Group::new(&self.db, &self.keyspaces);
        let mut answers = Vec::with_capacity(commands.len());
        for command in commands {
            match command {
                Command::Create(new, answer) => match group.create_all(new) {
                    Ok(created) => answers.push(Waiting::Create(created, answer)),
                    Err(error) => drop(answer.send(Err(error))),
                },
                Command::Apply(changes, answer) => match group.apply_all(changes) {
                    Ok(applied) => answers.push(Waiting::Apply(applied, answer)),
                    Err(error) => drop(answer.send(Err(error))),
                },
            }
        }
        let committed = group.commit();
        for waiting in answers {
            // A caller that has gone away loses only the answer.
            match (waiting, &committed) {
                (Waiting::Create(created, answer), Ok(())) => drop(answer.send(Ok(created))),
                (Waiting::Apply(applied, answer), Ok(())) => drop(answer.send(Ok(applied))),
                (Waiting::Create(_, answer), Err(e)) => drop(answer.send(Err(e.for_caller()))),
                (Waiting::Apply(_, answer), Err(e)) => drop(answer.send(Err(e.for_caller()))),
            }
        }
    }
}

/// Why a group was not committed.
enum NotCommitted {
    Database(fjall::Error),
    /// What is damaged, and how.
    Record(String, String),
}

impl NotCommitted {
    fn for_caller(&self) -> Error {
        match self {
            NotCommitted::Database(error) => database::error(STORE, error),
            NotCommitted::Record(what, why) => Error::corrupt(what, why),
        }
    }
}

/// A payment that the group has touched.
struct Touched {
    now: PaymentRecord,
    /// What the indexes say of it; `None` for a payment that is new.
    before: Option<Indexed>,
}

/// Everything of a payment that an index repeats.
#[derive(PartialEq, Eq)]
struct Indexed {
    state: State,
    claimed: Option<Vec<u8>>,
    batch: Option<Vec<u8>>,
}

impl Indexed {
    fn of(payment: &Payment) -> Indexed {
        let waits = matches!(payment.state, State::Batched | State::Unknown);
        let cut = payment.cut.as_ref().filter(|_| waits);
        Indexed {
            state: payment.state,
            claimed: cut.map(|cut| keys::indexed(keys::cut(cut), payment.id)),
            batch: payment
                .entry
                .map(|e| keys::indexed(keys::batch(e.batch), payment.id)),
        }
    }
}

/// What one group is about to write, and what it has read to know so.
struct Group<'a> {
    keyspaces: &'a Keyspaces,
    batch: OwnedWriteBatch,
    payments: BTreeMap<PaymentId, Touched>,
    /// Requests first seen in this group. Looked up only, never walked.
    requests: HashMap<[u8; 32], (PaymentId, [u8; 32])>,
    events: Vec<PaymentEvent>,
}

impl<'a> Group<'a> {
    fn new(db: &Database, keyspaces: &'a Keyspaces) -> Group<'a> {
        Group {
            keyspaces,
            batch: db.batch().durability(Some(PersistMode::SyncAll)),
            payments: BTreeMap::new(),
            requests: HashMap::new(),
            events: Vec::new(),
        }
    }

    fn create_all(&mut self, new: Vec<NewRecord>) -> Result<Vec<Created>> {
        new.into_iter().map(|record| self.create(record)).collect()
    }

    fn create(&mut self, new: NewRecord) -> Result<Created> {
        let id = new.payment.id;
        let key = sha256(new.idempotency_key.as_bytes());
        if let Some((existing, hash)) = self.request(&key)? {
            let same = hash == new.request_hash;
            let created = if same {
                Created::Existing
            } else {
                Created::KeyReused
            };
            return Ok(created(existing));
        }
        if self.payments.contains_key(&id) || self.stored(id)?.is_some() {
            return Ok(Created::IdTaken);
        }
        self.requests.insert(key, (id, new.request_hash));
        let record = records::of_request(id, &new.request_hash);
        self.batch.insert(&self.keyspaces.idempotency, key, record);
        self.events.push(new.payment.created(new.date));
        let mut now = PaymentRecord {
            payment: new.payment,
            dates: Vec::new(),
        };
        now.happened(new.date);
        self.payments.insert(id, Touched { now, before: None });
        Ok(Created::New)
    }

    fn apply_all(&mut self, changes: Vec<Change>) -> Result<Vec<Applied>> {
        changes
            .into_iter()
            .map(|change| self.apply(change))
            .collect()
    }

    fn apply(&mut self, change: Change) -> Result<Applied> {
        let id = change.payment;
        if !self.payments.contains_key(&id) {
            let Some(stored) = self.stored(id)? else {
                return Ok(Applied::NotFound);
            };
            let before = Some(Indexed::of(&stored.payment));
            self.payments.insert(
                id,
                Touched {
                    now: stored,
                    before,
                },
            );
        }
        let Some(touched) = self.payments.get_mut(&id) else {
            return Ok(Applied::NotFound);
        };
        let version = touched.now.payment.version;
        if change
            .expected_version
            .is_some_and(|expected| expected != version)
        {
            // A change told twice names an old version; that is no conflict.
            return Ok(
                match touched
                    .now
                    .payment
                    .clone()
                    .apply(change.event, change.date, change.at)
                {
                    Err(Refusal::Exists) => Applied::Exists,
                    _ => Applied::Stale { version },
                },
            );
        }
        match touched
            .now
            .payment
            .apply(change.event, change.date, change.at)
        {
            Ok(event) => {
                touched.now.happened(change.date);
                let version = event.version;
                self.events.push(event);
                Ok(Applied::Done { version })
            }
            Err(Refusal::Exists) => Ok(Applied::Exists),
            Err(refusal) => Ok(Applied::Refused(refusal)),
        }
    }

    fn request(&self, key: &[u8; 32]) -> Result<Option<(PaymentId, [u8; 32])>> {
        if let Some(found) = self.requests.get(key) {
            return Ok(Some(*found));
        }
        let what = "an idempotency key";
        let found = self.keyspaces.idempotency.get(key);
        let found = found.map_err(|e| self.keyspaces.failed(what, &e))?;
        let read = found.map(|bytes| records::request(&bytes)).transpose();
        read.map_err(|e| self.keyspaces.named(what, e))
    }

    fn stored(&self, id: PaymentId) -> Result<Option<PaymentRecord>> {
        let found = self.keyspaces.payments.get(keys::id(id));
        let found = found.map_err(|e| self.keyspaces.failed(name(id), &e))?;
        let read = found.map(|bytes| read_record(self.keyspaces, id, &bytes));
        read.transpose()
    }

    fn commit(mut self) -> std::result::Result<(), NotCommitted> {
        if self.events.is_empty() {
            return Ok(());
        }
        self.gather().map_err(|error| match error {
            Error::Corrupt { what, why } => NotCommitted::Record(what, why),
            other => NotCommitted::Record(STORE.to_owned(), other.to_string()),
        })?;
        self.batch.commit().map_err(NotCommitted::Database)
    }

    /// Puts payments, indexes, events and counters into the batch.
    fn gather(&mut self) -> Result<()> {
        let all = self.keyspaces;
        let mut moved: BTreeMap<State, (i128, i128)> = BTreeMap::new();
        for (id, touched) in std::mem::take(&mut self.payments) {
            let after = Indexed::of(&touched.now.payment);
            let now = touched.now;
            let amount = i128::from(now.payment.order.amount.get());
            let before = touched.before;
            self.batch.insert(&all.payments, keys::id(id), now.bytes()?);
            let claimed = before.as_ref().and_then(|b| b.claimed.as_ref());
            self.reindex(&all.claimed, claimed, after.claimed.as_ref(), &[]);
            let batch = before.as_ref().and_then(|b| b.batch.as_ref());
            self.reindex(&all.by_batch, batch, after.batch.as_ref(), &[]);
            let was = before.map(|b| b.state);
            let key = |state| keys::indexed(keys::state(state), id);
            let (was_at, is_at) = (was.map(key), key(after.state));
            let speed = keys::speed(now.payment.order.speed);
            self.reindex(&all.by_state, was_at.as_ref(), Some(&is_at), &speed);
            for (state, sign) in was.map(|s| (s, -1)).into_iter().chain([(after.state, 1)]) {
                let sum = moved.entry(state).or_default();
                *sum = (sum.0 + sign, sum.1 + sign * amount);
            }
        }
        for event in std::mem::take(&mut self.events) {
            let key = keys::event(event.date, event.payment, event.version);
            self.batch
                .insert(&all.events, key, records::of_event(event)?);
        }
        self.count(moved)
    }

    fn reindex(
        &mut self,
        keyspace: &Keyspace,
        was: Option<&Vec<u8>>,
        is: Option<&Vec<u8>>,
        value: &[u8],
    ) {
        if was == is {
            return;
        }
        if let Some(was) = was {
            self.batch.remove(keyspace, was.as_slice());
        }
        if let Some(is) = is {
            self.batch.insert(keyspace, is.as_slice(), value);
        }
    }

    fn count(&mut self, moved: BTreeMap<State, (i128, i128)>) -> Result<()> {
        for (state, (payments, cents)) in moved {
            let key = keys::state(state);
            let what = "the counts of payments";
            let stored = self.keyspaces.counts.get(&key);
            let stored = stored.map_err(|e| self.keyspaces.failed(what, &e))?;
            let stored = stored.map(|bytes| records::count(&key, &bytes)).transpose();
            let stored = stored.map_err(|e| self.keyspaces.named(what, e))?;
            let before = stored.map_or((0, 0), |(_, count)| count);
            let sum = |was: u64, by: i128| u64::try_from(i128::from(was) + by);
            let now = sum(before.0, payments).and_then(|p| Ok((p, sum(before.1, cents)?)));
            let odd = |_| self.keyspaces.contradicts(what, "they do not add up");
            let now = now.map_err(odd)?;
            self.batch
                .insert(&self.keyspaces.counts, key, records::of_count(now)?);
        }
        Ok(())
    }
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    hash
}
