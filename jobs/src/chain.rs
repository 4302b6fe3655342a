//! The chain of sealed days: its head, and the link it has for a day.

use crate::records;
use connectors::{Error, ObjectStore};
use desk::failure::{Failure, Result};
use desk::records::RESTORE;
use desk::{Desk, names};
use jiff::civil::Date;
use settlement::archive::{Head, Link, Manifest};

/// The head of the chain, and the tag by which it is replaced; none where it is to be written anew.
pub struct At {
    /// The head.
    pub head: Head,
    /// Its tag.
    pub tag: Option<String>,
}

/// The head of the chain and its tag.
///
/// # Errors
/// Where it cannot be read, or is not as it was written.
pub async fn head(objects: &dyn ObjectStore) -> Result<Option<At>> {
    let name = names::archive_head();
    let Some(meta) = objects.head(&name).await? else {
        return Ok(None);
    };
    let head = records::get::<Head>(objects, &name).await?;
    let tag = Some(meta.etag);
    Ok(head.map(|head| At { head, tag }))
}

/// The head that `date` is sealed on top of. Where it is lost and `date` is the day that was
/// sealed last, the manifests still say what it was: they name each other by hash.
///
/// # Errors
/// Where it is lost and another day is asked for, or the manifests do not form a chain.
pub async fn head_for(objects: &dyn ObjectStore, date: Date) -> Result<Option<At>> {
    if let Some(at) = head(objects).await? {
        return Ok(Some(at));
    }
    let dates = sealed_dates(objects).await?;
    let Some(newest) = dates.last().copied() else {
        return Ok(None);
    };
    if date != newest {
        let name = names::archive_head();
        let days = dates.len();
        return Err(Failure::findings(format!(
            "{name}: gone, and {days} days are sealed, the newest of them {newest}"
        ))
        .remedy(format!(
            "run tieout archive --date {newest}, which proves the chain and writes it again"
        )));
    }
    let manifest = records::get::<Manifest>(objects, &names::manifest(newest)).await?;
    let previous = manifest.and_then(|manifest| manifest.previous);
    let (mut days, mut next) = (0u64, previous);
    while let Some(link) = next {
        next = linked(objects, &link).await?.previous;
        days += 1;
    }
    let head = previous.map(|newest| Head {
        schema_version: settlement::archive::HEAD_VERSION,
        newest,
        days,
    });
    Ok(head.map(|head| At { head, tag: None }))
}

/// The dates that have a manifest, in order.
///
/// # Errors
/// Where the store does not answer.
pub async fn sealed_dates(objects: &dyn ObjectStore) -> Result<Vec<Date>> {
    let names = objects.list(names::SEALED_PREFIX).await?;
    let manifests = names
        .iter()
        .filter_map(|name| name.strip_suffix("/manifest.json"));
    Ok(manifests
        .filter_map(|name| name.rsplit('=').next()?.parse().ok())
        .collect())
}

/// The manifest that a link of the chain names.
///
/// # Errors
/// Where it is gone or another one.
pub async fn linked(objects: &dyn ObjectStore, link: &Link) -> Result<Manifest> {
    let name = names::manifest(link.date);
    let text = match objects.get(&name).await {
        Err(Error::NotFound { .. }) => {
            return Err(
                Failure::findings(format!("{name}: gone, and the chain names it")).remedy(RESTORE),
            );
        }
        object => object?.body,
    };
    link.check(&text)
        .map_err(|fault| Failure::findings(fault.to_string()).remedy(RESTORE))?;
    Ok(desk::records::from_bytes(&name, &text)?.0)
}

/// The manifest of a sealed day, which is the one that the chain names.
///
/// # Errors
/// As [`link_of`].
pub async fn sealed(desk: &Desk, date: Date) -> Result<Manifest> {
    let link = link_of(desk, date).await?;
    linked(&*desk.ports.objects, &link).await
}

/// The link that the chain has for `date`: in the manifest of the day sealed next, or in the head.
///
/// # Errors
/// Where the chain has no such day.
pub async fn link_of(desk: &Desk, date: Date) -> Result<Link> {
    let objects = &*desk.ports.objects;
    let At { head, .. } = head(objects).await?.ok_or_else(|| {
        Failure::usage(format!("{date} is not archived"))
            .remedy(format!("run tieout day --date {date} first"))
    })?;
    let mut link = head.newest;
    while link.date > date {
        let Some(previous) = linked(objects, &link).await?.previous else {
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
