//! What a reconciliation carries to the next: the answers that came.

use crate::reconcile::inputs::Inputs;
use crate::records::reconciled::Answered;
use jiff::civil::Date;
use settlement::returns::oldest_original;

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
