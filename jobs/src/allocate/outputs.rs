//! The record of a day's allocation, and its table.

mod unsettled;
pub mod windows;

use super::inputs::Inputs;
use crate::parts;
use crate::records::allocated::{Allocated, Expected, Netted, Received, SettledSide};
use desk::Desk;
use desk::failure::Result;
use formats::tables::{AllocationShare, Allocations};
use jiff::civil::Date;
use settlement::allocate::{Allocation, Expectation, Item, Kind, Outcome, Receipt};
use settlement::calendar::add_banking_days;
use settlement::dates::{self, Settled};
use settlement::money::{Cents, Currency, SignedCents};
use settlement::windows::extended_return_deadline;
use std::collections::BTreeMap;

/// Banking days for which an answered return is remembered: a bank that tells a line twice, or
/// takes one back, does so soon. A side is remembered until its last window is over.
const REMEMBER_DAYS: u16 = 10;

/// Makes the record, and writes the table.
pub async fn record(desk: &Desk, inputs: &Inputs, mut made: Outcome) -> Result<Allocated> {
    let (date, objects) = (inputs.date, &*desk.ports.objects);
    let currency = desk.bank.currency;
    let rows = made
        .allocations
        .iter()
        .flat_map(|one| rows(date, currency, one));
    let part = parts::put_part::<Allocations>(objects, date, "shares", rows).await?;
    let unsettled = unsettled::of(desk, &mut made).await?;
    let settled = settled(inputs, &made);
    let mut netted_now: Vec<Netted> = inputs
        .netted
        .iter()
        .map(|(date, cents)| Netted {
            date: *date,
            cents: *cents,
        })
        .collect();
    for one in &made.allocations {
        for cents in netted(one) {
            match one.reverses {
                None => netted_now.push(Netted { date, cents }),
                Some(_) => give_back(&mut netted_now, cents),
            }
        }
    }
    let windows = windows::of(inputs, &settled, &made);
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
        unsettled,
        netted: netted_now,
        of_sides: true,
        funding_facts: inputs.funding_facts,
        started_from: Vec::new(),
    })
}

fn rows(
    date: Date,
    currency: Currency,
    one: &Allocation,
) -> impl Iterator<Item = AllocationShare<'_>> {
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
            currency: Some(currency.as_str().into()),
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
        let reopened = made.reopened.contains(&one.id);
        let today = now.get(one.id.as_str()).map(|by| (*by).to_owned());
        let by = today
            .clone()
            .or_else(|| known.and_then(|(by, _)| (*by).clone()));
        let kept = known.and_then(|(_, closes)| *closes);
        let closes = match today {
            Some(_) => Some(remembered_until(inputs.date, one)),
            None if one.is_withdrawn() => kept.or(Some(remembered_until(inputs.date, one))),
            None if one.rejected => Some(Date::MAX), // it stands in a break
            None => kept,
        };
        let before = match reopened {
            true => Some(one.cents),
            false if one.is_withdrawn() => None, // nothing answered it
            false => before.get(one.id.as_str()).copied(),
        };
        Expected {
            before: before.unwrap_or_default(),
            by: by.filter(|_| !one.is_withdrawn()),
            closes,
            cut: inputs.cut_dates.get(&one.id).copied(),
            settles: inputs.settle.get(&one.id).copied(),
            one: one.clone(),
        }
    });
    all.collect()
}

fn remembered_until(date: Date, one: &Expectation) -> Date {
    match (one.kind, one.rejected) {
        (Kind::Side(..), true) if !one.is_withdrawn() => Date::MAX, // it stands in a break
        (Kind::Side(..), _) | (Kind::Return(..), true) => extended_return_deadline(date),
        (Kind::Return(..), false) | (Kind::Funding(_), _) => add_banking_days(date, REMEMBER_DAYS),
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
    let lines: BTreeMap<&str, &Receipt> = made
        .receipts
        .iter()
        .map(|one| (one.id.as_str(), one))
        .collect();
    let sides = made.settled.iter().filter_map(|entries| {
        let one = made.expectations.iter().find(|one| one.id == entries.id)?;
        let Kind::Side(key, direction) = one.kind else {
            return None;
        };
        let line = made
            .allocations
            .iter()
            .filter(|made| made.reverses.is_none())
            .filter(|made| made.expectations().any(|(id, _)| id == one.id))
            .flat_map(|made| made.receipts())
            .filter_map(|(id, _)| lines.get(id).copied())
            .max_by_key(|line| (line.value, &line.id));
        let Settled { on, impossible } =
            dates::settled(one.due, line.map(|line| line.value), one.since);
        // What was funded before it settled has settled no earlier than planned.
        let on = inputs.settle.get(&one.id).map_or(on, |day| on.max(*day));
        Some(SettledSide {
            key,
            direction,
            on,
            impossible,
            reference: line.map(|line| line.reference.clone()).unwrap_or_default(),
            except: entries.except.clone(),
            only: entries.only.clone(),
            times: entries.times,
        })
    });
    sides.collect()
}

/// A fee of this amount that the bank had kept came back: the last of them.
fn give_back(netted: &mut Vec<Netted>, cents: Cents) {
    if let Some(at) = netted.iter().rposition(|one| one.cents == cents) {
        netted.remove(at);
    }
}

/// The fees that an allocation lets the bank keep.
fn netted(allocation: &Allocation) -> impl Iterator<Item = Cents> + '_ {
    let fees = allocation.shares.iter();
    let fees = fees.filter(|share| matches!(share.item, Item::NettedFee(_)));
    fees.map(|share| SignedCents::magnitude(share.cents))
}
