//! Retrieve: bring an archived day back, prove it, and unpack it.

use crate::records::archived::Archived;
use crate::{chain, records};
use connectors::{ArchiveId, Restore};
use desk::Desk;
use desk::failure::{Failure, Result};
use desk::names;
use jiff::civil::Date;
use std::path::{Component, Path};

/// The manifest in a retrieved folder.
pub const MANIFEST: &str = "manifest.json";
/// The link that the chain has for the day, in a retrieved folder.
pub const CHAIN: &str = "chain.json";
/// The unpacked members in a retrieved folder.
pub const DAY: &str = "day";

/// Brings `date` into the new or empty folder `to`: package, manifest, chain link.
///
/// # Errors
/// Where the day is not archived or the archive is still fetching it: then ask again later.
pub async fn run(desk: &Desk, date: Date, to: &Path) -> Result<()> {
    let link = chain::link_of(desk, date).await?;
    let objects = &*desk.ports.objects;
    let Some(archived) = records::get::<Archived>(objects, &names::archived(date)).await? else {
        return Err(Failure::usage(format!("{date} is not archived")));
    };
    let id = ArchiveId(archived.id);
    if desk.ports.archive.request_restore(&id).await? == Restore::Underway {
        return Err(Failure::could_not(format!(
            "{date} is being restored by the archive, which takes hours: run the same again later"
        )));
    }
    refuse_full(to)?;
    let unfinished = beside(to);
    if unfinished.exists() {
        std::fs::remove_dir_all(&unfinished)?; // what a run that died has left
    }
    owner_only_folder(&unfinished)?;
    desk.ports
        .archive
        .fetch(&id, &unfinished.join(names::package(date)))
        .await?;
    let manifest = objects.get(&names::manifest(date)).await?.body;
    std::fs::write(unfinished.join(MANIFEST), &manifest)?;
    let chain = serde_json::to_vec_pretty(&link).map_err(|e| Failure::findings(e.to_string()))?;
    std::fs::write(unfinished.join(CHAIN), chain)?;
    if to.exists() {
        std::fs::remove_dir(to)?;
    }
    std::fs::rename(&unfinished, to)?;
    Ok(())
}

/// Where a day is brought back before it gets its name: whole, or not there.
fn beside(to: &Path) -> std::path::PathBuf {
    let name = to
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    to.with_file_name(format!(".{name}.unfinished"))
}

/// The files of a day hold account numbers: nobody else may read the folder.
fn owner_only_folder(dir: &Path) -> Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(dir)
        .map_err(|e| Failure::could_not(format!("{}: {e}; choose another --to", dir.display())))
}

/// Unpacks the package in a retrieved folder that was verified.
///
/// # Errors
/// Where a member's name would leave the folder.
pub fn unpack(dir: &Path, date: Date) -> Result<usize> {
    let file = std::fs::File::open(dir.join(names::package(date)))?;
    let mut count = 0usize;
    for member in tar::Archive::new(std::io::BufReader::new(file)).entries()? {
        let mut member = member?;
        let name = member.path()?.into_owned();
        if name
            .components()
            .any(|part| !matches!(part, Component::Normal(_)))
        {
            return Err(Failure::findings(format!(
                "{}: leaves the folder",
                name.display()
            )));
        }
        let target = dir.join(DAY).join(&name);
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::io::copy(&mut member, &mut std::fs::File::create_new(target)?)?;
        count = count.saturating_add(1);
    }
    Ok(count)
}

fn refuse_full(dir: &Path) -> Result<()> {
    let full = match std::fs::read_dir(dir) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
        Err(error) => {
            let dir = dir.display();
            return Err(Failure::usage(format!(
                "{dir}: {error}; choose another --to"
            )));
        }
    };
    if full {
        return Err(Failure::usage(format!(
            "{}: not empty; name a new folder, nothing is overwritten",
            dir.display()
        )));
    }
    Ok(())
}
