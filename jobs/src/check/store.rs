//! The payment store, held against itself: every payment is what its events make of it, every
//! index names what it should, and what was said of sides of batches is whole.
//!
//! Each row is read, so a damaged block is found here at the latest; it is named as the payment or
//! the index that it belongs to. A payment does not say which key made it; what is proved is that
//! each key has made one payment that is there, and each payment was made by one key.

use crate::events::SingleEvents;
use connectors::{Index, PaymentStore};
use desk::failure::{Failure, Result};
use desk::{CHUNK, Desk};
use jiff::civil::Date;
use serde::Serialize;
use settlement::ids::{BatchKey, CutId, PaymentId};
use settlement::payment::{Event, EventKind, Payment, PaymentEvent, Side, Speed, State};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// Findings that are told one by one; a store that is damaged all over has one for each payment.
const TOLD: usize = 100;

/// What was found.
#[derive(Debug, Default, Serialize)]
pub struct StoreProof {
    /// Payments, each of which was replayed.
    pub payments: u64,
    /// Their own events.
    pub events: u64,
    /// What was said of sides of batches.
    pub facts: u64,
    /// Banks beside this one by which payments go.
    pub banks: BTreeSet<String>,
    /// A payment of any bank for each key of the vault that its account number is sealed under.
    #[serde(skip)]
    pub sealed: BTreeMap<String, Payment>,
    /// What does not agree, each with the payment or index it is about.
    pub findings: Vec<String>,
    /// Findings beyond those.
    pub left_out: u64,
}

impl StoreProof {
    /// Keeps the first payment of each key; what was forgotten is sealed under none.
    fn seals(&mut self, desk: &Desk, payment: &Payment) {
        let sealed = &payment.receiver.sealed;
        if sealed.ciphertext.is_empty() {
            return;
        }
        let key = desk.ports.vault.key_id(sealed);
        self.sealed.entry(key).or_insert_with(|| payment.clone());
    }

    fn find(&mut self, what: impl fmt::Display) {
        match self.findings.len() < TOLD {
            true => self.findings.push(what.to_string()),
            false => self.left_out += 1,
        }
    }
}

/// What the payments say that the rest of the store must repeat.
#[derive(Default)]
struct Expected {
    ids: Vec<PaymentId>,
    /// Those of other banks, which are proved at their desks.
    others: Vec<PaymentId>,
    /// The banks of those.
    banks: BTreeSet<String>,
    /// How many wait to be cut.
    waiting: u64,
    /// Their own events.
    events: BTreeMap<Date, u64>,
    claimed: BTreeMap<CutId, Vec<PaymentId>>,
    batches: BTreeMap<BatchKey, Vec<PaymentId>>,
    /// Those of a batch to which something happened alone.
    apart: BTreeMap<BatchKey, Vec<PaymentId>>,
    sides: BTreeSet<Side>,
}

/// Holds the store against itself.
///
/// # Errors
/// Where it does not answer at all; what it answers wrongly is a finding.
pub async fn store(desk: &Desk) -> Result<StoreProof> {
    let store = &*desk.ports.payments;
    let mut proof = StoreProof::default();
    let mut expected = Expected::default();
    payments(desk, &mut expected, &mut proof).await?;
    expected.ids.sort_unstable();
    expected.others.sort_unstable();
    events(&desk.ports.payments, &expected, &mut proof).await?;
    indexes(store, &expected, &mut proof).await?;
    facts(store, &expected, &mut proof).await?;
    requests(store, &expected, &mut proof).await?;
    proof.banks = expected.banks;
    Ok(proof)
}

/// What could be read; what is damaged is a finding, and anything else ends the check.
fn read<T>(answer: connectors::Result<T>, proof: &mut StoreProof) -> Result<Option<T>> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(connectors::Error::Corrupt { what, why }) => {
            proof.find(format_args!("{what}: {why}"));
            Ok(None)
        }
        Err(other) => Err(Failure::from(other)),
    }
}

/// Reads every payment, and replays those of this bank.
async fn payments(desk: &Desk, expected: &mut Expected, proof: &mut StoreProof) -> Result<()> {
    let store = &*desk.ports.payments;
    let mut after = None;
    loop {
        let page = store.page(Index::All, after, CHUNK).await;
        let Some(page) = read(page, proof)? else {
            return Ok(());
        };
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = Some(last.id);
        for payment in &page {
            proof.seals(desk, payment);
            if payment.bank != desk.place {
                expected.others.push(payment.id);
                if !expected.banks.contains(&payment.bank) {
                    expected.banks.insert(payment.bank.clone());
                }
                continue;
            }
            expected.takes(payment);
            proof.payments += 1;
            if let Some(history) = read(store.history(payment.id).await, proof)? {
                expected.happened(payment, &history);
                if let Err(why) = replayed(payment, &history) {
                    proof.find(format_args!("payment {}: {why}", payment.id));
                }
            }
        }
    }
}

