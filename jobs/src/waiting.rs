//! What waits for its line on a statement: posting and reconciliation read the same list.

use crate::records::frozen::FrozenCut;
use crate::records::ingested::Ingested;
use crate::records::reconciled::{OpenBatch, Reconciled};
use settlement::ids::Direction;
use settlement::money::SignedCents;
use std::collections::BTreeSet;

/// The batches that wait on a date: those of before and those of its cuts, but none of a file
/// that the bank has rejected.
pub fn batches(before: &Reconciled, cuts: &[FrozenCut], files: &[Ingested]) -> Vec<OpenBatch> {
    let rejected: BTreeSet<&String> = files.iter().flat_map(|f| &f.rejected).collect();
    let mut open = before.open.clone();
    cuts.iter().for_each(|cut| of_cut(cut, &mut open));
    open.retain(|batch| !rejected.contains(&batch.file));
    open
}

fn of_cut(cut: &FrozenCut, open: &mut Vec<OpenBatch>) {
    for file in &cut.files {
        for batch in &file.batches {
            let sides = [Direction::Debit, Direction::Credit].map(|side| (side, batch.side(side)));
            for (direction, total) in sides.into_iter().filter(|(_, total)| !total.is_zero()) {
                let cents = total.saturating_signed();
                open.push(OpenBatch {
                    key: batch.key,
                    direction,
                    cents: account_view(direction, cents),
                    settles_on: batch.settles_on,
                    entries: u32::try_from(batch.entries).unwrap_or(u32::MAX),
                    file: file.at_bank.clone(),
                    cut_date: cut.date,
                });
            }
        }
    }
}

/// A direction's batches move our account down, the other's up.
pub fn account_view(direction: Direction, cents: SignedCents) -> SignedCents {
    match direction {
        Direction::Credit => SignedCents::new(cents.get().saturating_neg()),
        Direction::Debit => cents,
    }
}
