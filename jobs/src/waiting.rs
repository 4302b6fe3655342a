//! What waits for its line on a statement: posting and reconciliation read the same list.

use crate::records::Read;
use crate::records::frozen::FrozenCut;
use crate::records::ingested::Ingested;
use crate::records::reconciled::{OpenBatch, Reconciled};
use desk::failure::{Failure, Result, too_large};
use settlement::ids::Direction;
use std::collections::BTreeSet;

/// The batches that wait on a date: those of before and those of its cuts, but none of a file
/// that the bank has rejected, and no batch that it has rejected alone.
///
/// # Errors
/// Where what a batch moves does not fit.
pub fn batches(
    before: &Reconciled,
    cuts: &[Read<FrozenCut>],
    files: &[Read<Ingested>],
) -> Result<Vec<OpenBatch>> {
    let rejected: BTreeSet<&String> = files.iter().flat_map(|f| &f.rejected).collect();
    let mut open = before.open.clone();
    cuts.iter().try_for_each(|cut| of_cut(cut, &mut open))?;
    let alone: BTreeSet<_> = files.iter().flat_map(|f| &f.rejected_batches).collect();
    open.retain(|batch| !rejected.contains(&batch.file) && !alone.contains(&batch.key));
    Ok(open)
}

fn of_cut(cut: &FrozenCut, open: &mut Vec<OpenBatch>) -> Result<()> {
    for file in &cut.files {
        for batch in &file.batches {
            let sides = [Direction::Debit, Direction::Credit].map(|side| (side, batch.side(side)));
            for (direction, total) in sides.into_iter().filter(|(_, total)| !total.is_zero()) {
                let cents = direction.on_our_account(total);
                let many = |_| Failure::damaged(format!("{}: too many entries", batch.key));
                open.push(OpenBatch {
                    key: batch.key,
                    direction,
                    cents: cents.ok_or_else(|| too_large(&batch.key.to_string()))?,
                    settles_on: batch.settles_on,
                    entries: u32::try_from(batch.entries).map_err(many)?,
                    file: file.at_bank.clone(),
                    cut_date: cut.date,
                });
            }
        }
    }
    Ok(())
}
