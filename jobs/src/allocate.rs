//! Allocate: from the lines of the bank's statements to what each of them answers.
//!
//! The rule is `settlement::allocate`; this job brings it what waits and what came, and keeps what
//! is left of both from day to day. Its record is the commit point of the date's reconciliation:
//! `post` books what it says, `reconcile` proves it. The facts in it are then projected into the
//! payments: a side that settled makes its payments SUCCESS, but for the entries that wait for an
//! open break; a side whose every window is over makes them FINAL. A run after a crash finds the
//! record and projects it again, which changes nothing that is there; the tally comes last, and no
//! later job begins without it.

mod details;
mod inputs;
mod legacy;
mod outputs;

use crate::catalog;
use crate::changes::apply_all;
use crate::order::{all_sent, banking_day, in_order};
use crate::parts;
use crate::records;
use crate::records::allocated::{Allocated, SettledSide};
use crate::stage;
use crate::start;
use crate::tally::Tally;
use connectors::{Change, Index};
use desk::failure::{Failure, Result};
use desk::{CHUNK, Desk, names};
use formats::tables::AchEntry;
use inputs::Inputs;
use jiff::civil::Date;
use outputs::windows::is_over;
use settlement::allocate::{self as rules, Expectation, Kind, Member};
use settlement::bank::netted::NettedFee;
use settlement::ids::BatchKey;
use settlement::payment::{Event, Payment};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Allocates `date`.
///
/// # Errors
/// Where a file of the date is not delivered, or an input cannot be read.
pub async fn run(desk: &Desk, date: Date) -> Result<Tally> {
    banking_day(date)?;
    let objects = &*desk.ports.objects;
    if let Some(done) = records::get::<Allocated>(objects, &names::allocated(date)).await? {
        return close(desk, &done).await;
    }
    in_order(desk, date).await?;
    all_sent(desk, date).await?;
    let start = start::of_allocation(desk, date).await?;
    stage::next("read", None);
    let inputs = Inputs::read(desk, date, &start).await?;
    stage::next("allocate", None);
    let made = allocated(desk, &inputs).await?;
    stage::next("write", None);
    let mut done = outputs::record(desk, &inputs, made).await?;
    done.started_from = start.sources;
    records::put(objects, &names::allocated(date), &done).await?;
    close(desk, &done).await
}

/// Refuses to go on from an allocation whose facts are not all in the payments yet.
///
/// # Errors
/// Exit status 2, with what to run first.
pub async fn finished(desk: &Desk, date: Date) -> Result<()> {
    let ran = names::run(date, "allocate");
    match records::get::<Tally>(&*desk.ports.objects, &ran).await? {
        Some(_) => Ok(()),
        None => Err(Failure::usage(format!("{date} is not allocated yet"))
            .remedy(format!("run tieout allocate --date {date} first"))),
    }
}

async fn close(desk: &Desk, done: &Allocated) -> Result<Tally> {
    let objects = &*desk.ports.objects;
    catalog::list(objects, done.date, &names::allocated(done.date), done).await?;
    stage::next("settle", None);
    project(desk, done).await?;
    tally(done)?.close(desk).await
}

/// Receipts in; allocated, and left.
fn tally(done: &Allocated) -> Result<Tally> {
    let mut tally = Tally::new("allocate", done.date);
    for received in &done.receipts {
        let (before, left) = (received.before, received.one.remainder);
        tally.take(1, before)?;
        let wrong = || Failure::impossible(format!("{}: more is left than was", received.one.id));
        let gone = before.checked_sub(left).ok_or_else(wrong)?;
        tally.give("allocated", u64::from(left.is_zero()), gone)?;
        tally.give("left", u64::from(!left.is_zero()), left)?;
    }
    tally.note("allocations", done.allocations.len());
    tally.note("waiting", done.open().count());
    Ok(tally)
}

