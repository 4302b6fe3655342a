//! What stands in a folder of ours and was put there by somebody else.
//!
//! Each kind of place says what it makes, by the names below it; everything else is named, and
//! nothing is opened: a pipe would wait for ever, and a link leads out of the place.

use crate::files;
use connectors::regular::oddity;
use connectors::{BANKS, Error, Odd, Result, Strangers};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

/// What a place makes under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ours {
    /// A regular file.
    File,
    /// A socket.
    Socket,
    /// A folder, in which more of ours is.
    Folder,
    /// A folder that is not looked into: of files that have no names yet.
    Closed,
    /// Nothing.
    Nothing,
}

/// The parts of a name below the place, and whether it is a folder's.
pub(crate) type Names<'a> = dyn Fn(&[&str], bool) -> Ours + 'a;

/// Looks at all that is below `root`.
pub(crate) fn below(root: &Path, ours: &Names<'_>) -> Result<Strangers> {
    let mut found = Strangers::default();
    let mut waiting: Vec<(PathBuf, Vec<String>)> = vec![(root.to_path_buf(), Vec::new())];
    while let Some((folder, parts)) = waiting.pop() {
        let failed = |e| Error::io(&folder, e);
        let (mut entries, mut seen) = (fs::read_dir(&folder).map_err(failed)?, false);
        while let Some(entry) = entries.next().transpose().map_err(failed)? {
            seen = true;
            let (name, kind) = (entry.file_name(), entry.file_type().map_err(failed)?);
            let below = named(&parts, &name);
            let Some(text) = name.to_str() else {
                found.odd.push(odd(&below, "its name is not UTF-8"));
                continue;
            };
            let mut its: Vec<&str> = parts.iter().map(String::as_str).collect();
            its.push(text);
            let made = ours(&its, kind.is_dir());
            if let ([BANKS, bank], true) = (&its[..], kind.is_dir()) {
                found.banks.push((*bank).to_owned());
            }
            match made {
                Ours::Folder if kind.is_dir() => {
                    let its = its.into_iter().map(str::to_owned).collect();
                    waiting.push((entry.path(), its));
                }
                Ours::Closed if kind.is_dir() => {}
                Ours::File if kind.is_file() => {}
                Ours::Socket if kind.is_socket() => {}
                _ => found.odd.push(odd(&below, why(made, oddity(kind)))),
            }
        }
        if !seen && !parts.is_empty() {
            found.empty.push(parts.join("/"));
        }
    }
    found.odd.sort_by(|a, b| a.name.cmp(&b.name));
    found.empty.sort();
    found.banks.sort();
    Ok(found)
}

fn why(made: Ours, oddity: Option<&'static str>) -> &'static str {
    match (made, oddity) {
        (Ours::Socket, oddity) => oddity.unwrap_or("a file, where we have a socket"),
        (Ours::File | Ours::Folder | Ours::Closed, Some(oddity)) => oddity,
        (Ours::File | Ours::Folder | Ours::Closed, None) => "a file, where we have a folder",
        (Ours::Nothing, Some(oddity)) if !oddity.starts_with("a folder") => oddity,
        (Ours::Nothing, _) => "nothing of tieout's has such a name",
    }
}

fn odd(name: &str, why: &str) -> Odd {
    Odd {
        name: name.to_owned(),
        why: why.to_owned(),
    }
}

fn named(parts: &[String], name: &OsStr) -> String {
    let name = match name.to_str() {
        Some(name) => name.to_owned(),
        None => name.as_encoded_bytes().escape_ascii().to_string(),
    };
    let parts = parts.iter().map(String::as_str).chain([name.as_str()]);
    parts.collect::<Vec<_>>().join("/")
}

/// What every folder of named files has of its own.
pub(crate) fn unfinished(parts: &[&str]) -> bool {
    parts == [files::UNFINISHED]
}
