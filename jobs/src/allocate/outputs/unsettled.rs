//! Sides of which the bank took back what had settled them: what had become available to their
//! originators by then stays so, and is shown as exposure.

use crate::members::Batches;
use crate::records::allocated::UnsettledSide;
use crate::sides::SideOf;
use desk::Desk;
use desk::failure::{Result, too_large};
use jiff::civil::Date;
use settlement::allocate::{Kind, Outcome};
use settlement::ids::Direction;
use settlement::money::Cents;
use settlement::payment::Side;

/// The sides, and on their expectations since when their windows run and what is exposed.
pub async fn of(desk: &Desk, made: &mut Outcome) -> Result<Vec<UnsettledSide>> {
    let mut sides = Vec::new();
    let keys = made.unsettled.iter().filter_map(|entries| {
        let one = made.expectations.iter().find(|one| one.id == entries.id)?;
        match one.kind {
            Kind::Side(key, _) => Some(key),
            _ => None,
        }
    });
    let mut batches = Batches::of(desk, keys).await?;
    for entries in &made.unsettled {
        let mut all = made.expectations.iter_mut();
        let Some(one) = all.find(|one| one.id == entries.id) else {
            continue;
        };
        let Kind::Side(key, direction) = one.kind else {
            continue;
        };
        let side = UnsettledSide {
            key,
            direction,
            allocation: one
                .undone
                .as_ref()
                .map(|undone| undone.by.clone())
                .unwrap_or_default(),
            times: entries.times,
            except: entries.except.clone(),
            only: entries.only.clone(),
        };
        let (first, available) = so_far(desk, &mut batches, &side).await?;
        if let Some(undone) = &mut one.undone {
            undone.first = undone.first.or(first);
            undone.available = available;
        }
        sides.push(side);
    }
    Ok(sides)
}

/// The day on which a side settled first, from which its windows run; and what of its pulls its
/// originators can spend: their holds have ended, and they have not come back.
async fn so_far(
    desk: &Desk,
    batches: &mut Batches,
    side: &UnsettledSide,
) -> Result<(Option<Date>, Cents)> {
    let (batch, direction) = (side.key, side.direction);
    let read = SideOf::read(desk, batches, Side { batch, direction }).await?;
    let (mut first, mut sum) = (None, Cents::ZERO);
    for alike in read.alike(&*desk.ports.payments).await? {
        let members = alike.members.iter().filter(|one| side.is_of(one.trace));
        let amounts: Vec<Cents> = members.map(|one| one.amount).collect();
        if amounts.is_empty() {
            continue;
        }
        let payment = &alike.one;
        first = first.into_iter().chain(payment.settled_on).min();
        let out = payment.hold_ended && payment.is_settled() && payment.returned.is_none();
        if out && direction == Direction::Debit {
            let more = Cents::sum(amounts).and_then(|more| sum.checked_add(more));
            sum = more.ok_or_else(|| too_large(&batch.to_string()))?;
        }
    }
    Ok((first, sum))
}