impl Expected {
    fn takes(&mut self, payment: &Payment) {
        self.ids.push(payment.id);
        if payment.state == State::Init {
            self.waiting += 1;
        }
        let waits = matches!(payment.state, State::Batched | State::Unknown);
        if let Some(cut) = payment.cut.as_ref().filter(|_| waits) {
            self.claimed
                .entry(cut.clone())
                .or_default()
                .push(payment.id);
        }
    }

    fn happened(&mut self, payment: &Payment, history: &[PaymentEvent]) {
        let own = history.iter().filter(|event| event.fact.is_none());
        for event in own.clone() {
            let count = self.events.entry(event.date).or_default();
            *count += 1;
        }
        let kinds = own.map(|event| event.event.kind());
        if let Some(side) = payment.side() {
            self.sides.insert(side);
            if !kinds.eq([EventKind::Created, EventKind::Claimed, EventKind::Sent]) {
                self.apart.entry(side.batch).or_default().push(payment.id);
            }
            self.batches.entry(side.batch).or_default().push(payment.id);
        }
    }
}

/// A payment must be what its events make of it, and each event what the payment makes of it.
fn replayed(payment: &Payment, history: &[PaymentEvent]) -> std::result::Result<(), String> {
    let Some((first, later)) = history.split_first() else {
        return Err("it has no events".to_owned());
    };
    if first.event != Event::Created {
        return Err("its first event is not its creation".to_owned());
    }
    let mut again = Payment {
        version: first.version,
        ..payment.as_created()
    };
    if again.created(first.date) != *first {
        return Err("its creation is of another payment".to_owned());
    }
    for event in later {
        let made = again.apply(event.event.clone(), event.date, event.at);
        // A version before did not remember that it was rejected.
        again.heard.rejected &= payment.heard.rejected;
        match made {
            Ok(made)
                if made
                    == (PaymentEvent {
                        fact: None,
                        ..event.clone()
                    }) => {}
            Ok(_) => return Err(format!("event {} is not what it was then", event.version)),
            Err(refusal) => return Err(format!("event {}: {refusal}", event.version)),
        }
    }
    match again == *payment {
        true => Ok(()),
        false => Err("it is not what its events make of it".to_owned()),
    }
}

/// The facts of each side are those of their dates, numbered from 1, and nothing is told of a side
/// on which no payment stands.
async fn facts(
    store: &dyn PaymentStore,
    expected: &Expected,
    proof: &mut StoreProof,
) -> Result<()> {
    let mut told: BTreeMap<Date, BTreeMap<Side, Vec<u32>>> = BTreeMap::new();
    for side in &expected.sides {
        let Some(facts) = read(store.facts(*side).await, proof)? else {
            continue;
        };
        for (fact, number) in facts.iter().zip(1..) {
            if fact.number != number {
                proof.find(format_args!("fact {number} of {side}: it is not there"));
            }
            let of_date = told.entry(fact.fact.date).or_default();
            of_date.entry(*side).or_default().push(fact.number);
        }
        proof.facts += facts.len() as u64;
    }
    let ends = |dates: &mut dyn Iterator<Item = Date>| {
        let all: BTreeSet<Date> = dates.collect();
        Some((*all.first()?, *all.last()?))
    };
    let dates = expected.events.keys().chain(told.keys()).copied();
    let Some((first, last)) = ends(&mut { dates }) else {
        return Ok(());
    };
    for date in first
        .series(jiff::Span::new().days(1))
        .take_while(|day| *day <= last)
    {
        let Some(of_date) = read(store.facts_of(date).await, proof)? else {
            continue;
        };
        let mut known: BTreeMap<Side, Vec<u32>> = BTreeMap::new();
        for (side, fact) in of_date {
            known.entry(side).or_default().push(fact.number);
        }
        let of_sides = told.remove(&date).unwrap_or_default();
        let mut sides: BTreeSet<&Side> = known.keys().chain(of_sides.keys()).collect();
        sides.retain(|side| known.get(side) != of_sides.get(side));
        if let Some(side) = sides.first() {
            proof.find(format_args!(
                "facts of {date}: of {side} the date has others than the side"
            ));
        }
    }
    Ok(())
}

/// Every event of every day belongs to a payment, and there are no others.
async fn events(
    store: &Arc<dyn PaymentStore>,
    expected: &Expected,
    proof: &mut StoreProof,
) -> Result<()> {
    let ends = expected
        .events
        .keys()
        .next()
        .zip(expected.events.keys().next_back());
    let Some((first, last)) = ends else {
        return Ok(());
    };
    for date in first
        .series(jiff::Span::new().days(1))
        .take_while(|day| day <= last)
    {
        let Some(there) = events_of(store, date, expected, proof).await? else {
            continue;
        };
        proof.events += there;
        let known = expected.events.get(&date).copied().unwrap_or(0);
        if there != known {
            proof.find(format_args!(
                "events of {date}: there are {there}, and the payments name {known}"
            ));
        }
    }
    Ok(())
}

