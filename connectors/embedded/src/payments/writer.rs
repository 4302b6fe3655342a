//! The one writer: takes what waits, works it out, writes one batch, fsyncs, answers.

use super::command::{Answer, Command};
use super::feed;
use super::keys::{self, Bank};
use super::keyspaces::{Keyspaces, STORE};
use super::lanes::Waiting;
use super::named::{name, read_record};
use super::reading::InARow;
use super::records::{self, PaymentRecord};
use super::{requests, sides};
use crate::database;
use aws_lc_rs::digest;
use connectors::{Applied, Change, Created, Error, NewRecord, Result, Telling, Told};
use fjall::{Database, Keyspace, OwnedWriteBatch, PersistMode};
use settlement::exact::Exact;
use settlement::ids::PaymentId;
use settlement::payment::{Numbered, PaymentEvent, Refusal, Side, State};
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

/// A caller that gets its answer once the group is durable.
enum Promised {
    Create(Vec<Created>, Answer<Created>),
    Apply(Vec<Applied>, Answer<Applied>),
    Tell(Vec<Told>, Answer<Told>),
    Forget(Vec<bool>, Answer<bool>),
}

/// The writer thread's own.
pub struct Writer {
    db: Database,
    keyspaces: Keyspaces,
    /// The number of what was fed last.
    fed: u64,
}

impl Writer {
    /// A writer of `db`; there must be only one.
    ///
    /// # Errors
    /// Where the end of the feed cannot be read.
    pub fn new(db: Database, keyspaces: Keyspaces) -> Result<Writer> {
        let fed = feed::last(&keyspaces)?;
        Ok(Writer { db, keyspaces, fed })
    }

    /// Writes until nobody is left who could ask.
    pub fn run(mut self, turns: &tokio::runtime::Runtime, mut waiting: Waiting) {
        while let Some(commands) = turns.block_on(waiting.group()) {
            self.write(commands);
        }
    }

