//! Pages of payments by an index.

use super::keys::{self, Bank};
use super::keyspaces::Keyspaces;
use super::named::{Near, index_name, name};
use super::reading;
use super::worn::Asked;
use connectors::{Index, Result};
use fjall::{Keyspace, Readable, Snapshot};
use settlement::ids::PaymentId;
use settlement::payment::Payment;
use std::ops::Bound;

/// A page, and the index where it took long to find its first row.
pub type Page = (Vec<Payment>, Option<Keyspace>);

/// At most `limit` payments of an index after `after`.
pub fn page(
    at: &Snapshot,
    all: &Keyspaces,
    bank: &Bank,
    (index, after, limit): (&Index, Option<PaymentId>, usize),
) -> Result<Page> {
    let (keyspace, prefix, until) = match index {
        Index::Ready { until, .. } => (&all.waiting, bank.before(&keys::INIT), *until),
        Index::Claimed(Some(cut)) => (&all.claimed, bank.before(&keys::cut(cut)), None),
        Index::Claimed(None) => return claimed_by_any(at, all, bank, after, limit),
        Index::Apart(batch) => (&all.apart, bank.before(&keys::batch(*batch)), None),
        Index::All => (&all.payments, Vec::new(), None),
    };
    let from = keys::after(&prefix, after.map(keys::id));
    let to = match until {
        Some(until) => keys::indexed(prefix, until),
        None => keys::last(&prefix, keys::ID_BYTES),
    };
    let speed = match index {
        Index::Ready { speed, .. } => speed.map(keys::speed),
        _ => None,
    };
    let mut ids: Vec<PaymentId> = Vec::new();
    let near = |ids: &[PaymentId]| Near(index_name(index), ids.last().copied().or(after));
    let asked = Asked::now();
    let mut rows = at.range(keyspace, (from, Bound::Included(to))).peekable();
    rows.peek();
    let worn = asked.was_long().then(|| keyspace.clone());
    for row in rows {
        if ids.len() == limit {
            break;
        }
        let row = row.into_inner();
        let (key, value) = row.map_err(|e| all.failed(near(&ids), &e))?;
        if speed.is_some_and(|speed| *value != speed) {
            continue;
        }
        let id = keys::trailing_id(&key);
        ids.push(id.ok_or_else(|| all.contradicts(near(&ids), "no payment id"))?);
    }
    Ok((there(at, all, &ids)?, worn))
}

/// A page of what any cut has claimed. That is more than one cut's only where one was killed, so
/// all of it is looked through.
fn claimed_by_any(
    at: &Snapshot,
    all: &Keyspaces,
    bank: &Bank,
    after: Option<PaymentId>,
    limit: usize,
) -> Result<Page> {
    let what = || index_name(&Index::Claimed(None));
    let asked = Asked::now();
    let mut rows = at.range(&all.claimed, bank.all()).peekable();
    rows.peek();
    let worn = asked.was_long().then(|| all.claimed.clone());
    let mut ids = Vec::new();
    for row in rows {
        let (key, _) = row.into_inner().map_err(|e| all.failed(what(), &e))?;
        let id = keys::trailing_id(&key);
        ids.push(id.ok_or_else(|| all.contradicts(what(), "no payment id"))?);
    }
    ids.sort_unstable();
    ids.retain(|id| after.is_none_or(|after| after < *id));
    ids.truncate(limit);
    Ok((there(at, all, &ids)?, worn))
}

/// The payments that an index names, all of which must be there.
fn there(at: &Snapshot, all: &Keyspaces, ids: &[PaymentId]) -> Result<Vec<Payment>> {
    let found = reading::payments(at, all, ids)?;
    let payments = ids.iter().zip(found).map(|(id, payment)| {
        let gone = || all.contradicts(name(*id), "an index names it, and it is not there");
        payment.ok_or_else(gone)
    });
    payments.collect()
}
