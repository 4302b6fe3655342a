//! Allocations of days before, as their days recorded them: those that may give way to what a line
//! of the date names, and those of what the bank rejects.

use crate::records;
use crate::records::allocated::Allocated;
use desk::failure::Result;
use desk::{Desk, names};
use jiff::civil::Date;
use settlement::allocate::{Done, Earlier, Expectation, Kind, Name, Receipt};
use settlement::ids::BatchKey;
use std::collections::BTreeSet;

/// Reads those that today's lines and rejections are about: none on most days.
pub async fn read(
    desk: &Desk,
    receipts: &[Receipt],
    expectations: &[Expectation],
    done: &[Done],
) -> Result<Vec<Earlier>> {
    let mut earlier = Vec::new();
    for id in wanted(receipts, expectations, done) {
        let Some(Ok(day)) = id.get(..10).map(str::parse::<Date>) else {
            continue; // of a version that allocated nothing
        };
        let name = names::allocated(day);
        let made = records::get::<Allocated>(&*desk.ports.objects, &name).await?;
        let Some(made) = made else { continue };
        let found = made.allocations.iter().find(|one| one.id == id);
        earlier.extend(found.map(|allocation| {
            let with_it = |receipt: &&str| allocation.receipts().any(|(id, _)| id == *receipt);
            let receipts = made.receipts.iter().map(|received| &received.one);
            let receipts = receipts.filter(|one| with_it(&one.id.as_str()));
            Earlier {
                allocation: allocation.clone(),
                receipts: receipts.cloned().collect(),
            }
        }));
    }
    Ok(earlier)
}

/// The ids of allocations: of what is answered and named once more, of the parts of sides that are
/// rejected, and of the returns of their entries.
fn wanted(receipts: &[Receipt], open: &[Expectation], done: &[Done]) -> BTreeSet<String> {
    let free = receipts.iter().filter(|one| !one.remainder.is_zero());
    let named: BTreeSet<&Name> = free.flat_map(|receipt| &receipt.names).collect();
    let answered = done.iter().map(|done| &done.expectation);
    let all = open.iter().chain(answered);
    let rejected = all.filter(|one| one.rejected && !one.is_return());
    let rejected: BTreeSet<BatchKey> = rejected.filter_map(|one| batch_of(one.kind)).collect();
    let of_rejected = |batch: Option<BatchKey>| batch.is_some_and(|key| rejected.contains(&key));
    let answered = done.iter().filter(|done| {
        let own = done.expectation.names().into_iter().next();
        own.is_some_and(|own| named.contains(&own)) || of_rejected(done.expectation.batch)
    });
    let parts = open.iter().filter(|one| of_rejected(batch_of(one.kind)));
    let parts = parts.filter_map(|one| one.last.clone());
    answered.map(|done| done.by.clone()).chain(parts).collect()
}

fn batch_of(kind: Kind) -> Option<BatchKey> {
    match kind {
        Kind::Side(key, _) => Some(key),
        Kind::Return(..) | Kind::Funding(_) => None,
    }
}
