//! Brings what an allocation says into the payments: of whole sides as one fact each, of single
//! entries, which settled after the others or not any more, as events of their payments.

use crate::allocate::outputs::windows::is_over;
use crate::changes::{apply_all, tell_all};
use crate::members::Batches;
use crate::records::allocated::{Allocated, SettledSide, UnsettledSide};
use connectors::{Change, Telling};
use desk::Desk;
use desk::failure::{Failure, Result};
use settlement::ids::{BatchKey, Direction, PaymentId, TraceNumber};
use settlement::payment::{Event, Side, SideFact};
use std::collections::BTreeSet;

/// Brings what was taken back, what settled, and what is final, into the payments, in this order.
///
/// # Errors
/// Where the store does not answer, or a cut's list cannot be read.
pub(super) async fn project(desk: &Desk, done: &Allocated) -> Result<()> {
    let said = said(done);
    let single = said.iter().filter(|(.., (_, only))| !only.is_empty());
    let mut batches = Batches::of(desk, single.map(|(side, ..)| side.batch)).await?;
    let mut facts = Vec::new();
    for (side, event, (except, only)) in said {
        if only.is_empty() {
            facts.push(fact(desk, done, side, event, except)?);
            continue;
        }
        // What was said before of the side comes before what is said of its entries.
        tell(desk, &mut facts).await?;
        to_entries(desk, done, &mut batches, (side, event, only)).await?;
    }
    tell(desk, &mut facts).await
}

/// The facts of sides that an allocation tells.
///
/// # Errors
/// Never, as long as what it says is of sides.
pub fn told_by(desk: &Desk, done: &Allocated) -> Result<Vec<Telling>> {
    let of_sides = said(done)
        .into_iter()
        .filter(|(.., (_, only))| only.is_empty());
    let facts = of_sides.map(|(side, event, (except, _))| fact(desk, done, side, event, except));
    facts.collect()
}

/// All that an allocation says, of sides and of single entries of them.
fn said(done: &Allocated) -> Vec<(Side, Event, Entries<'_>)> {
    let mut said: Vec<(Side, Event, Entries<'_>)> = Vec::new();
    for one in &done.unsettled {
        said.push((
            side(one.key, one.direction),
            undone(one),
            (&one.except, &one.only),
        ));
    }
    for one in &done.settled {
        said.push((
            side(one.key, one.direction),
            settled(one),
            (&one.except, &one.only),
        ));
    }
    for one in done.windows.iter().filter(|one| is_over(one, done.date)) {
        said.push((side(one.key, one.direction), Event::Closed, (&[], &[])));
    }
    said
}

const fn side(batch: BatchKey, direction: Direction) -> Side {
    Side { batch, direction }
}

/// The entries that a fact is not about, and the only ones that it is about.
type Entries<'a> = (&'a [TraceNumber], &'a [TraceNumber]);

fn undone(one: &UnsettledSide) -> Event {
    Event::SettlementUndone {
        allocation: one.allocation.clone(),
        times: one.times,
    }
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

fn fact(
    desk: &Desk,
    done: &Allocated,
    side: Side,
    event: Event,
    except: &[TraceNumber],
) -> Result<Telling> {
    let fact = SideFact::new(event, done.date, desk.moment(done.date), except.to_vec());
    let fact = fact.map_err(|e| Failure::impossible(e.to_string()))?;
    Ok(Telling { side, fact })
}

async fn tell(desk: &Desk, facts: &mut Vec<Telling>) -> Result<()> {
    let facts = std::mem::take(facts);
    if !facts.is_empty() {
        tell_all(desk, facts).await?;
    }
    Ok(())
}

/// Applies an event to single entries of a side; a payment whose state refuses it stays.
async fn to_entries(
    desk: &Desk,
    done: &Allocated,
    batches: &mut Batches,
    (side, event, only): (Side, Event, &[TraceNumber]),
) -> Result<()> {
    let only: BTreeSet<TraceNumber> = only.iter().copied().collect();
    let members = batches.members(desk, side).await?;
    let members = members.iter().filter(|one| only.contains(&one.trace));
    let (date, at) = (done.date, desk.moment(done.date));
    let change = |payment: PaymentId| Change {
        payment,
        expected_version: None,
        event: event.clone(),
        date,
        at,
    };
    let about = format!("batch {}", side.batch);
    let changes = members.map(|one| Ok(change(one.payment)));
    // Those that came back, were undone or are final already do not take it, and stay.
    apply_all(desk, &about, changes).await?;
    Ok(())
}
