//! Allocations of days before, as their days recorded them: those that may give way to what a line
//! of the date names or takes back, those of lines that are corrected away, and those of what the
//! bank rejects.
//!
//! On most days none is asked for. A name leads to the day of the allocation that answered it last.
//! Where a line may take another back, whatever that was of, the days of two weeks are read, and
//! all days since the first that a name leads to: so it is known which allocations stand.

use super::ours::Ours;
use crate::allocate::details;
use crate::records;
use crate::records::allocated::Allocated;
use desk::failure::Result;
use desk::{Desk, names};
use jiff::civil::Date;
use settlement::allocate::{Allocation, Done, Earlier, Expectation, Name, Receipt};
use settlement::calendar::{next_banking_day, sub_banking_days};
use settlement::ids::BatchKey;
use settlement::money::SignedCents;
use std::collections::{BTreeMap, BTreeSet};

/// Banking days within which a line is taken back that names nothing of its own.
const REMEMBER_DAYS: u16 = 10;

/// What asks for allocations of days before.
#[derive(Clone, Copy)]
pub struct Asks<'a> {
    pub date: Date,
    pub receipts: &'a [Receipt],
    pub expectations: &'a [Expectation],
    pub done: &'a [Done],
    /// Allocations of lines that are corrected away.
    pub taken_back: &'a [Allocation],
}

/// Reads those that today's lines, corrections and rejections are about.
pub async fn read(desk: &Desk, inputs: &Asks<'_>) -> Result<Vec<Earlier>> {
    let wanted = wanted(inputs);
    let back: BTreeSet<SignedCents> = taking_back(inputs).collect();
    let in_parts = in_parts(inputs);
    if wanted.is_empty() && back.is_empty() {
        return Ok(Vec::new()); // what is in parts is wanted
    }
    let days = wanted.iter().filter_map(|id| day_of(id));
    if back.is_empty() && inputs.taken_back.is_empty() && in_parts.is_empty() {
        // Each was the last of what it answered: it stands, and nothing had waited before it.
        let days: BTreeSet<Date> = days.collect();
        let mut read = Vec::new();
        for day in days {
            read.extend(allocated(desk, day).await?);
        }
        return Ok(standing(&read, &BTreeMap::new(), |made| {
            wanted.contains(&made.id)
        }));
    }
    let first = sub_banking_days(inputs.date, REMEMBER_DAYS);
    let days = days.chain(in_parts.values().copied());
    let first = days.fold(first, Date::min);
    let mut read = Vec::new();
    let mut parts = BTreeMap::new();
    let mut day = settlement::calendar::on_or_after(first);
    while day < inputs.date {
        if let Some(made) = allocated(desk, day).await? {
            parts.extend(details::of(desk, day).await?);
            read.push(made);
        }
        day = next_banking_day(day);
    }
    let ours = Ours::of(desk, inputs.expectations, inputs.done);
    let mut came: BTreeMap<String, Receipt> = BTreeMap::new();
    for received in read.iter().flat_map(|day| &day.receipts) {
        let one = &received.one;
        if received.new
            && let Some(parts) = parts.get(&one.id)
        {
            let mut receipt = one.clone();
            ours.add(parts, &mut receipt);
            came.insert(one.id.clone(), receipt);
        }
    }
    let lines = read.iter().flat_map(|day| &day.receipts);
    let lines = lines.filter(|received| back.contains(&received.one.cents));
    let lines: BTreeSet<&str> = lines.map(|received| received.one.id.as_str()).collect();
    Ok(standing(&read, &came, |made| {
        let of_line = made.receipts().any(|(id, _)| lines.contains(id));
        let of_part = made.expectations().any(|(id, _)| in_parts.contains_key(id));
        wanted.contains(&made.id) || of_line || of_part
    }))
}

/// Sides that settle in parts, with the day on which they were sent, where a line names one and is
/// more than the rest of it: it may tell one of the parts again.
fn in_parts<'a>(inputs: &Asks<'a>) -> BTreeMap<&'a str, Date> {
    let begun = inputs.expectations.iter();
    let begun = begun.filter(|one| one.shape.several && one.remainder != one.cents);
    let more = |one: &&Expectation| {
        let own = one.names().into_iter().next();
        inputs.receipts.iter().any(|line| {
            let names = own.as_ref().is_some_and(|own| line.names.contains(own));
            names && line.remainder.magnitude() > one.remainder.magnitude()
        })
    };
    let told = begun.filter(more);
    told.map(|one| (one.id.as_str(), one.since)).collect()
}

fn day_of(id: &str) -> Option<Date> {
    id.get(..10)?.parse().ok() // none of a version that allocated nothing
}

async fn allocated(desk: &Desk, day: Date) -> Result<Option<Allocated>> {
    records::get::<Allocated>(&*desk.ports.objects, &names::allocated(day)).await
}

