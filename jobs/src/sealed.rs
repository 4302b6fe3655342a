//! A sealed day, as it stands: what is proved of it before another day is sealed on top of it.
//!
//! Sealing says that everything up to here is as it was left. All of it is not read again each
//! day, that is what `check` is for; what is read is bounded by one day, however long the chain
//! grows: the manifest of the day sealed last and every record in it, the registrations of what
//! came on it, and its package, every byte. Of the days before it their manifests must be there.

use crate::chain;
use crate::kinds::KINDS;
use crate::records;
use crate::records::archived::Archived;
use crate::registry;
use connectors::{ArchiveId, Error, Name, ObjectStore};
use desk::failure::{Failure, Result};
use desk::records::Source;
use desk::{Desk, names};
use jiff::civil::Date;
use settlement::archive::{Hash256, Head, Manifest};

/// Proves the day that `head` names.
///
/// # Errors
/// With what of it is missing or another than was sealed.
pub async fn stands(desk: &Desk, head: &Head) -> Result<()> {
    let objects = &*desk.ports.objects;
    let manifest = chain::linked(objects, &head.newest).await?;
    chain::without_hole(objects, head).await?;
    records_of(objects, &manifest).await?;
    registry::of_day(objects, &manifest).await?;
    package(desk, &manifest).await
}

/// Holds every record of a sealed day against its manifest.
async fn records_of(objects: &dyn ObjectStore, manifest: &Manifest) -> Result<()> {
    let by = names::manifest(manifest.date);
    let mut sources = Vec::new();
    for member in &manifest.members {
        let name = Name::parse(member.name.as_str())?;
        if KINDS.iter().any(|kind| kind.has(&name)) {
            let sha256 = member.sha256;
            sources.push(Source { name, sha256 });
        }
    }
    desk::records::prove(objects, &by, &sources).await
}

/// Holds a package, all its bytes, against its manifest, and what is said of it elsewhere.
///
/// # Errors
/// Where it is gone or another one.
pub async fn package(desk: &Desk, manifest: &Manifest) -> Result<()> {
    let (date, objects) = (manifest.date, &*desk.ports.objects);
    let gone = |what: String, remedy: String| {
        Failure::findings(format!("{what}: gone, and {date} is sealed")).remedy(remedy)
    };
    let name = names::archived(date);
    let archived = records::get::<Archived>(objects, &name).await?;
    let archived = archived.ok_or_else(|| gone(name.to_string(), again(manifest)))?;
    let counted = (manifest.package.size, manifest.members.len() as u64);
    if (archived.size, archived.members) != counted {
        let by = names::manifest(date);
        return Err(
            Failure::findings(format!("{name}: is about another package than {by}"))
                .remedy(again(manifest)),
        );
    }
    let stored = match desk.ports.archive.verify(&ArchiveId(archived.id)).await {
        Err(Error::Corrupt { what, why }) => {
            return Err(Failure::findings(format!("{what}: {why}")).remedy(changed(date)));
        }
        Err(Error::NotFound { .. }) => {
            return Err(gone(names::package(date), packed_again(date)));
        }
        stored => stored?,
    };
    let sealed = (manifest.package.size, manifest.package.sha256);
    let found = (stored.size, Hash256::from_bytes(stored.sha256));
    if found == sealed && stored.retain_until == manifest.retention_until {
        return Ok(());
    }
    let name = names::package(date);
    let message = format!("{name}: not the package that was sealed on {date}");
    Err(Failure::findings(message).remedy(changed(date)))
}

/// How a package comes back that is gone.
fn packed_again(date: Date) -> String {
    format!(
        "run tieout archive --date {date}, which packs the day again as it was sealed, or put the \
         archive back from its copy"
    )
}

/// How a package comes back that is another one.
fn changed(date: Date) -> String {
    let (name, again) = (names::package(date), packed_again(date));
    format!("move {name} and its seal away in the archive, then {again}")
}

/// How `archived.json` is made again.
fn again(manifest: &Manifest) -> String {
    let (date, name) = (manifest.date, names::archived(manifest.date));
    format!(
        "move away what is left of {name}, then run tieout archive --date {date}, which writes it \
         again"
    )
}