async fn events_of(
    store: &Arc<dyn PaymentStore>,
    date: Date,
    expected: &Expected,
    proof: &mut StoreProof,
) -> Result<Option<u64>> {
    let (mut pages, mut there) = (SingleEvents::new(store, date), 0_u64);
    loop {
        let Some(page) = read(pages.next().await, proof)? else {
            return Ok(None);
        };
        let Some(page) = page else {
            return Ok(Some(there));
        };
        for event in &page {
            there += 1;
            if expected.ids.binary_search(&event.payment).is_err() {
                let (id, version) = (event.payment, event.version);
                proof.find(format_args!(
                    "event {version} of payment {id}, on {date}: there is no such payment"
                ));
            }
        }
    }
}

/// Every idempotency key has made a payment, and every payment was made by one key: one that is
/// lost would let the same request make a second payment.
async fn requests(
    store: &dyn PaymentStore,
    expected: &Expected,
    proof: &mut StoreProof,
) -> Result<()> {
    let (mut after, mut made) = (None, Vec::new());
    loop {
        let Some(page) = read(store.requests(after, CHUNK).await, proof)? else {
            return Ok(());
        };
        let Some(last) = page.last() else { break };
        after = Some(last.key);
        made.extend(page.iter().map(|request| request.payment));
    }
    made.sort_unstable();
    // A key of another bank's payment is proved to be one at that bank's desk.
    let is_there = |id: &PaymentId| {
        [&expected.ids, &expected.others]
            .iter()
            .any(|ids| ids.binary_search(id).is_ok())
    };
    for pair in made.windows(2) {
        if let &[one, other] = pair
            && one == other
        {
            proof.find(format_args!("payment {one}: two idempotency keys made it"));
        }
    }
    for id in made.iter().filter(|id| !is_there(id)) {
        proof.find(format_args!(
            "payment {id}: an idempotency key made it, and there is no such payment"
        ));
    }
    for id in expected
        .ids
        .iter()
        .filter(|id| made.binary_search(id).is_err())
    {
        proof.find(format_args!(
            "payment {id}: no idempotency key made it: the same request would make it again"
        ));
    }
    Ok(())
}

async fn indexes(
    store: &dyn PaymentStore,
    expected: &Expected,
    proof: &mut StoreProof,
) -> Result<()> {
    for (cut, ids) in &expected.claimed {
        index(store, Index::Claimed(Some(cut.clone())), (ids, ids), proof).await?;
    }
    for (batch, ids) in &expected.batches {
        let apart = expected.apart.get(batch).map_or(&[][..], Vec::as_slice);
        index(store, Index::Apart(*batch), (apart, ids), proof).await?;
    }
    let mut ready = 0_u64;
    for speed in [Speed::Standard, Speed::SameDay] {
        let Some(found) = paged(store, ready_at(speed), proof).await? else {
            return Ok(());
        };
        for payment in found.iter().filter(|payment| payment.order.speed != speed) {
            proof.find(format_args!(
                "payment {}: waits to be cut at a speed that it did not ask for",
                payment.id
            ));
        }
        ready += found.len() as u64;
    }
    let waiting = expected.waiting;
    if ready != waiting {
        proof.find(format_args!(
            "the payments that wait to be cut: {waiting} wait, and {ready} are found by speed"
        ));
    }
    Ok(())
}

const fn ready_at(speed: Speed) -> Index {
    Index::Ready {
        speed: Some(speed),
        until: None,
    }
}

/// An index must name the payments that it is about, and may name some others alone.
async fn index(
    store: &dyn PaymentStore,
    index: Index,
    (must, may): (&[PaymentId], &[PaymentId]),
    proof: &mut StoreProof,
) -> Result<()> {
    let name = format!("{index:?}");
    let Some(found) = paged(store, index, proof).await? else {
        return Ok(());
    };
    let found: Vec<PaymentId> = found.iter().map(|payment| payment.id).collect();
    let mut may = may.to_vec();
    may.sort_unstable();
    let missing = must.iter().find(|id| found.binary_search(id).is_err());
    let surplus = found.iter().find(|id| may.binary_search(id).is_err());
    if let Some(id) = missing {
        proof.find(format_args!("payment {id}: is not found under {name}"));
    }
    if let Some(id) = surplus {
        proof.find(format_args!(
            "payment {id}: stands under {name} and does not belong there"
        ));
    }
    Ok(())
}

async fn paged(
    store: &dyn PaymentStore,
    index: Index,
    proof: &mut StoreProof,
) -> Result<Option<Vec<Payment>>> {
    let mut all: Vec<Payment> = Vec::new();
    loop {
        let after = all.last().map(|payment| payment.id);
        let Some(mut page) = read(store.page(index.clone(), after, CHUNK).await, proof)? else {
            return Ok(None);
        };
        if page.is_empty() {
            return Ok(Some(all));
        }
        all.append(&mut page);
    }
}
