//! Quarantined files in whose place the bank has put a whole one: nobody has to ask for it any
//! more.
//!
//! A name proves nothing, a bank uses one twice. What a file is about does: an answer to files of
//! ours by its header, a statement by its account and day, whose pages have all come.

use crate::known::Known;
use crate::records::ingested::{Ingested, Outcome};
use crate::records::reconciled::Reconciled;
use crate::records::{self, Read};
use connectors::Name;
use desk::Desk;
use desk::failure::Result;
use settlement::reconcile::legs::{BreakKind, Leg};
use std::collections::BTreeMap;

/// Our copies of such files, with the bank's name for the whole one.
pub(super) async fn by_whole_ones(
    desk: &Desk,
    before: &Reconciled,
    today: &[Read<Ingested>],
    known: &Known,
) -> Result<BTreeMap<String, String>> {
    let today: Vec<&Ingested> = today.iter().map(|read| &read.record).collect();
    let mut torn: Vec<Ingested> = Vec::new();
    let open = before.breaks.iter().filter(|record| record.is_open());
    for record in open.filter(|b| (b.leg, b.kind) == (Leg::File, BreakKind::ControlTotal)) {
        let copy = record
            .right
            .as_deref()
            .and_then(|copy| copy.strip_prefix("inbound/"));
        if let Some(copy) = copy {
            let name = Name::parse(format!("ingested/{copy}.json"))?;
            torn.extend(records::get::<Ingested>(&*desk.ports.objects, &name).await?);
        }
    }
    torn.extend(today.iter().map(|file| (*file).clone()));
    let torn = torn
        .into_iter()
        .filter(|file| file.outcome == Outcome::Quarantined);
    let by = torn.filter_map(|torn| {
        let mut whole = today.iter().filter(|file| file.taken());
        let whole = whole.find(|file| is_in_place_of(file, &torn, known))?;
        Some((torn.object.to_string(), whole.name.clone()))
    });
    Ok(by.collect())
}

fn is_in_place_of(whole: &Ingested, torn: &Ingested, known: &Known) -> bool {
    if torn.about.is_empty() {
        return false; // nobody knows what it is
    }
    let chain = known.chain();
    let mut ended = chain.iter().filter(|(_, booked)| !booked.more);
    let days = whole.statements.iter();
    let days: Vec<String> = days
        .filter(|head| ended.any(|(day, _)| *day == head.as_of))
        .map(|head| Ingested::statement(&head.account_last4, head.as_of))
        .collect();
    let told = |about: &String| whole.about.contains(about) || days.contains(about);
    torn.about.iter().all(told)
}
