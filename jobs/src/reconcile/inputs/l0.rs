//! L0: the payments on their way, against what is expected.

use crate::reconcile::inputs::l3::L3Inputs;
use connectors::{Index, PaymentStore};
use desk::CHUNK;
use desk::failure::Result;
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
pub async fn standing(payments: &dyn PaymentStore, l3: &L3Inputs) -> Result<Outcome> {
    let sides = sides(l3);
    let mut standing = Standing::new(&sides);
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

/// The sides of which money has not come, and whether it is inside its time.
fn sides(l3: &L3Inputs) -> BTreeMap<String, Side> {
    let late = l3
        .findings
        .iter()
        .filter(|found| found.kind != BreakKind::Timing);
    let late: BTreeSet<&String> = late.flat_map(|found| &found.expectations).collect();
    let open = l3.allocated.open().filter(|one| !one.one.is_return());
    open.map(|one| {
        let side = Side {
            in_time: !late.contains(&one.one.id),
            waits: one.one.waits.iter().copied().collect(),
        };
        (one.one.id.clone(), side)
    })
    .collect()
}
