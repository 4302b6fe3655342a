//! The feed: events and facts in the order in which they became durable, and a merchant's payments.

use super::event::event;
use super::keys::{self, Bank, Fed};
use super::keyspaces::Keyspaces;
use super::named::name;
use super::reading::{Sides, record};
use super::records;
use connectors::{Happened, Result};
use fjall::{Readable, Snapshot};
use settlement::ids::PaymentId;
use settlement::payment::{Numbered, Payment};
use std::ops::Bound;

/// What the feed is called where it cannot be read.
const FEED: &str = "the feed of events";

/// The number of what was fed last; 0 where nothing was.
pub fn last(all: &Keyspaces) -> Result<u64> {
    let last = all.feed.iter().next_back().map(|row| row.into_inner());
    let last = last.transpose().map_err(|e| all.failed(FEED, &e))?;
    last.map_or(Ok(0), |(key, _)| number(all, &key))
}

fn number(all: &Keyspaces, key: &[u8]) -> Result<u64> {
    let key = <[u8; 8]>::try_from(key).map_err(|_| all.contradicts(FEED, "a number"))?;
    Ok(u64::from_be_bytes(key))
}

/// At most `limit` of what was fed after `after`.
pub fn page(
    at: &Snapshot,
    all: &Keyspaces,
    after: u64,
    limit: usize,
) -> Result<Vec<(u64, Happened)>> {
    let from = Bound::Excluded(after.to_be_bytes());
    let rows = at.range(&all.feed, (from, Bound::Unbounded)).take(limit);
    let read = |row: fjall::Guard| {
        let (key, value) = row.into_inner().map_err(|e| all.failed(FEED, &e))?;
        Ok((number(all, &key)?, happened(at, all, &value)?))
    };
    rows.map(read).collect()
}

fn happened(at: &Snapshot, all: &Keyspaces, place: &[u8]) -> Result<Happened> {
    let wrong = || all.contradicts(FEED, "a place that is none");
    let gone = || all.contradicts(FEED, "it names what is not there");
    let (kind, key) = place.split_first().ok_or_else(wrong)?;
    let (bank, own) = Bank::split(key).ok_or_else(wrong)?;
    if *kind == Fed::Event as u8 {
        let value = at.get(&all.events, key);
        let value = value.map_err(|e| all.failed(FEED, &e))?.ok_or_else(gone)?;
        let event = event(own, &value).map_err(|e| all.named(FEED, e))?;
        return Ok(Happened::Event(event));
    }
    let (side, number) = keys::trailing_fact(own).ok_or_else(wrong)?;
    let value = at.get(&all.facts, key);
    let value = value.map_err(|e| all.failed(FEED, &e))?.ok_or_else(gone)?;
    let fact = records::fact(&value).map_err(|e| all.named(FEED, e))?;
    Ok(Happened::Fact {
        bank,
        side,
        fact: Numbered { number, fact },
    })
}

/// At most `limit` payments under `prefix`, a merchant's, before `before`, newest first.
pub fn recent(
    at: &Snapshot,
    all: &Keyspaces,
    prefix: Vec<u8>,
    before: Option<PaymentId>,
    limit: usize,
) -> Result<Vec<Payment>> {
    let to = match before {
        Some(before) => Bound::Excluded(keys::indexed(prefix.clone(), before)),
        None => Bound::Included(keys::last(&prefix, keys::ID_BYTES)),
    };
    let what = "a merchant's payments";
    let rows = at.range(&all.owned, (Bound::Included(prefix), to));
    let mut sides = Sides::default();
    let read = |row: fjall::Guard| {
        let (key, _) = row.into_inner().map_err(|e| all.failed(what, &e))?;
        let id = keys::trailing_id(&key);
        let id = id.ok_or_else(|| all.contradicts(what, "no payment id"))?;
        let gone = || all.contradicts(name(id), "an index names it, and it is not there");
        let found = record(at, all, id)?.ok_or_else(gone)?;
        sides.of(at, all, found)
    };
    rows.rev().take(limit).map(read).collect()
}
