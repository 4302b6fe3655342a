//! What waits for its line on a statement: posting and reconciliation read the same list.

use super::account_view;
use super::carry::{OpenBatch, OpenReturn, Reconciled};
use crate::entries::FrozenCut;
use crate::ingest::Ingested;
use settlement::ids::Direction;
use settlement::reconcile::legs::l3;
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

impl OpenBatch {
    /// The batch as the leg sees it.
    pub fn leg(&self) -> l3::Batch {
        l3::Batch {
            key: self.key,
            direction: self.direction,
            cents: self.cents,
            settles_on: self.settles_on,
            entries: self.entries,
        }
    }

    /// The batch as breaks name it.
    pub fn name(&self) -> String {
        format!("{}/{}", self.key, self.direction.as_str())
    }
}

impl From<&l3::Returned> for OpenReturn {
    fn from(of: &l3::Returned) -> OpenReturn {
        OpenReturn {
            trace: of.trace,
            cents: of.cents,
            received: of.received,
        }
    }
}

impl From<&OpenReturn> for l3::Returned {
    fn from(of: &OpenReturn) -> l3::Returned {
        l3::Returned {
            trace: of.trace,
            cents: of.cents,
            received: of.received,
        }
    }
}
