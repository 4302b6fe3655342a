//! Allocate: from the lines of the bank's statements to what each of them answers.
//!
//! The rule is `settlement::allocate`; this job brings it what waits and what came, and keeps what
//! is left of both from day to day. Its record is the commit point of the date's reconciliation:
//! `post` books what it says, `reconcile` proves it. The facts in it are then projected into the
//! payments, each said once of its side: a side that settled makes its payments SUCCESS, but for
//! the entries that wait for an open break; a side whose every window is over makes them FINAL. A
//! run after a crash finds the record and projects it again, which changes nothing that is there;
//! the tally comes last, and no later job begins without it.

mod details;
mod inputs;
mod legacy;
mod outputs;
mod project;

use crate::catalog;
use crate::members::{self, Batches};
use crate::order::{all_sent, banking_day, in_order};
use crate::records;
use crate::records::allocated::Allocated;
use crate::stage;
use crate::start;
use crate::tally::Tally;
use desk::failure::{Failure, Result, too_large};
use desk::{Desk, names};
use inputs::Inputs;
use jiff::civil::Date;
use project::project;
pub use project::told_by;
use settlement::allocate::{self as rules, Expectation, Kind, Member};
use settlement::bank::netted::NettedFee;
use settlement::payment::Side;
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
    catalog::list(desk, done.date, &names::allocated(done.date), done).await?;
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
    let sides = inputs
        .expectations
        .iter()
        .chain(inputs.done.iter().map(|done| &done.expectation));
    let sides = sides.filter(|one| asked.contains(&one.id));
    let sides: BTreeMap<&str, Side> = sides
        .filter_map(|one| match one.kind {
            Kind::Side(batch, direction) => Some((one.id.as_str(), Side { batch, direction })),
            _ => None,
        })
        .collect();
    let mut batches = Batches::of(desk, sides.values().map(|side| side.batch)).await?;
    let mut members = BTreeMap::new();
    for (id, side) in sides {
        let of_side = batches.members(desk, side).await?;
        let of_side = of_side
            .iter()
            .map(member)
            .collect::<Result<Vec<Member>>>()?;
        members.insert(id.to_owned(), of_side);
    }
    Ok(members)
}

fn member(one: &members::Member) -> Result<Member> {
    let cents = one.direction.on_our_account(one.amount);
    Ok(Member {
        trace: one.trace,
        cents: cents.ok_or_else(|| too_large(&one.payment.to_string()))?,
    })
}
