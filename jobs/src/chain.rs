//! The chain of sealed days: its head, and the link it has for a day.

use crate::records;
use connectors::{Error, ObjectStore};
use desk::failure::{Failure, Result, Status};
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
    let head = match records::get::<Head>(objects, &name).await {
        Err(failure) if failure.status == Status::Findings => {
            let newest = sealed_dates(objects).await?.last().copied();
            return Err(failure.remedy(head_again(newest)));
        }
        head => head?,
    };
    let tag = Some(meta.etag);
    Ok(head.map(|head| At { head, tag }))
}

/// How a head that is not as it was written is made again.
fn head_again(newest: Option<Date>) -> String {
    let name = names::archive_head();
    match newest {
        None => RESTORE.to_owned(),
        Some(newest) => format!(
            "move {name} away, then run tieout archive --date {newest}, which proves the chain and \
             writes it again"
        ),
    }
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
    dates_with(objects, "/manifest.json").await
}

/// The dates whose package is in the archive, in order; the manifest comes after it.
///
/// # Errors
/// Where the store does not answer.
pub async fn begun_dates(objects: &dyn ObjectStore) -> Result<Vec<Date>> {
    dates_with(objects, "/archived.json").await
}

async fn dates_with(objects: &dyn ObjectStore, ending: &str) -> Result<Vec<Date>> {
    let names = objects.list(names::SEALED_PREFIX).await?;
    let ours = names.iter().filter_map(|name| name.strip_suffix(ending));
    Ok(ours
        .filter_map(|name| name.rsplit('=').next()?.parse().ok())
        .collect())
}

/// Refuses a chain that has fewer manifests, or more, than its head says.
///
/// # Errors
/// With the manifest that is gone, where it is one.
pub async fn without_hole(objects: &dyn ObjectStore, head: &Head) -> Result<()> {
    let mut there = sealed_dates(objects).await?;
    there.retain(|date| *date <= head.newest.date);
    let (found, days) = (there.len() as u64, head.days);
    if found == days {
        return Ok(());
    }
    let mut next = Some(head.newest);
    while let Some(link) = next {
        next = linked(objects, &link).await?.previous;
    }
    let name = names::archive_head();
    Err(Failure::findings(format!(
        "{name}: says {days} sealed days, and {found} have a manifest"
    ))
    .remedy("run tieout check, which names what is there and in no chain, and move that away"))
}

/// A manifest that is gone, and how it is made again.
pub fn gone(date: Date) -> Failure {
    let name = names::manifest(date);
    Failure::findings(format!("{name}: gone, and the chain names it")).remedy(format!(
        "run tieout archive --date {date}, which makes it again from the day's records, to the \
         hash that was sealed"
    ))
}

/// The manifest that a link of the chain names.
///
/// # Errors
/// Where it is gone or another one.
pub async fn linked(objects: &dyn ObjectStore, link: &Link) -> Result<Manifest> {
    let name = names::manifest(link.date);
    let text = match objects.get(&name).await {
        Err(Error::NotFound { .. }) => return Err(gone(link.date)),
        object => object?.body,
    };
    link.check(&text).map_err(|fault| {
        let date = link.date;
        Failure::findings(format!("{name}: {fault}")).remedy(format!(
            "move it away, then run tieout archive --date {date}, which makes it again from the \
             day's records, to the hash that was sealed"
        ))
    })?;
    Ok(desk::records::from_bytes(&name, &text)?.0)
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
