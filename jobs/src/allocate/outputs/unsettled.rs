//! Sides of which the bank took back what had settled them: what had become available to their
//! originators by then stays so, and is shown as exposure.

use crate::records::allocated::UnsettledSide;
use connectors::Index;
use desk::failure::{Result, too_large};
use desk::{CHUNK, Desk};
use jiff::civil::Date;
use settlement::allocate::{Kind, Outcome};
use settlement::ids::Direction;
use settlement::money::Cents;

/// The sides, and on their expectations since when their windows run and what is exposed.
pub async fn of(desk: &Desk, made: &mut Outcome) -> Result<Vec<UnsettledSide>> {
    let mut sides = Vec::new();
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
        let (first, available) = so_far(desk, &side).await?;
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
async fn so_far(desk: &Desk, side: &UnsettledSide) -> Result<(Option<Date>, Cents)> {
    let (mut after, mut first, mut sum) = (None, None, Cents::ZERO);
    loop {
        let index = Index::Batch(side.key);
        let page = desk.ports.payments.page(index, after, CHUNK).await?;
        let Some(last) = page.last() else {
            return Ok((first, sum));
        };
        after = Some(last.id);
        for payment in page.iter().filter(|payment| side.is_of(payment)) {
            first = first.into_iter().chain(payment.settled_on).min();
            let out = payment.hold_ended && payment.is_settled() && payment.returned.is_none();
            if out && side.direction == Direction::Debit {
                let more = sum.checked_add(payment.order.amount);
                sum = more.ok_or_else(|| too_large(&side.key.to_string()))?;
            }
        }
    }
}
