//! Why a batch and its statement line differ, where one reason fits.

use super::naming::about_batch;
use super::rows::{Batch, Input, Line};
use crate::ids::TraceNumber;
use crate::reconcile::legs::{BreakKind, Details, difference};

/// The break of a batch and its line of another amount.
///
/// A fee explains money that went out beyond the batch; one missing entry explains its exact
/// amount. Where a fee and an entry, or two entries, explain it equally well, nobody picks.
pub(super) fn explain(input: &Input<'_>, batch: &Batch, line: &Line) -> (BreakKind, Details) {
    let off = difference(batch.cents, line.cents);
    let say = |kind, why: String| {
        let details = Details {
            cents: off,
            right: Some(line.id.clone()),
            ..about_batch(batch, &why)
        };
        (kind, details)
    };
    let is_fee = off.get() < 0 && input.fees.contains(&off.magnitude());
    let absent: Vec<TraceNumber> = (input.entries)(batch.key, batch.direction)
        .into_iter()
        .filter(|(_, cents)| cents.checked_neg() == Some(off))
        .map(|(trace, _)| trace)
        .collect();
    match (is_fee, absent.as_slice()) {
        (true, []) => say(
            BreakKind::FeeNetted,
            format!("a fee of {} netted", off.magnitude()),
        ),
        (false, [trace]) => {
            let (kind, details) = say(
                BreakKind::MissingAtBank,
                format!("one entry of {} is absent", off.magnitude()),
            );
            (
                kind,
                Details {
                    key: trace.to_string(),
                    ..details
                },
            )
        }
        (_, [_, ..]) => say(
            BreakKind::Ambiguous,
            format!("several reasons explain a difference of {off}"),
        ),
        (false, []) if off.magnitude() <= input.tolerance => say(
            BreakKind::Rounding,
            format!("within tolerance, off by {off}"),
        ),
        (false, []) => say(
            BreakKind::Amount,
            format!("expected {}, the bank says {}", batch.cents, line.cents),
        ),
    }
}
