//! What a reconciliation carries to the next: the answers that came.

use crate::reconcile::inputs::Inputs;
use jiff::civil::Date;
use settlement::returns::{Told, oldest_original};

/// The last date that a version reconciled which allocated nothing: what is open of then stays so
/// until somebody resolves it.
pub fn legacy_until(inputs: &Inputs) -> Option<Date> {
    let first = inputs.l3.allocated.previous.is_none();
    let before = (inputs.before.date < inputs.date).then_some(inputs.before.date);
    inputs.before.legacy_until.or(before.filter(|_| first))
}

/// The answers that are remembered: as long as their entries can be answered in time.
pub fn answered(inputs: &Inputs) -> Vec<Told> {
    let oldest = oldest_original(inputs.date);
    let kept = inputs
        .before
        .answered
        .iter()
        .filter(|answer| answer.received >= oldest)
        .cloned();
    let mut all: Vec<_> = kept.chain(inputs.l2.told()).collect();
    all.sort_unstable();
    all.dedup();
    all
}
