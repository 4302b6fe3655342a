//! The record of a day's allocation, and its table.

use super::inputs::Inputs;
use crate::parts;
use crate::records::allocated::{Allocated, Expected, Netted, Received, SettledSide};
use crate::records::reconciled::SettledBatch;
use desk::Desk;
use desk::failure::Result;
use formats::tables::{AllocationShare, Allocations};
use jiff::civil::Date;
use settlement::allocate::{Allocation, Expectation, Item, Kind, Outcome, Receipt};
use settlement::calendar::add_banking_days;
use settlement::dates::{self, Settled};
use settlement::money::{Cents, SignedCents};
use settlement::windows::{extended_return_deadline, ordinary_return_deadline};
use std::collections::{BTreeMap, BTreeSet};

/// Banking days for which an answered return is remembered: a bank that tells a line twice, or
/// takes one back, does so soon. A side is remembered until its last window is over.
const REMEMBER_DAYS: u16 = 10;

/// Makes the record, and writes the table.
pub async fn record(desk: &Desk, inputs: &Inputs, made: Outcome) -> Result<Allocated> {
    let (date, objects) = (inputs.date, &*desk.ports.objects);
    let rows = made.allocations.iter().flat_map(|one| rows(date, one));
    let part = parts::put_part::<Allocations>(objects, date, "shares", rows).await?;
    let settled = settled(inputs, &made);
    let mut netted_now: Vec<Netted> = inputs
        .netted
        .iter()
        .map(|(date, cents)| Netted {
            date: *date,
            cents: *cents,
        })
        .collect();
    let kept = made.allocations.iter().flat_map(netted);
    netted_now.extend(kept.map(|cents| Netted { date, cents }));
    let windows = windows(inputs, &settled, &made.undone);
    Ok(Allocated {
        date,
        previous: inputs.previous,
        parts: part.into_iter().collect(),
        expectations: expectations(inputs, &made),
        receipts: receipts(inputs, made.receipts),
        findings: made.findings,
        allocations: made.allocations,
        settled,
        windows,
        undone: made.undone,
        netted: netted_now,
        funding_facts: inputs.funding_facts,
        started_from: Vec::new(),
    })
}

fn rows(date: Date, one: &Allocation) -> impl Iterator<Item = AllocationShare<'_>> {
    (1i32..)
        .zip(&one.shares)
        .map(move |(line_no, share)| AllocationShare {
            allocation_date: date,
            allocation_id: one.id.as_str().into(),
            line_no,
            pass: one.pass.as_str().into(),
            rules: i32::try_from(one.rules).unwrap_or(i32::MAX), // saturates: a version, not money
            item: share.item.kind().into(),
            item_id: share.item.id().into(),
            amount: share.cents,
            evidence: one.evidence.as_str().into(),
            reverses: one.reverses.as_deref().map(Into::into),
            decided_by: "".into(),
        })
}

/// The last allocation of each expectation today.
fn answered_by(made: &Outcome) -> BTreeMap<&str, &str> {
    let all = made.allocations.iter();
    all.flat_map(|one| one.expectations().map(|(id, _)| (id, one.id.as_str())))
        .collect()
}

fn expectations(inputs: &Inputs, made: &Outcome) -> Vec<Expected> {
    let before: BTreeMap<&str, SignedCents> = inputs
        .expectations
        .iter()
        .map(|one| (one.id.as_str(), one.remainder))
        .collect();
    let earlier: BTreeMap<&str, (&Option<String>, Option<Date>)> = inputs
        .before
        .expectations
        .iter()
        .map(|one| (one.one.id.as_str(), (&one.by, one.closes)))
        .collect();
    let now = answered_by(made);
    let all = made.expectations.iter().map(|one| {
        let known = earlier.get(one.id.as_str());
        let today = now.get(one.id.as_str()).map(|by| (*by).to_owned());
        let by = today
            .clone()
            .or_else(|| known.and_then(|(by, _)| (*by).clone()));
        let closes = match today {
            Some(_) => Some(remembered_until(inputs.date, one)),
            None => known.and_then(|(_, closes)| *closes),
        };
        Expected {
            before: before.get(one.id.as_str()).copied().unwrap_or_default(),
            by,
            closes,
            cut: inputs.cut_dates.get(&one.id).copied(),
            settles: inputs.settle.get(&one.id).copied(),
            one: one.clone(),
        }
    });
    all.collect()
}

