//! The legs over a day's inputs.

use crate::reconcile::inputs::Inputs;
use desk::failure::{Failure, Result, Status};
use settlement::reconcile::legs::{BreakKind, Leg, Outcome, l2, l3, l4, l5};
use std::collections::BTreeSet;

/// What the legs found.
pub struct Legs {
    pub l0: Outcome,
    pub l1: Outcome,
    pub l2: Outcome,
    pub l3: Outcome,
    pub l4: Outcome,
    pub l5: Outcome,
}

impl Legs {
    pub fn run(inputs: &Inputs) -> Result<Legs> {
        let kernel = |e: settlement::reconcile::kernel::KernelError| {
            let otherwise = "nothing was reconciled: keep everything as it is and report it";
            Failure::advised(Status::Findings, format!("reconcile: {e}"), otherwise)
        };
        let l1 = inputs.l1.found.clone();
        let l2 = l2::reconcile(&inputs.l2.answers, &inputs.l2.entries, &inputs.l2.ingested);
        let (expectations, receipts) = (inputs.l3.expectations(), inputs.l3.receipts());
        let l3 = l3::reconcile(&l3::Input {
            expectations: &expectations,
            receipts: &receipts,
            allocations: inputs.l3.allocations(),
            findings: &inputs.l3.allocated.findings,
            billed: &inputs.books.billed,
            strangers: &strangers(inputs, &l2),
        });
        let l4 = l4::reconcile(&inputs.l4.bank, &inputs.l4.ledger, &inputs.l4.statements)
            .map_err(kernel)?;
        let l5 = l5::reconcile(&l5::Input {
            balances: &inputs.l5.balances,
            waits: &inputs.l5.waits,
            cash: &inputs.l5.cash,
            explained: &inputs.l5.explained,
        });
        let l0 = inputs.l0.found.clone();
        let legs = Legs {
            l0,
            l1,
            l2,
            l3,
            l4,
            l5,
        };
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
            (Leg::L0, &self.l0),
            (Leg::L1, &self.l1),
            (Leg::L2, &self.l2),
            (Leg::L3, &self.l3),
            (Leg::L4, &self.l4),
            (Leg::L5, &self.l5),
        ]
        .into_iter()
    }
}

/// The traces of returns that answer no entry of ours.
fn strangers(inputs: &Inputs, l2: &Outcome) -> BTreeSet<String> {
    let before = inputs
        .before
        .breaks
        .iter()
        .filter(|b| b.is_open() && b.leg == Leg::L2);
    let before = before
        .filter(|b| b.kind == BreakKind::ReturnUnmatched)
        .map(|b| b.key.clone());
    let unmatched = l2
        .breaks
        .iter()
        .filter(|b| b.kind == BreakKind::ReturnUnmatched);
    unmatched
        .map(|found| found.key.clone())
        .chain(before)
        .collect()
}
