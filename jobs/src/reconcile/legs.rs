//! The four legs over a day's inputs, and what they leave settled.

use crate::reconcile::inputs::Inputs;
use crate::records::reconciled::OpenBatch;
use desk::Desk;
use desk::failure::{Failure, Result, Status};
use settlement::dates::{self, Settled};
use settlement::ids::{BatchKey, Direction};
use settlement::reconcile::legs::{BreakKind, Leg, Outcome, l1, l2, l3, l4};
use std::collections::BTreeSet;

/// What the four legs found.
pub struct Legs {
    pub l1: Outcome,
    pub l2: Outcome,
    pub l3: Outcome,
    pub l4: Outcome,
}

impl Legs {
    pub fn run(desk: &Desk, inputs: &Inputs) -> Result<Legs> {
        let kernel = |e: settlement::reconcile::kernel::KernelError| {
            let otherwise = "nothing was reconciled: keep everything as it is and report it";
            Failure::advised(Status::Findings, format!("reconcile: {e}"), otherwise)
        };
        let l1 = l1::reconcile(&inputs.l1.claimed, &inputs.l1.sent).map_err(kernel)?;
        let l2 = l2::reconcile(&inputs.l2.answers, &inputs.l2.entries, &inputs.l2.ingested);
        let of_batch = |key: BatchKey, direction: Direction| inputs.l3.of_batch(key, direction);
        let returns = inputs.returns_for_money();
        let l3 = l3::reconcile(&l3::Input {
            today: inputs.date,
            sla_days: inputs.sla_days,
            tolerance: desk.bank.tolerance.rounding_cents,
            fees: &desk.bank.netted_fees,
            batches: &inputs.l3.batches,
            returns: &returns,
            lines: &inputs.l3.lines,
            earlier: &inputs.before.seen,
            billed: &inputs.books.billed,
            entries: &of_batch,
        })
        .map_err(kernel)?;
        let l4 = l4::reconcile(&inputs.l4.bank, &inputs.l4.ledger, &inputs.l4.statements)
            .map_err(kernel)?;
        let legs = Legs { l1, l2, l3, l4 };
        for conservation in legs.all().map(|(_, outcome)| &outcome.conservation) {
            if !conservation.holds() {
                return Err(Failure::impossible(format!(
                    "a leg lost a record: {conservation}"
                )));
            }
        }
        Ok(legs)
    }

    /// Every leg with its outcome.
    pub fn all(&self) -> impl Iterator<Item = (Leg, &Outcome)> {
        [
            (Leg::L1, &self.l1),
            (Leg::L2, &self.l2),
            (Leg::L3, &self.l3),
            (Leg::L4, &self.l4),
        ]
        .into_iter()
    }
}

/// Whether an L3 break leaves the batch settled all the same.
fn settles(kind: BreakKind) -> bool {
    matches!(
        kind,
        BreakKind::FeeNetted | BreakKind::Rounding | BreakKind::MissingAtBank
    )
}

/// What met its line today, by the name that breaks give it, whether or not they agree: it waits
/// for no other.
pub fn answered_today(inputs: &Inputs, l3: &Outcome) -> BTreeSet<String> {
    let batches = l3
        .matches
        .iter()
        .filter_map(|pair| inputs.l3.open.get(pair.left));
    let met = l3.breaks.iter().filter(|b| b.right.is_some());
    let met = met.filter_map(|b| b.left.clone());
    batches.map(OpenBatch::name).chain(met).collect()
}

/// When a batch settled that met the line at a place: on the line's value date, and as planned
/// where that is of a day on which the bank did not have the file yet.
pub fn settled_on(inputs: &Inputs, (key, direction, at): (BatchKey, Direction, usize)) -> Settled {
    let value = inputs.l3.lines[at].value_date;
    let mut open = inputs.l3.open.iter();
    match open.find(|batch| (batch.key, batch.direction) == (key, direction)) {
        Some(batch) => dates::settled(batch.settles_on, Some(value), batch.cut_date),
        None => dates::settled(value, Some(value), key.date()),
    }
}

/// The batches that settled today, with the lines that settled them.
pub fn settled_today(inputs: &Inputs, l3: &Outcome) -> Vec<(BatchKey, Direction, usize)> {
    let mut settled = Vec::new();
    for pair in &l3.matches {
        if let Some(batch) = inputs.l3.batches.get(pair.left) {
            settled.push((batch.key, batch.direction, pair.right));
        }
    }
    for found in l3.breaks.iter().filter(|b| settles(b.kind)) {
        let line = found.right.as_ref();
        let line = line.and_then(|id| inputs.l3.lines.iter().position(|l| l.id == *id));
        let Some((at, key)) = line.and_then(|at| Some((at, inputs.l3.lines[at].batch?))) else {
            continue;
        };
        let side = inputs.l3.lines[at].role.side();
        settled.extend(side.map(|side| (key, side, at)));
    }
    settled.sort_unstable();
    settled.dedup();
    settled
}