    /// One group. A caller whose own work fails is told so alone; a group that cannot be
    /// committed fails for all of them, and nothing of it is visible.
    fn write(&mut self, commands: Vec<Command>) {
        let mut group = Group::new(&self.db, &self.keyspaces, self.fed);
        group.read_ahead(&commands);
        let mut answers = Vec::with_capacity(commands.len());
        for command in commands {
            match command {
                Command::Create(new, answer) => match group.create_all(new) {
                    Ok(created) => answers.push(Promised::Create(created, answer)),
                    Err(error) => drop(answer.send(Err(error))),
                },
                Command::Apply(changes, answer) => match group.apply_all(changes) {
                    Ok(applied) => answers.push(Promised::Apply(applied, answer)),
                    Err(error) => drop(answer.send(Err(error))),
                },
                Command::Tell(bank, facts, answer) => match group.tell_all(&bank, facts) {
                    Ok(told) => answers.push(Promised::Tell(told, answer)),
                    Err(error) => drop(answer.send(Err(error))),
                },
                Command::Forget(payments, answer) => match group.forget_all(payments) {
                    Ok(forgotten) => answers.push(Promised::Forget(forgotten, answer)),
                    Err(error) => drop(answer.send(Err(error))),
                },
            }
        }
        let committed = group.commit().map(|fed| self.fed = fed);
        for promised in answers {
            // A caller that has gone away loses only the answer.
            match (promised, &committed) {
                (Promised::Create(created, answer), Ok(())) => drop(answer.send(Ok(created))),
                (Promised::Apply(applied, answer), Ok(())) => drop(answer.send(Ok(applied))),
                (Promised::Tell(told, answer), Ok(())) => drop(answer.send(Ok(told))),
                (Promised::Forget(done, answer), Ok(())) => drop(answer.send(Ok(done))),
                (Promised::Create(_, answer), Err(e)) => drop(answer.send(Err(e.for_caller()))),
                (Promised::Apply(_, answer), Err(e)) => drop(answer.send(Err(e.for_caller()))),
                (Promised::Tell(_, answer), Err(e)) => drop(answer.send(Err(e.for_caller()))),
                (Promised::Forget(_, answer), Err(e)) => drop(answer.send(Err(e.for_caller()))),
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
            NotCommitted::Database(error) => database::unwritten(STORE, error),
            NotCommitted::Record(what, why) => Error::corrupt(what, why),
        }
    }
}

/// A payment that the group has read.
struct Touched {
    now: PaymentRecord,
    /// What the indexes say of it; `None` for a payment that is new.
    before: Option<Indexed>,
    /// Whether something happened to it.
    changed: bool,
}

/// Everything of a payment that an index repeats.
#[derive(PartialEq, Eq)]
struct Indexed {
    waits: Option<Vec<u8>>,
    claimed: Option<Vec<u8>>,
    apart: Option<Vec<u8>>,
}

impl Indexed {
    fn of(record: &PaymentRecord) -> Indexed {
        let payment = &record.payment;
        let claimed = matches!(payment.state, State::Batched | State::Unknown);
        let cut = payment.cut.as_ref().filter(|_| claimed);
        let entry = payment.entry.filter(|_| record.is_apart());
        let bank = Bank::named(&payment.bank);
        let key = |prefix: Vec<u8>| keys::indexed(bank.before(&prefix), payment.id);
        Indexed {
            waits: (payment.state == State::Init).then(|| key(keys::INIT.to_vec())),
            claimed: cut.map(|cut| key(keys::cut(cut))),
            apart: entry.map(|entry| key(keys::batch(entry.batch))),
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
    events: Vec<(Bank, PaymentEvent)>,
    /// The facts of the sides that were asked for, with those told in this group.
    facts: HashMap<(Bank, Side), Vec<Numbered>>,
    /// Facts told in this group.
    told: u32,
    /// The number of what was fed last.
    fed: u64,
}

impl<'a> Group<'a> {
    fn new(db: &Database, keyspaces: &'a Keyspaces, fed: u64) -> Group<'a> {
        Group {
            keyspaces,
            batch: db.batch().durability(Some(PersistMode::SyncAll)),
            payments: BTreeMap::new(),
            requests: HashMap::new(),
            events: Vec::new(),
            facts: HashMap::new(),
            told: 0,
            fed,
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
        let record = requests::of_request(id, &new.request_hash);
        self.batch.insert(&self.keyspaces.idempotency, key, record);
        let bank = Bank::named(&new.payment.bank);
        self.events.push((bank, new.payment.created(new.date)));
        let mut now = PaymentRecord::new(new.payment);
        now.happened(new.date, 0);
        let touched = Touched {
            now,
            before: None,
            changed: true,
        };
        self.payments.insert(id, touched);
        Ok(Created::New)
    }

    fn apply_all(&mut self, changes: Vec<Change>) -> Result<Vec<Applied>> {
        changes
            .into_iter()
            .map(|change| self.apply(change))
            .collect()
    }

    fn forget_all(&mut self, payments: Vec<PaymentId>) -> Result<Vec<bool>> {
        payments.into_iter().map(|id| self.forget(id)).collect()
    }

    fn forget(&mut self, id: PaymentId) -> Result<bool> {
        let Some(mut touched) = self.touched(id)? else {
            return Ok(false);
        };
        let is_new = !touched.now.payment.is_forgotten();
        if is_new {
            touched.now.forget();
            touched.changed = true;
        }
        self.payments.insert(id, touched);
        Ok(is_new)
    }

    /// A payment, out of what the group has read.
    fn touched(&mut self, id: PaymentId) -> Result<Option<Touched>> {
        if let Some(touched) = self.payments.remove(&id) {
            return Ok(Some(touched));
        }
        Ok(self.stored(id)?.map(|now| Touched {
            before: Some(Indexed::of(&now)),
            now,
            changed: false,
        }))
    }

    fn apply(&mut self, change: Change) -> Result<Applied> {
        let id = change.payment;
        let Some(mut touched) = self.touched(id)? else {
            return Ok(Applied::NotFound);
        };
        let applied = self.apply_to(&mut touched, change);
        self.payments.insert(id, touched);
        applied
    }

    /// Applies a change to the payment as the facts of its side make it by now. What is refused
    /// leaves it as it was; only where that is not plain from the start a copy is tried first.
    fn apply_to(&mut self, touched: &mut Touched, change: Change) -> Result<Applied> {
        let bank = Bank::named(&touched.now.payment.bank);
        let facts = match touched.now.payment.side() {
            None => &[][..],
            Some(side) => &*self.facts_of(&bank, side)?,
        };
        let (last, read) = (
            facts.last().map_or(0, |fact| fact.number),
            touched.now.payment.version,
        );
        let is_plain = facts.is_empty() && change.expected_version.is_none_or(|v| v == read);
        if is_plain {
            let now = &mut touched.now.payment;
            return match now.apply(change.event, change.date, change.at) {
                Err(Refusal::Exists) => Ok(Applied::Exists),
                Err(refusal) => Ok(Applied::Refused(refusal)),
                Ok(event) => Ok(self.happened(touched, bank, event, 0)),
            };
        }
        let mut now = touched.now.payment.clone();
        now.take_facts(facts, touched.now.follows());
        let version = now.version;
        let stale = change
            .expected_version
            .is_some_and(|expected| expected != version);
        match now.apply(change.event, change.date, change.at) {
            // A change told twice names an old version; that is no conflict.
            Err(Refusal::Exists) => Ok(Applied::Exists),
            _ if stale => Ok(Applied::Stale { version }),
            Err(refusal) => Ok(Applied::Refused(refusal)),
            Ok(event) => {
                touched.now.payment = now;
                Ok(self.happened(touched, bank, event, last))
            }
        }
    }

    /// Notes what has happened to a payment, after so many facts of its side.
    fn happened(
        &mut self,
        touched: &mut Touched,
        bank: Bank,
        event: PaymentEvent,
        follows: u32,
    ) -> Applied {
        touched.now.happened(event.date, follows);
        touched.changed = true;
        let version = event.version;
        self.events.push((bank, event));
        Applied::Done { version }
    }

    fn facts_of(&mut self, bank: &Bank, side: Side) -> Result<&mut Vec<Numbered>> {
        match self.facts.entry((bank.clone(), side)) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(new) => {
                let rows = self.keyspaces.facts.range(sides::keys_of(bank, side));
                Ok(new.insert(sides::read(self.keyspaces, side, rows)?))
            }
        }
    }

    fn tell_all(&mut self, bank: &Bank, facts: Vec<Telling>) -> Result<Vec<Told>> {
        let told = facts.into_iter().map(|fact| self.tell(bank, fact));
        told.collect()
    }

    fn tell(&mut self, bank: &Bank, Telling { side, fact }: Telling) -> Result<Told> {
        let same = fact.sameness();
        let known = self.facts_of(bank, side)?;
        if let Some(known) = known.iter().find(|known| known.fact.sameness() == same) {
            return Ok(match known.fact.except == fact.except {
                true => Told::Exists(known.number),
                false => Told::Differs(known.number),
            });
        }
        let number = known.last().map_or(0, |fact| fact.number).plus(1);
        let (key, date) = (keys::fact(side, number), fact.date);
        let record = records::of_fact(&fact)?;
        known.push(Numbered { number, fact });
        let by_date = bank.before(&[keys::date(date), key.clone()].concat());
        let key = bank.before(&key);
        self.batch
            .insert(&self.keyspaces.facts, key.as_slice(), record);
        self.batch
            .insert(&self.keyspaces.facts_by_date, by_date, []);
        self.told = self.told.plus(1);
        self.feed(keys::Fed::Fact, &key);
        Ok(Told::New(number))
    }

    fn request(&self, key: &[u8; 32]) -> Result<Option<(PaymentId, [u8; 32])>> {
        if let Some(found) = self.requests.get(key) {
            return Ok(Some(*found));
        }
        let what = "an idempotency key";
        let found = self.keyspaces.idempotency.get(key);
        let found = found.map_err(|e| self.keyspaces.failed(what, &e))?;
        let read = found.map(|bytes| requests::request(&bytes)).transpose();
        read.map_err(|e| self.keyspaces.named(what, e))
    }

    /// Reads the payments that changes of the group are about, those close together in a row. What
    /// cannot be read is left to the caller whose change it is, who is told so alone.
    fn read_ahead(&mut self, commands: &[Command]) {
        let mut ids: Vec<PaymentId> = commands.iter().flat_map(Command::changed).collect();
        ids.sort_unstable();
        ids.dedup();
        let all = self.keyspaces;
        let mut changing = InARow::now(&all.payments, &ids);
        let mut orders = InARow::now(&all.orders, &ids);
        for id in ids {
            let Ok(Some(bytes)) = changing.get(id) else {
                continue;
            };
            if let Ok(now) = read_record(all, id, &bytes, || orders.get(id)) {
                let touched = Touched {
                    before: Some(Indexed::of(&now)),
                    now,
                    changed: false,
                };
                self.payments.insert(id, touched);
            }
        }
    }

    fn stored(&self, id: PaymentId) -> Result<Option<PaymentRecord>> {
        let found = self.keyspaces.payments.get(keys::id(id));
        let found = found.map_err(|e| self.keyspaces.failed(name(id), &e))?;
        let order = || self.keyspaces.orders.get(keys::id(id));
        let read = found.map(|bytes| read_record(self.keyspaces, id, &bytes, order));
        read.transpose()
    }

    /// Answers the number of what was fed last.
    fn commit(mut self) -> std::result::Result<u64, NotCommitted> {
        let mut touched = self.payments.values();
        if self.told == 0 && !touched.any(|touched| touched.changed) {
            return Ok(self.fed);
        }
        self.gather().map_err(|error| match error {
            Error::Corrupt { what, why } => NotCommitted::Record(what, why),
            other => NotCommitted::Record(STORE.to_owned(), other.to_string()),
        })?;
        self.batch.commit().map_err(NotCommitted::Database)?;
        Ok(self.fed)
    }

    /// Puts payments, indexes and events into the batch.
    fn gather(&mut self) -> Result<()> {
        let all = self.keyspaces;
        let payments = std::mem::take(&mut self.payments).into_iter();
        for (id, touched) in payments.filter(|(_, touched)| touched.changed) {
            let after = Indexed::of(&touched.now);
            let (now, before) = (touched.now, touched.before.as_ref());
            self.batch.insert(&all.payments, keys::id(id), now.bytes()?);
            if let (None, Some(accepted)) = (before, &now.payment.accepted) {
                let key = keys::indexed(keys::merchant(&accepted.merchant), id);
                self.batch.insert(&all.owned, key, []);
            }
            if let Some(order) = now.order_bytes()? {
                self.batch.insert(&all.orders, keys::id(id), order);
            }
            let claimed = before.and_then(|b| b.claimed.as_ref());
            self.reindex(&all.claimed, claimed, after.claimed.as_ref(), &[]);
            let apart = before.and_then(|b| b.apart.as_ref());
            self.reindex(&all.apart, apart, after.apart.as_ref(), &[]);
            let waited = before.and_then(|b| b.waits.as_ref());
            let speed = keys::speed(now.payment.order.speed);
            self.reindex(&all.waiting, waited, after.waits.as_ref(), &speed);
        }
        for (bank, event) in std::mem::take(&mut self.events) {
            let key = keys::event(event.date, event.payment, event.version);
            let key = bank.before(&key);
            self.feed(keys::Fed::Event, &key);
            self.batch
                .insert(&all.events, key, records::of_event(event)?);
        }
        Ok(())
    }

    /// Puts an event or a fact at the end of the feed.
    fn feed(&mut self, kind: keys::Fed, key: &[u8]) {
        // Four billion a second would take a century.
        self.fed = self.fed.plus(1);
        let number = self.fed.to_be_bytes();
        self.batch
            .insert(&self.keyspaces.feed, number, keys::fed(kind, key));
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
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    hash
}
