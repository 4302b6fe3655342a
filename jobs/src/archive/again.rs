//! The proof of a sealed day, made again where it is lost.
//!
//! What is packed of a day, and what its manifest says, comes from the day's records alone, and the
//! chain still has the manifest's hash. So a manifest that is gone, a package, or the record of
//! where it went is made again, and stored where it comes to that hash and to no other.

use super::package::{self, Packed};
use crate::chain;
use crate::records;
use crate::records::archived::Archived;
use connectors::{ArchiveId, ObjectStore};
use desk::failure::{Failure, Result, Status};
use desk::{Desk, names};
use jiff::civil::Date;
use settlement::archive::{Link, Manifest};

/// The manifest of a sealed day, which is the one that the chain names; made again where it or the
/// package is gone, and with it the manifests directly before it that are gone, too.
///
/// # Errors
/// Where it is another one, or what is made again is.
pub async fn sealed(desk: &Desk, date: Date) -> Result<Manifest> {
    let objects = &*desk.ports.objects;
    let link = chain::link_of(desk, date).await?;
    if objects.head(&names::manifest(date)).await?.is_some() {
        let manifest = chain::linked(objects, &link).await?;
        if is_archived(desk, date).await? {
            return Ok(manifest);
        }
    }
    let (lost, mut previous) = lost(objects, date).await?;
    let mut again: Vec<Packed> = Vec::new();
    for date in lost.into_iter().rev() {
        let packed = package::pack(desk, date, previous).await;
        let packed = packed.map_err(|failure| cannot(failure, date))?;
        previous = Some(packed.link);
        again.push(packed);
    }
    if previous != Some(link) {
        return Err(another(&link));
    }
    // The oldest first: killed, the same again finds the others.
    for packed in again {
        package::store(desk, packed).await?;
    }
    chain::linked(objects, &link).await
}

/// Whether the package is in the archive, and it is known where.
async fn is_archived(desk: &Desk, date: Date) -> Result<bool> {
    let name = names::archived(date);
    let archived = records::get::<Archived>(&*desk.ports.objects, &name).await?;
    let Some(archived) = archived else {
        return Ok(false);
    };
    let there = desk.ports.archive.head(&ArchiveId(archived.id)).await?;
    Ok(there.is_some())
}

/// The dates from `date` back whose manifests are gone, and the link to the first that is there.
async fn lost(objects: &dyn ObjectStore, date: Date) -> Result<(Vec<Date>, Option<Link>)> {
    let there = chain::sealed_dates(objects).await?;
    let begun = chain::begun_dates(objects).await?;
    let newest = |dates: &[Date], before: Date| dates.iter().copied().rfind(|one| *one < before);
    let (mut lost, mut oldest) = (vec![date], date);
    loop {
        let (whole, torn) = (newest(&there, oldest), newest(&begun, oldest));
        match (whole, torn) {
            (whole, Some(torn)) if whole.is_none_or(|whole| whole < torn) => {
                lost.push(torn);
                oldest = torn;
            }
            (None, _) => return Ok((lost, None)),
            (Some(whole), _) => {
                let text = objects.get(&names::manifest(whole)).await?.body;
                return Ok((lost, Some(Link::to(whole, &text))));
            }
        }
    }
}

/// Where the manifest can come from otherwise.
fn otherwise(date: Date) -> String {
    let name = names::manifest(date);
    format!(
        "put {name} back from a backup, or from a folder that tieout retrieve has filled with this \
         day, where it is called manifest.json; until then no other day is sealed"
    )
}

/// What is needed to make it again is not as it was: the sealed day cannot be asked for it.
fn cannot(failure: Failure, date: Date) -> Failure {
    match failure.status {
        Status::Findings => {
            let name = names::manifest(date);
            let message = format!("{name}: cannot be made again: {}", failure.message);
            Failure::findings(message).remedy(otherwise(date))
        }
        Status::Usage | Status::CouldNot => failure,
    }
}

fn another(link: &Link) -> Failure {
    let (name, sealed) = (names::manifest(link.date), link.manifest_sha256);
    Failure::findings(format!(
        "{name}: what the records of the day make of it is not what was sealed, {sealed}"
    ))
    .remedy(otherwise(link.date))
}