/// The allocations among these days that stand and are asked for.
fn standing(
    read: &[Allocated],
    came: &BTreeMap<String, Receipt>,
    asked: impl Fn(&Allocation) -> bool,
) -> Vec<Earlier> {
    let all = read.iter().flat_map(|day| &day.allocations);
    let gone: BTreeSet<&str> = all.filter_map(|made| made.reverses.as_deref()).collect();
    let mut earlier = Vec::new();
    let mut left: Option<&Allocated> = None;
    for day in read {
        for made in &day.allocations {
            let corrected = made.reverses.is_some();
            if !gone.contains(made.id.as_str()) && !corrected && asked(made) {
                let allocation = made.clone();
                earlier.push(Earlier {
                    receipts: receipts_of(day, made, came),
                    before: left.map_or_else(Vec::new, |left| before(left, made)),
                    allocation,
                });
            }
        }
        left = Some(day);
    }
    earlier
}

/// The lines of an allocation of a day, as they came.
fn receipts_of(
    day: &Allocated,
    made: &Allocation,
    came: &BTreeMap<String, Receipt>,
) -> Vec<Receipt> {
    let with_it = |one: &&Receipt| made.receipts().any(|(id, _)| id == one.id);
    let all = day.receipts.iter().map(|received| &received.one);
    let all = all.filter(with_it);
    all.map(|one| came.get(&one.id).unwrap_or(one).clone())
        .collect()
}

/// What an allocation answered, as the day before it left that.
fn before(left: &Allocated, made: &Allocation) -> Vec<Expectation> {
    let answered: BTreeSet<&str> = made.expectations().map(|(id, _)| id).collect();
    let all = left.expectations.iter().map(|one| &one.one);
    let all = all.filter(|one| answered.contains(one.id.as_str()));
    all.cloned().collect()
}

/// The ids of allocations: of lines that are corrected away, of what is answered, wholly or in
/// part, and named once more, of the parts of sides that are rejected, and of the returns of their
/// entries.
fn wanted(inputs: &Asks<'_>) -> BTreeSet<String> {
    let (open, done) = (inputs.expectations, inputs.done);
    let free = inputs
        .receipts
        .iter()
        .filter(|one| !one.remainder.is_zero());
    let named: BTreeSet<&Name> = free.flat_map(|receipt| &receipt.names).collect();
    let answered = done.iter().map(|done| &done.expectation);
    let all = open.iter().chain(answered);
    let rejected = all.filter(|one| one.rejected && !one.is_return());
    let rejected: BTreeSet<BatchKey> = rejected.filter_map(batch_of).collect();
    let of_rejected = |batch: Option<BatchKey>| batch.is_some_and(|key| rejected.contains(&key));
    let is_named = |one: &Expectation| {
        let own = one.names().into_iter().next();
        own.is_some_and(|own| named.contains(&own))
    };
    let answered = done
        .iter()
        .filter(|done| is_named(&done.expectation) || of_rejected(done.expectation.batch));
    let begun = |one: &&Expectation| one.remainder != one.cents && is_named(one);
    let parts = open
        .iter()
        .filter(|one| of_rejected(batch_of(one)) || begun(one));
    let parts = parts.filter_map(|one| one.last.clone());
    let fallen = inputs.taken_back.iter().map(|made| made.id.clone());
    let answered = answered.map(|done| done.by.clone());
    answered.chain(parts).chain(fallen).collect()
}

fn batch_of(one: &Expectation) -> Option<BatchKey> {
    match one.kind {
        settlement::allocate::Kind::Side(key, _) => Some(key),
        _ => None,
    }
}

/// The amounts of lines that free lines may take back: lines that say so, and lines that move the
/// money of what they name the other way.
fn taking_back<'a>(inputs: &Asks<'a>) -> impl Iterator<Item = SignedCents> + use<'a> {
    let done = inputs.done.iter().map(|done| &done.expectation);
    let begun = inputs.expectations.iter();
    let begun = begun.filter(|one| one.remainder != one.cents);
    let mut moved: BTreeMap<Name, (bool, bool)> = BTreeMap::new();
    for one in done.chain(begun) {
        for name in one.names() {
            let ways = moved.entry(name).or_default();
            ways.0 |= one.cents.get() > 0;
            ways.1 |= one.cents.get() < 0;
        }
    }
    let first = sub_banking_days(inputs.date, REMEMBER_DAYS);
    let free = inputs.receipts.iter().filter(move |one| {
        // What has rested in suspense for longer asks nothing any more.
        one.value >= first && !one.remainder.is_zero() && one.remainder == one.cents
    });
    let takes = move |one: &&Receipt| {
        let other_way = |name: &Name| match (name, one.cents.get() > 0) {
            (Name::Company(_), _) => false,
            (_, true) => moved.get(name).is_some_and(|ways| ways.1),
            (_, false) => moved.get(name).is_some_and(|ways| ways.0),
        };
        one.reverses || one.names.iter().any(other_way)
    };
    free.filter(takes).filter_map(|one| one.cents.checked_neg())
}
