//! A retrieved folder: what stands in it, what of it is expected, and the sealed day behind it.

use crate::records::archived::Archived;
use crate::regular::kind;
use crate::{chain, records};
use bytes::Bytes;
use connectors::{ArchiveId, Restore};
use desk::failure::{Failure, Result};
use desk::{Desk, names};
use jiff::civil::Date;
use settlement::archive::{Link, MAX_MANIFEST_BYTES, Manifest, Member};
use settlement::foreign;
use std::collections::BTreeMap;
use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};

/// The manifest in a retrieved folder.
pub const MANIFEST: &str = "manifest.json";
/// The link that the chain has for the day, in a retrieved folder.
pub const CHAIN: &str = "chain.json";
/// The unpacked members in a retrieved folder.
pub const DAY: &str = "day";
/// What stands in a folder as long as a day is not wholly there.
pub const UNFINISHED: &str = "UNFINISHED.txt";

/// What a whole day has in its folder.
pub fn tops(manifest: &Manifest) -> [String; 4] {
    let package = names::package(manifest.date);
    [
        MANIFEST.to_owned(),
        CHAIN.to_owned(),
        DAY.to_owned(),
        package,
    ]
}

/// What is left where a folder cannot be read.
const NOTHING_PROVED: &str = "nothing was proved and nothing changed; run the same again";

/// A day as the installation's chain knows it.
pub struct Sealed {
    /// The link that the chain has for it.
    pub link: Link,
    /// The text of its manifest, which is the one that the link names.
    pub text: Bytes,
    /// The manifest.
    pub manifest: Manifest,
    /// The package in the archive.
    pub id: ArchiveId,
}

impl Sealed {
    /// The day `date`, whose package the archive can hand out now.
    ///
    /// # Errors
    /// Where the day is not archived, its manifest is not the one that the chain names, or the
    /// archive is still fetching it: then ask again later.
    pub async fn of(desk: &Desk, date: Date) -> Result<Sealed> {
        let link = chain::link_of(desk, date).await?;
        let objects = &*desk.ports.objects;
        let Some(archived) = records::get::<Archived>(objects, &names::archived(date)).await?
        else {
            return Err(Failure::usage(format!("{date} is not archived"))
                .remedy(format!("run tieout archive --date {date} first")));
        };
        let name = names::manifest(date);
        let text = objects.get(&name).await?.body;
        link.check(&text).map_err(|fault| {
            Failure::findings(fault.to_string()).remedy("restore the manifest from a copy")
        })?;
        let manifest = manifest(&name, &text)?;
        if manifest.date != date {
            let found = manifest.date;
            return Err(Failure::findings(format!("{name}: is of {found}"))
                .remedy("restore the manifest from a copy"));
        }
        let id = ArchiveId(archived.id);
        if desk.ports.archive.request_restore(&id).await? == Restore::Underway {
            return Err(Failure::could_not(format!(
                "{date} is being restored by the archive, which takes hours"
            ))
            .remedy("run the same again later"));
        }
        Ok(Sealed {
            link,
            text,
            manifest,
            id,
        })
    }
}

/// The manifest in a text that stands at `place`.
///
/// # Errors
/// Where it is none, or contradicts itself.
pub fn manifest(place: &str, text: &[u8]) -> Result<Manifest> {
    let wrong = |what: String| {
        Failure::findings(format!("{place}: {what}")).remedy("retrieve the day again")
    };
    if text.len() as u64 > MAX_MANIFEST_BYTES {
        return Err(wrong(format!(
            "more than {MAX_MANIFEST_BYTES} bytes: no manifest"
        )));
    }
    let manifest: Manifest = serde_json::from_slice(text)
        .map_err(|error| wrong(format!("not a manifest ({error}): it was changed or torn")))?;
    manifest.check().map_err(|bad| wrong(bad.to_string()))?;
    Ok(manifest)
}

/// What stands below the folder of unpacked members.
#[derive(Debug, Default)]
pub struct Unpacked<'m> {
    /// The files, each with its member.
    pub files: Vec<(PathBuf, &'m Member)>,
    /// The folders, each after the one that it is in.
    pub folders: Vec<PathBuf>,
}

impl<'m> Unpacked<'m> {
    /// Everything below `day`; nothing where there is no such folder. No link is followed, and
    /// no folder is looked into that no member is in, so what a stranger put there costs nothing.
    ///
    /// # Errors
    /// Where something is no member of the package, by its name.
    pub fn below(day: &Path, manifest: &'m Manifest) -> Result<Unpacked<'m>> {
        let expected = expected(manifest);
        let mut found = Unpacked::default();
        let mut open = match is_folder(day)? {
            true => vec![String::new()],
            false => Vec::new(),
        };
        while let Some(folder) = open.pop() {
            let at = day.join(&folder);
            let entries = fs::read_dir(&at).map_err(Failure::of_file(&at, NOTHING_PROVED))?;
            found.folders.push(at.clone());
            for entry in entries {
                let entry = entry.map_err(Failure::of_file(&at, NOTHING_PROVED))?;
                match found.sort(&entry, &folder, &expected)? {
                    Some(inner) => open.push(inner),
                    None => continue,
                }
            }
        }
        Ok(found)
    }

    /// Takes note of a file; answers the name of a folder to look into.
    fn sort(
        &mut self,
        entry: &DirEntry,
        folder: &str,
        expected: &BTreeMap<&str, &'m Member>,
    ) -> Result<Option<String>> {
        let path = entry.path();
        let of = entry
            .file_type()
            .map_err(Failure::of_file(&path, NOTHING_PROVED))?;
        let name = entry.file_name();
        let inner = name.to_str().map(|name| match folder {
            "" => name.to_owned(),
            folder => format!("{folder}/{name}"),
        });
        let inner = inner.ok_or_else(|| stranger(&path, "no member of the package"))?;
        let within = format!("{inner}/");
        let next = expected.range(within.as_str()..).next();
        let is_folder = next.is_some_and(|(next, _)| next.starts_with(&within));
        match expected.get(inner.as_str()) {
            Some(member) if of.is_file() => self.files.push((path, member)),
            None if of.is_dir() && is_folder => return Ok(Some(inner)),
            Some(_) => return Err(stranger(&path, &format!("{}, not a file", kind(of)))),
            None if is_folder => {
                return Err(stranger(&path, &format!("{}, not a folder", kind(of))));
            }
            None => return Err(stranger(&path, "no member of the package")),
        }
        Ok(None)
    }

    /// The first member that has no file, where there is one.
    pub fn missing(&self, manifest: &'m Manifest) -> Option<&'m Member> {
        let mut left = expected(manifest);
        for (_, member) in &self.files {
            left.remove(member.name.as_str());
        }
        left.into_values().next()
    }
}

fn expected(manifest: &Manifest) -> BTreeMap<&str, &Member> {
    let members = manifest.members.iter();
    members
        .map(|member| (member.name.as_str(), member))
        .collect()
}

/// Whether a folder is there.
fn is_folder(path: &Path) -> Result<bool> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Ok(about) if !about.is_dir() => {
            let what = format!("{}, not a folder", kind(about.file_type()));
            Err(stranger(path, &what))
        }
        about => about
            .map(|_| true)
            .map_err(Failure::of_file(path, NOTHING_PROVED)),
    }
}

/// Something in such a folder that is none of it.
pub fn stranger(path: &Path, what: &str) -> Failure {
    Failure::findings(format!("{}: {what}", foreign::path(path)))
        .remedy("move it away, or retrieve the day into a new folder")
}
