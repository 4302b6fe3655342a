//! Refunds and reversals whose original did not stay settled: they do not go.
//!
//! Whoever asked for one was told that the original stands. Since then the bank may have returned
//! it, and what gives it back as well would pay twice. The cut is the last moment at which that
//! can still be seen, whoever did what in which order: so here it is asked, of each that waits,
//! and what must not go is denied, with the reason, before anything is claimed.

use crate::changes::apply_all;
use connectors::Change;
use desk::Desk;
use desk::failure::Result;
use jiff::{Timestamp, civil::Date};
use settlement::ids::{CutId, PaymentId};
use settlement::payment::{Event, Payment};
use settlement::reversal::{Withheld, withheld};
use std::collections::BTreeMap;

/// Those of `page` that must not go with the cut of `date`, and why.
///
/// # Errors
/// Where the store does not answer.
pub async fn of(
    desk: &Desk,
    page: &[Payment],
    date: Date,
) -> Result<BTreeMap<PaymentId, Withheld>> {
    let giving: Vec<(&Payment, PaymentId)> = page
        .iter()
        .filter_map(|payment| Some((payment, payment.gives_back()?)))
        .collect();
    if giving.is_empty() {
        return Ok(BTreeMap::new());
    }
    let ids: Vec<PaymentId> = giving.iter().map(|(_, of)| *of).collect();
    let originals = desk.ports.payments.get(&ids).await?;
    let found = giving.iter().zip(originals);
    let found = found.filter_map(|((giving, _), original)| {
        Some((giving.id, withheld(giving, &original?, date)?))
    });
    Ok(found.collect())
}

/// `page` without those that must not go; what can never go is denied.
///
/// # Errors
/// As [`of`].
pub async fn leave_out(
    desk: &Desk,
    cut: &CutId,
    (date, at): (Date, Timestamp),
    mut page: Vec<Payment>,
) -> Result<Vec<Payment>> {
    let out = of(desk, &page, date).await?;
    if out.is_empty() {
        return Ok(page);
    }
    let mut changes = Vec::new();
    for payment in &page {
        let Some(reason) = out.get(&payment.id).and_then(|why| why.reason()) else {
            continue;
        };
        tracing::warn!(payment = %payment.id, reason, "it does not go");
        changes.push(Ok(Change {
            payment: payment.id,
            expected_version: Some(payment.version),
            event: Event::Denied { reason },
            date,
            at,
        }));
    }
    // What somebody else has cancelled meanwhile does not go either.
    apply_all(desk, &cut.0, changes).await?;
    page.retain(|payment| !out.contains_key(&payment.id));
    Ok(page)
}