/// Runs the rules; twice where they ask for the entries of a side, which are read in between.
async fn allocated(desk: &Desk, inputs: &Inputs) -> Result<rules::Outcome> {
    let asked = RefCell::new(BTreeSet::new());
    let ask = |one: &Expectation| {
        asked.borrow_mut().insert(one.id.clone());
        Vec::new()
    };
    let fees: Vec<NettedFee> = desk
        .bank
        .netted_fees
        .iter()
        .map(|terms| terms.fee())
        .collect();
    let run = |members: &dyn Fn(&Expectation) -> Vec<Member>| {
        rules::allocate(&rules::Input {
            today: inputs.date,
            sla_days: desk.bank.tolerance.settlement_days,
            rounding: desk.bank.tolerance.settlement_cents,
            fees: &fees,
            netted_before: &inputs.netted,
            expectations: &inputs.expectations,
            receipts: &inputs.receipts,
            done: &inputs.done,
            taken_back: &inputs.taken_back,
            earlier: &inputs.earlier,
            members,
        })
    };
    let first = run(&ask);
    let asked = asked.into_inner();
    if asked.is_empty() {
        return Ok(first);
    }
    let members = members(desk, inputs, &asked).await?;
    Ok(run(&|one| {
        members.get(&one.id).cloned().unwrap_or_default()
    }))
}

/// The entries of the sides that were asked for.
async fn members(
    desk: &Desk,
    inputs: &Inputs,
    asked: &BTreeSet<String>,
) -> Result<BTreeMap<String, Vec<Member>>> {
    let cuts = asked.iter().filter_map(|id| inputs.cut_dates.get(id));
    let dates: BTreeSet<Date> = cuts.copied().collect();
    let mut members: BTreeMap<String, Vec<Member>> = BTreeMap::new();
    for date in dates {
        for cut in parts::frozen_on(desk, date).await? {
            for row in parts::of_cut(desk, &cut).await? {
                let id = Kind::side_id(row.batch.parse()?, row.direction.parse()?);
                if asked.contains(&id) {
                    members.entry(id).or_default().push(member(&row)?);
                }
            }
        }
    }
    Ok(members)
}

fn member(row: &AchEntry<'_>) -> Result<Member> {
    let entry = parts::sent(row)?;
    Ok(Member {
        trace: entry.trace,
        cents: entry.cents,
    })
}

/// Brings what was taken back, what settled, and what is final, into the payments.
async fn project(desk: &Desk, done: &Allocated) -> Result<()> {
    for side in &done.unsettled {
        let event = |payment: &Payment| {
            side.is_of(payment).then(|| Event::SettlementUndone {
                allocation: side.allocation.clone(),
                times: side.times,
            })
        };
        to_batch(desk, done.date, side.key, event).await?;
    }
    for side in &done.settled {
        let event = |payment: &Payment| side.is_of(payment).then(|| settled(side));
        to_batch(desk, done.date, side.key, event).await?;
    }
    let over = done.windows.iter().filter(|one| is_over(one, done.date));
    for side in over {
        let event = |payment: &Payment| {
            (payment.order.direction == side.direction).then_some(Event::Closed)
        };
        to_batch(desk, done.date, side.key, event).await?;
    }
    Ok(())
}

fn settled(side: &SettledSide) -> Event {
    let (bank_reference, on, times) = (side.reference.clone(), side.on, side.times);
    match times {
        0 => Event::Settled { bank_reference, on },
        _ => Event::SettledAgain {
            bank_reference,
            on,
            times,
        },
    }
}

/// Applies an event to the payments of a batch; a payment whose state refuses it stays.
async fn to_batch(
    desk: &Desk,
    date: Date,
    batch: BatchKey,
    event: impl Fn(&Payment) -> Option<Event>,
) -> Result<()> {
    let (mut after, at) = (None, desk.moment(date));
    loop {
        let page = desk
            .ports
            .payments
            .page(Index::Batch(batch), after, CHUNK)
            .await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = Some(last.id);
        let change = |(payment, event)| Change {
            payment,
            expected_version: None,
            event,
            date,
            at,
        };
        let events = page.iter().filter_map(|p| Some((p.id, event(p)?)));
        let about = format!("batch {batch}");
        // Those that came back, were undone or are final already do not take it, and stay.
        apply_all(desk, &about, events.map(change).map(Ok)).await?;
    }
}
