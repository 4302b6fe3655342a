//! What a reconciliation carries to the next: the answers that came, and where statements end.

use crate::reconcile::inputs::Inputs;
use crate::records::reconciled::{Answered, Closing};
use desk::failure::{Result, too_large};
use jiff::civil::Date;
use settlement::money::SignedCents;
use settlement::returns::oldest_original;
use std::collections::BTreeMap;

/// The last date that a version reconciled which allocated nothing: what is open of then stays so
/// until somebody resolves it.
pub fn legacy_until(inputs: &Inputs) -> Option<Date> {
    let first = inputs.l3.allocated.previous.is_none();
    let before = (inputs.before.date < inputs.date).then_some(inputs.before.date);
    inputs.before.legacy_until.or(before.filter(|_| first))
}

/// The answers that are remembered: as long as their entries can be answered.
pub fn answered(inputs: &Inputs) -> Vec<Answered> {
    let oldest = oldest_original(inputs.date);
    let kept = inputs
        .before
        .answered
        .iter()
        .filter(|answer| answer.received >= oldest)
        .copied();
    let new = inputs.l2.answers.iter().map(|answer| Answered {
        trace: answer.original_trace,
        change: answer.kind.is_notice(),
        received: answer.received,
    });
    let mut all: Vec<_> = kept.chain(new).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// The closing balance of each account's last statement, and what was posted since the first.
///
/// # Errors
/// Where what was posted does not fit.
pub fn closing(inputs: &Inputs) -> Result<BTreeMap<String, Closing>> {
    let mut closing = inputs.before.closing.clone();
    let cash = || too_large("cash posted");
    let posted = SignedCents::sum(inputs.l4.ledger.iter().map(|line| line.cents));
    let posted = posted.ok_or_else(cash)?;
    for head in inputs.files.iter().flat_map(|file| &file.statements) {
        let (Some(opening), Some(cents)) = (head.opening, head.closing) else {
            continue;
        };
        let fresh = Closing {
            date: head.as_of,
            cents,
            opened: opening,
            posted: SignedCents::ZERO,
        };
        let last = closing.entry(head.account_last4.clone()).or_insert(fresh);
        if last.date <= head.as_of {
            (last.date, last.cents) = (head.as_of, cents);
        }
    }
    for last in closing.values_mut() {
        last.posted = last.posted.checked_add(posted).ok_or_else(cash)?;
    }
    Ok(closing)
}
