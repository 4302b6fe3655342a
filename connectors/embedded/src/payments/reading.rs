//! Payments read from a snapshot: one by one, or many that stand close together in a row.

use super::glance;
use super::keys::{self, Bank};
use super::keyspaces::Keyspaces;
use super::named::{name, read_record};
use super::records::PaymentRecord;
use super::sides;
use connectors::Result;
use fjall::{Iter, Keyspace, Readable, Snapshot, UserKey, UserValue};
use settlement::ids::PaymentId;
use settlement::payment::{Numbered, Payment, PaymentEvent, Side, State};
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Fewer payments than this are read one by one: to begin a row costs as much as some of them.
const FEW: usize = 16;

/// Others that may stand between two payments of a row before it is given up. A choice that was not
/// measured: to pass one compares a key, to look one up asks every table.
const PASSED: usize = 16;

/// Looks up by key where a row does not help.
type LookUp<'a> = Box<dyn Fn(&[u8]) -> fjall::Result<Option<UserValue>> + 'a>;

/// The values of payments that are asked for in ascending order.
pub struct InARow<'a> {
    rows: Option<Iter>,
    ahead: Option<(UserKey, UserValue)>,
    one: LookUp<'a>,
}

impl<'a> InARow<'a> {
    /// Of `ids` in a keyspace, as a snapshot shows it.
    pub fn at(at: &'a Snapshot, keyspace: &'a Keyspace, ids: &[PaymentId]) -> InARow<'a> {
        InARow {
            rows: span(ids).map(|(first, last)| at.range(keyspace, first..=last)),
            ahead: None,
            one: Box::new(move |key| at.get(keyspace, key)),
        }
    }

    /// Of `ids` in a keyspace, as the writer sees it.
    pub fn now(keyspace: &'a Keyspace, ids: &[PaymentId]) -> InARow<'a> {
        InARow {
            rows: span(ids).map(|(first, last)| keyspace.range(first..=last)),
            ahead: None,
            one: Box::new(move |key| keyspace.get(key)),
        }
    }

    /// The value of a payment; each is asked for once.
    ///
    /// # Errors
    /// Where the database cannot be read.
    pub fn get(&mut self, id: PaymentId) -> fjall::Result<Option<UserValue>> {
        let key = keys::id(id);
        let mut passed = 0usize;
        while let Some(rows) = &mut self.rows {
            if self.ahead.is_none() {
                self.ahead = rows.next().map(fjall::Guard::into_inner).transpose()?;
            }
            match &self.ahead {
                Some((at, _)) if **at == key[..] => {
                    return Ok(self.ahead.take().map(|(_, value)| value));
                }
                Some((at, _)) if **at < key[..] => {
                    self.ahead = None;
                    passed += 1;
                    if passed > PASSED {
                        self.rows = None;
                    }
                }
                _ => return Ok(None),
            }
        }
        (self.one)(&key)
    }
}

/// The first and the last key of a row; `None` where `ids` are few, or not in ascending order.
fn span(ids: &[PaymentId]) -> Option<([u8; keys::ID_BYTES], [u8; keys::ID_BYTES])> {
    let ascends = ids.len() >= FEW && ids.is_sorted_by(|a, b| a < b);
    let ends = ids.first().zip(ids.last()).filter(|_| ascends);
    ends.map(|(first, last)| (keys::id(*first), keys::id(*last)))
}

/// The record of a payment.
pub fn record(at: &Snapshot, all: &Keyspaces, id: PaymentId) -> Result<Option<PaymentRecord>> {
    let found = at.get(&all.payments, keys::id(id));
    let found = found.map_err(|e| all.failed(name(id), &e))?;
    let order = || at.get(&all.orders, keys::id(id));
    let read = found.map(|bytes| read_record(all, id, &bytes, order));
    read.transpose()
}

/// The payments of `ids`, in that order.
pub fn payments(at: &Snapshot, all: &Keyspaces, ids: &[PaymentId]) -> Result<Vec<Option<Payment>>> {
    let mut changing = InARow::at(at, &all.payments, ids);
    let mut orders = InARow::at(at, &all.orders, ids);
    let mut sides = Sides::default();
    let read = ids.iter().map(|id| {
        let found = changing.get(*id).map_err(|e| all.failed(name(*id), &e))?;
        let Some(bytes) = found else { return Ok(None) };
        let found = read_record(all, *id, &bytes, || orders.get(*id))?;
        sides.of(at, all, found).map(Some)
    });
    read.collect()
}

/// The states of `ids`, in that order, as their own events led to them.
pub fn standings(at: &Snapshot, all: &Keyspaces, ids: &[PaymentId]) -> Result<Vec<Option<State>>> {
    let mut changing = InARow::at(at, &all.payments, ids);
    let read = ids.iter().map(|id| {
        let found = changing.get(*id).map_err(|e| all.failed(name(*id), &e))?;
        let Some(bytes) = found else { return Ok(None) };
        let state = glance::standing(*id, &bytes).map_err(|e| all.named(name(*id), e))?;
        match state {
            Some(state) => Ok(Some(state)),
            None => Ok(record(at, all, *id)?.map(|found| found.payment.state)),
        }
    });
    read.collect()
}

/// Those of the events in `rows` that are no step of every payment's way, `limit` at most. The
/// others are passed over without being read.
pub fn unusual(
    rows: Iter,
    limit: usize,
    failed: impl Fn(&fjall::Error) -> connectors::Error,
    read: impl Fn(&[u8], &[u8]) -> Result<PaymentEvent>,
) -> Result<Vec<PaymentEvent>> {
    let mut page = Vec::new();
    for row in rows {
        if page.len() >= limit {
            break;
        }
        let (key, value) = row.into_inner().map_err(|e| failed(&e))?;
        if !glance::is_usual(&value) {
            page.push(read(&key, &value)?);
        }
    }
    Ok(page)
}

/// The facts of the sides that were looked at, each read once.
#[derive(Default)]
pub struct Sides(HashMap<(Bank, Side), Vec<Numbered>>);

impl Sides {
    /// The facts of a side.
    pub fn facts(
        &mut self,
        at: &Snapshot,
        all: &Keyspaces,
        bank: Bank,
        side: Side,
    ) -> Result<&[Numbered]> {
        match self.0.entry((bank, side)) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(new) => {
                let (bank, _) = new.key();
                let rows = at.range(&all.facts, sides::keys_of(bank, side));
                Ok(new.insert(sides::read(all, side, rows)?))
            }
        }
    }

    /// A payment as its own events and the facts of its side make it.
    pub fn of(&mut self, at: &Snapshot, all: &Keyspaces, found: PaymentRecord) -> Result<Payment> {
        let follows = found.follows();
        let mut payment = found.payment;
        if let Some(side) = payment.side() {
            let bank = Bank::named(&payment.bank);
            payment.take_facts(self.facts(at, all, bank, side)?, follows);
        }
        Ok(payment)
    }
}