fn remembered_until(date: Date, one: &Expectation) -> Date {
    match one.kind {
        Kind::Side(..) => extended_return_deadline(date),
        Kind::Return(..) | Kind::Funding(_) => add_banking_days(date, REMEMBER_DAYS),
    }
}

fn receipts(inputs: &Inputs, all: Vec<Receipt>) -> Vec<Received> {
    let before: BTreeMap<&str, SignedCents> = inputs
        .receipts
        .iter()
        .map(|one| (one.id.as_str(), one.remainder))
        .collect();
    let received = all.into_iter().map(|one| Received {
        before: before.get(one.id.as_str()).copied().unwrap_or_default(),
        new: inputs.new.contains(&one.id),
        one,
    });
    received.collect()
}

/// The sides that settled today, or entries of them that had waited.
fn settled(inputs: &Inputs, made: &Outcome) -> Vec<SettledSide> {
    let before: BTreeMap<&str, &Expectation> = inputs
        .expectations
        .iter()
        .map(|one| (one.id.as_str(), one))
        .collect();
    let lines: BTreeMap<&str, &Receipt> = made
        .receipts
        .iter()
        .map(|one| (one.id.as_str(), one))
        .collect();
    let touched: BTreeSet<&str> = made
        .allocations
        .iter()
        .flat_map(|one| one.expectations().map(|(id, _)| id))
        .collect();
    let mut settled = Vec::new();
    for one in made.expectations.iter().filter(|one| {
        let had = before.get(one.id.as_str());
        touched.contains(one.id.as_str())
            || rest_settled(one) && !had.is_some_and(|was| rest_settled(was))
    }) {
        let Kind::Side(key, direction) = one.kind else {
            continue;
        };
        let was = before.get(one.id.as_str());
        let waited = was.map(|was| was.waits.clone()).unwrap_or_default();
        let had = was.is_some_and(|was| rest_settled(was));
        // Of those that waited, the ones that have come.
        let mut only = if had { waited } else { Vec::new() };
        only.retain(|trace| !one.waits.contains(trace));
        let some = !had || !only.is_empty();
        if !(one.remainder.is_zero() || rest_settled(one) && some) {
            continue;
        }
        let line = made
            .allocations
            .iter()
            .filter(|made| made.expectations().any(|(id, _)| id == one.id))
            .flat_map(|made| made.receipts())
            .filter_map(|(id, _)| lines.get(id).copied())
            .max_by_key(|line| (line.value, &line.id));
        let Settled { on, impossible } =
            dates::settled(one.due, line.map(|line| line.value), one.since);
        // What was funded before it settled has settled no earlier than planned.
        let on = inputs.settle.get(&one.id).map_or(on, |day| on.max(*day));
        settled.push(SettledSide {
            key,
            direction,
            on,
            impossible,
            reference: line.map(|line| line.reference.clone()).unwrap_or_default(),
            except: one.waits.clone(),
            only,
        });
    }
    settled
}

/// Whether all entries of a side have settled but those that wait.
fn rest_settled(one: &Expectation) -> bool {
    one.found.is_some() && !one.waits.is_empty()
}

/// The windows that run on, and those that begin.
fn windows(inputs: &Inputs, settled: &[SettledSide], undone: &[String]) -> Vec<SettledBatch> {
    // What was final before is nothing any more; what becomes so today is still in the record.
    let kept = inputs
        .before
        .windows
        .iter()
        .filter(|one| one.closes > inputs.before.date);
    let kept = kept.filter(|one| !undone.contains(&Kind::side_id(one.key, one.direction)));
    let kept = kept.cloned().map(|mut one| {
        // The posting of the date before has ended what was due by then.
        one.hold_ended |= one.hold_ends <= inputs.before.date;
        one
    });
    let new = settled.iter().map(|side| SettledBatch {
        key: side.key,
        direction: side.direction,
        on: side.on,
        hold_ends: ordinary_return_deadline(side.on),
        hold_ended: false,
        closes: extended_return_deadline(side.on),
    });
    kept.chain(new).collect()
}

/// The sum of the fees that an allocation lets the bank keep.
fn netted(allocation: &Allocation) -> impl Iterator<Item = Cents> + '_ {
    let fees = allocation.shares.iter();
    let fees = fees.filter(|share| matches!(share.item, Item::NettedFee(_)));
    fees.map(|share| SignedCents::magnitude(share.cents))
}
