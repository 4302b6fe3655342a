//! The chain of sealed days: its head, and the link it has for a day.

use crate::records;
use connectors::ObjectStore;
use desk::failure::{Failure, Result};
use desk::{Desk, names};
use jiff::civil::Date;
use settlement::archive::{Head, Link, Manifest};

/// The head of the chain and its tag.
///
/// # Errors
/// Where it cannot be read.
pub async fn head(objects: &dyn ObjectStore) -> Result<Option<(Head, String)>> {
    let tag = match objects.head(&names::archive_head()).await? {
        Some(meta) => meta.etag,
        None => return Ok(None),
    };
    let head = records::get::<Head>(objects, &names::archive_head()).await?;
    Ok(head.map(|head| (head, tag)))
}

/// The link that the chain has for `date`: in the manifest of the day sealed next, or in the head.
///
/// # Errors
/// Where the chain has no such day.
pub async fn link_of(desk: &Desk, date: Date) -> Result<Link> {
    let objects = &*desk.ports.objects;
    let (Head { newest, .. }, _) = head(objects).await?.ok_or_else(|| {
        Failure::usage(format!("{date} is not archived"))
            .remedy(format!("run tieout day --date {date} first"))
    })?;
    let mut link = newest;
    while link.date > date {
        let name = names::manifest(link.date);
        let text = objects.get(&name).await?.body;
        link.check(&text).map_err(|fault| {
            let found = Failure::findings(fault.to_string());
            found.remedy(format!("{name} was changed: restore it from a copy"))
        })?;
        let manifest: Option<Manifest> = records::get(objects, &name).await?;
        let Some(previous) = manifest.and_then(|m| m.previous) else {
            break;
        };
        link = previous;
    }
    if link.date == date {
        return Ok(link);
    }
    Err(
        Failure::usage(format!("{date} is not in the chain of sealed days"))
            .remedy("name a date that was archived: runs/ has a folder for each that was run"),
    )
}
