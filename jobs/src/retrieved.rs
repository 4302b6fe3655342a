//! A retrieved folder: what stands in it, and how an archived day comes into it, whole or not at
//! all.

use crate::records::archived::Archived;
use crate::{chain, records};
use connectors::{ArchiveId, Restore};
use desk::failure::{Failure, Result};
use desk::{Desk, names};
use jiff::civil::Date;
use std::path::{Path, PathBuf};

/// The manifest in a retrieved folder.
pub const MANIFEST: &str = "manifest.json";
/// The link that the chain has for the day, in a retrieved folder.
pub const CHAIN: &str = "chain.json";
/// The unpacked members in a retrieved folder.
pub const DAY: &str = "day";

/// What is left where a day could not be brought back.
const NOTHING_KEPT: &str = "no day was brought back; name a --to that can be written and run again";

/// Brings `date` into the new or empty folder `to`: package, manifest, chain link. Nothing of it
/// is proved yet.
///
/// # Errors
/// Where the day is not archived or the archive is still fetching it: then ask again later.
pub async fn bring(desk: &Desk, date: Date, to: &Path) -> Result<()> {
    let link = chain::link_of(desk, date).await?;
    let objects = &*desk.ports.objects;
    let Some(archived) = records::get::<Archived>(objects, &names::archived(date)).await? else {
        return Err(Failure::usage(format!("{date} is not archived"))
            .remedy(format!("run tieout archive --date {date} first")));
    };
    let id = ArchiveId(archived.id);
    if desk.ports.archive.request_restore(&id).await? == Restore::Underway {
        return Err(Failure::could_not(format!(
            "{date} is being restored by the archive, which takes hours"
        ))
        .remedy("run the same again later"));
    }
    refuse_full(to)?;
    let unfinished = beside(to);
    let failed = |path: &Path| Failure::of_file(path, NOTHING_KEPT);
    if unfinished.exists() {
        // What a run that died has left.
        std::fs::remove_dir_all(&unfinished).map_err(failed(&unfinished))?;
    }
    owner_only_folder(&unfinished)?;
    desk.ports
        .archive
        .fetch(&id, &unfinished.join(names::package(date)))
        .await?;
    let manifest = objects.get(&names::manifest(date)).await?.body;
    let path = unfinished.join(MANIFEST);
    std::fs::write(&path, &manifest).map_err(failed(&path))?;
    let chain = serde_json::to_vec_pretty(&link).map_err(|e| Failure::impossible(e.to_string()))?;
    let path = unfinished.join(CHAIN);
    std::fs::write(&path, chain).map_err(failed(&path))?;
    if to.exists() {
        std::fs::remove_dir(to).map_err(failed(to))?;
    }
    std::fs::rename(&unfinished, to).map_err(failed(to))
}

/// Where a day is brought back before it gets its name: whole, or not there.
fn beside(to: &Path) -> PathBuf {
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
        .map_err(Failure::of_file(dir, "choose another --to"))
}

fn refuse_full(dir: &Path) -> Result<()> {
    let full = match std::fs::read_dir(dir) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
        Err(error) => {
            let dir = dir.display();
            return Err(Failure::usage(format!("{dir}: {error}")).remedy("choose another --to"));
        }
    };
    if full {
        return Err(Failure::usage(format!("{}: not empty", dir.display()))
            .remedy("name a new folder, nothing is overwritten"));
    }
    Ok(())
}
