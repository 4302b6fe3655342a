//! The registrations of what came, held against what they register.
//!
//! A registration says which file first had a content. No later record names it by hash, so it is
//! held against the three things that know the same: the copy of that file, whose name and bytes
//! have the content, the record of what became of it, and the manifest that has both.

use crate::records;
use crate::records::ingested::{Ingested, Outcome, Registered};
use connectors::{Name, ObjectStore};
use desk::failure::{Failure, Result};
use desk::names;
use settlement::archive::Manifest;

/// Times that a content is registered: it is looked at again each time it was quarantined.
pub const MOST_TIMES: u32 = 100;

/// What to do about one that is not as it was written: it is in no package.
const FROM_A_BACKUP: &str = "put it back from a backup, then run tieout check";

/// The content that a registration is about, by its name.
pub fn content(name: &str) -> Option<&str> {
    let stem = name.strip_prefix("registry/")?.strip_suffix(".json")?;
    stem.split('.').next()
}

/// Holds a registration against the copy of the file that it names, `size` bytes, and what became
/// of that; none where its run died.
///
/// # Errors
/// Where they say something else.
pub fn hold(name: &Name, said: &Registered, size: u64, came: Option<&Ingested>) -> Result<()> {
    let why = match came {
        _ if said.size != size => format!("says {} bytes, and its copy has {size}", said.size),
        Some(came) if came.name != said.name => "says another name than its record".to_owned(),
        Some(came) if matches!(came.outcome, Outcome::Duplicate { .. }) => {
            "says that a file was the first which was none".to_owned()
        }
        _ => return Ok(()),
    };
    Err(Failure::damaged(format!("{name}: {why}")).remedy(FROM_A_BACKUP))
}

/// Holds the registrations of all that came on a sealed day.
///
/// # Errors
/// Where one is missing, or says something else than the day's records.
pub async fn of_day(objects: &dyn ObjectStore, manifest: &Manifest) -> Result<()> {
    let records = names::ingested_prefix(manifest.date);
    for member in &manifest.members {
        if !member.name.starts_with(&records) {
            continue;
        }
        let name = Name::parse(member.name.as_str())?;
        let Some(came) = records::get::<Ingested>(objects, &name).await? else {
            continue; // the manifest says so to whoever holds its members
        };
        let copy = manifest.members.iter().find(|one| came.object == *one.name);
        let size = copy.map(|copy| copy.size);
        of_file(objects, manifest, &came, size).await?;
    }
    Ok(())
}

/// Finds the registration of a file, or of the one that it repeats.
async fn of_file(
    objects: &dyn ObjectStore,
    manifest: &Manifest,
    came: &Ingested,
    size: Option<u64>,
) -> Result<()> {
    for nth in 1..=MOST_TIMES {
        let name = names::registered(&came.sha256, nth);
        let said = records::get::<Registered>(objects, &name).await?;
        let said = said.ok_or_else(|| gone(&name, came))?;
        let its = said.received == manifest.date && said.name == came.name;
        match &came.outcome {
            Outcome::Duplicate { of } if *of == said.name => return Ok(()),
            Outcome::Taken | Outcome::Quarantined if its => {
                return hold(&name, &said, size.unwrap_or(said.size), Some(came));
            }
            _ => {}
        }
    }
    Err(gone(&names::registered(&came.sha256, 1), came))
}

fn gone(name: &Name, came: &Ingested) -> Failure {
    let object = &came.object;
    Failure::findings(format!(
        "{name}: gone, or it says another file than {object}, which has its content"
    ))
    .remedy(FROM_A_BACKUP)
}
