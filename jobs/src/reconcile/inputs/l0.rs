//! L0: the payments on their way, against what is expected.

use crate::reconcile::inputs::l3::L3Inputs;
use crate::records::reconciled::Reconciled;
use connectors::{Index, PaymentStore};
use desk::CHUNK;
use desk::failure::Result;
use settlement::ids::TraceNumber;
use settlement::payment::State;
use settlement::reconcile::legs::l0::{Side, Standing};
use settlement::reconcile::legs::{BreakKind, Outcome};
use std::collections::{BTreeMap, BTreeSet};

/// States in which a payment's money has not come.
const ON_THEIR_WAY: [State; 5] = [
    State::Init,
    State::Batched,
    State::Unknown,
    State::SentToBank,
    State::Pending,
];

/// Looks at every payment on its way.
pub async fn standing(
    payments: &dyn PaymentStore,
    l3: &L3Inputs,
    before: &Reconciled,
) -> Result<Outcome> {
    let named = named(before);
    let sides = sides(l3);
    let mut standing = Standing::new(&sides, &named);
    for state in ON_THEIR_WAY {
        let mut after = None;
        loop {
            let page = payments.page(Index::InState(state), after, CHUNK).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            page.iter().for_each(|payment| standing.see(payment));
        }
    }
    Ok(standing.finish())
}

/// Entries that an open break says are missing: an earlier version kept no expectation of them.
fn named(before: &Reconciled) -> BTreeSet<TraceNumber> {
    let open = before.breaks.iter().filter(|b| b.is_open());
    let missing = open.filter(|b| b.kind == BreakKind::MissingAtBank);
    let numbers = missing.filter_map(|b| b.key.parse().ok());
    numbers
        .filter_map(|number| TraceNumber::from_number(number).ok())
        .collect()
}

/// The sides of which money has not come, and whether it is inside its time.
fn sides(l3: &L3Inputs) -> BTreeMap<String, Side> {
    let late = l3
        .allocated
        .findings
        .iter()
        .filter(|found| found.kind != BreakKind::Timing);
    let late: BTreeSet<&String> = late.flat_map(|found| &found.expectations).collect();
    let open = l3.allocated.open().filter(|one| one.one.is_side());
    open.map(|one| {
        let side = Side {
            in_time: !late.contains(&one.one.id),
            // Until something is missing of it, no entry has settled.
            waits: match one.one.found {
                Some(_) => one.one.waits.iter().copied().collect(),
                None => BTreeSet::new(),
            },
        };
        (one.one.id.clone(), side)
    })
    .collect()
}
