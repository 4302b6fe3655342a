//! Copies of which nobody knows any more what became of them: the record is lost, and the bank has
//! the file no more. What such a copy says is as true as before, and is read again.

use crate::records::ingested::Registered;
use crate::{records, registry};
use bytes::Bytes;
use desk::Desk;
use desk::failure::Result;
use desk::names;
use jiff::civil::Date;
use std::collections::BTreeSet;

/// The copies of `date` without a record, by the names that the bank had for them.
///
/// # Errors
/// Where a record or a copy cannot be read.
pub(super) async fn without_record(desk: &Desk, date: Date) -> Result<Vec<(String, Bytes)>> {
    let objects = &*desk.ports.objects;
    let (copies, records) = (names::inbound_prefix(date), names::ingested_prefix(date));
    let recorded = objects.list(&records).await?;
    let recorded: BTreeSet<&str> = recorded
        .iter()
        .filter_map(|name| name.strip_prefix(&*records)?.strip_suffix(".json"))
        .collect();
    let mut lost = Vec::new();
    for copy in objects.list(&copies).await? {
        let of = copy.strip_prefix(&*copies).unwrap_or_default();
        if recorded.contains(of) {
            continue;
        }
        let body = objects.get(&copy).await?.body;
        let sha256 = settlement::archive::sha256(&body).to_string();
        let name = bank_name(desk, date, &sha256).await?;
        if let Some(name) = name.filter(|name| names::inbound(date, name, &sha256) == copy) {
            lost.push((name, body));
        }
    }
    Ok(lost)
}

/// What the bank called a content that was first seen on `date`; nothing where it never came so
/// far as to be registered, and stands at the bank still.
async fn bank_name(desk: &Desk, date: Date, sha256: &str) -> Result<Option<String>> {
    for nth in 1..=registry::MOST_TIMES {
        let name = names::registered(sha256, nth);
        let Some(known) = records::get::<Registered>(&*desk.ports.objects, &name).await? else {
            break;
        };
        if known.received == date {
            return Ok(Some(known.name));
        }
    }
    Ok(None)
}
