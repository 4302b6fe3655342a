//! Holds: the funds of pulls become available when the ordinary return window of their side of a
//! batch is over. That is one fact of the side; it leaves out what came back before, and what has
//! not settled.

use crate::changes::tell_all;
use crate::members::Batches;
use crate::records::posted::{EndedHold, PostedDay};
use crate::records::reconciled::SettledBatch;
use crate::sides::SideOf;
use connectors::Telling;
use desk::Desk;
use desk::failure::{Failure, Result, too_large};
use desk::records::RESTORE;
use jiff::civil::Date;
use settlement::ids::{Direction, TraceNumber};
use settlement::money::Cents;
use settlement::payment::{Event, Payment, Side, SideFact, State};

/// The holds that end with the posting of `date`, as the payments stand.
///
/// # Errors
/// Where a side cannot be read.
pub(super) async fn ending(
    desk: &Desk,
    date: Date,
    windows: &[SettledBatch],
) -> Result<Vec<EndedHold>> {
    let due = windows.iter().filter(|one| {
        one.direction == Direction::Debit && one.hold_ends <= date && !one.hold_ended
    });
    let due: Vec<&SettledBatch> = due.collect();
    let mut batches = Batches::of(desk, due.iter().map(|one| one.key)).await?;
    let mut ended: Vec<EndedHold> = Vec::new();
    for one in due {
        let side = Side {
            batch: one.key,
            direction: one.direction,
        };
        // A side of which entries settled later has a window for them too; both end what is due.
        if ended.iter().any(|known| known.side == side) {
            continue;
        }
        let read = SideOf::read(desk, &mut batches, side).await?;
        let found = match told(&read, date)? {
            Some(found) => Some(found),
            None => of_side(desk, &read).await?,
        };
        let frozen = batches.get(one.key).ok_or_else(|| {
            Failure::findings(format!("batch {}: no frozen cut has it", one.key)).remedy(RESTORE)
        })?;
        ended.extend(found.map(|(except, cents)| EndedHold {
            side,
            originator: frozen.originator.clone(),
            except,
            cents,
        }));
    }
    Ok(ended)
}

/// Entries that a hold does not end for, and what becomes available of the others.
type Found = (Vec<TraceNumber>, Cents);

/// What was told of the date before its record was lost.
fn told(side: &SideOf, date: Date) -> Result<Option<Found>> {
    let mut facts = side.facts.iter().map(|fact| &fact.fact);
    let ended = facts.find(|fact| fact.event == Event::HoldEnded && fact.date == date);
    let found = ended.map(|fact| {
        let ends = side.members.iter().filter(|one| fact.concerns(one.trace));
        let cents = Cents::sum(ends.map(|one| one.amount));
        let cents = cents.ok_or_else(|| too_large(&side.side.to_string()))?;
        Ok((fact.except.clone(), cents))
    });
    found.transpose()
}

/// The entries of a side whose holds do not end now, and what becomes available; nothing where
/// that is nothing.
async fn of_side(desk: &Desk, side: &SideOf) -> Result<Option<Found>> {
    let (mut except, mut cents, mut any) = (Vec::new(), Cents::ZERO, false);
    for alike in side.alike(&*desk.ports.payments).await? {
        if !is_held(&alike.one) {
            except.extend(alike.members.iter().map(|member| member.trace));
            continue;
        }
        any = true;
        let amounts = alike.members.iter().map(|member| member.amount);
        let sum = Cents::sum(amounts).and_then(|sum| cents.checked_add(sum));
        cents = sum.ok_or_else(|| too_large(&side.side.to_string()))?;
    }
    except.sort_unstable();
    Ok(any.then_some((except, cents)))
}

/// Whether a pull has settled and its originator cannot spend it yet.
fn is_held(payment: &Payment) -> bool {
    payment.state == State::Success && !payment.hold_ended
}

/// Brings the holds that ended into the payments.
///
/// # Errors
/// Where the store does not answer.
pub(super) async fn project(desk: &Desk, posted: &PostedDay) -> Result<()> {
    tell_all(desk, told_by(desk, posted)?).await
}

/// The facts that a posting tells.
///
/// # Errors
/// Never, as long as the end of a hold is of sides.
pub fn told_by(desk: &Desk, posted: &PostedDay) -> Result<Vec<Telling>> {
    let (date, at) = (posted.date, desk.moment(posted.date));
    let facts = posted.holds.iter().map(|one| {
        let fact = SideFact::new(Event::HoldEnded, date, at, one.except.clone());
        let fact = fact.map_err(|e| Failure::impossible(e.to_string()))?;
        Ok(Telling {
            side: one.side,
            fact,
        })
    });
    facts.collect()
}
