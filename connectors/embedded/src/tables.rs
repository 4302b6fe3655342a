//! The list of tables of each keyspace, held against its hash before the database reads it.
//!
//! The database writes such a list, `v12`, with its hash in a file beside it, `current`, and reads
//! it back without looking at the hash: a bit that has turned makes it give up in the middle, or
//! take tables for forgotten ones and remove them. What the tables themselves hold is hashed block
//! by block, and looked at whenever it is read.

use crate::files;
use connectors::{Error, Result};
use std::fs;
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::xxh3_128;

/// The folder in which the tables are.
pub(crate) const TABLES: &str = "tables";

/// The number of the list, its hash, and the kind of hash, which is 0.
pub(crate) const CURRENT: &str = "current";

/// Holds the lists of all keyspaces below `keyspaces` against their hashes; nothing is written.
///
/// # Errors
/// [`Error::Corrupt`] with the file that is not what was written.
pub fn prove(keyspaces: &Path) -> Result<()> {
    names_are_there(keyspaces)?;
    for keyspace in entries(keyspaces)?.iter().filter(|path| path.is_dir()) {
        let current = keyspace.join(CURRENT);
        match current.exists() {
            true => prove_list(&current)?,
            // A keyspace that was being made has no tables yet.
            false if entries(&keyspace.join(TABLES))?.is_empty() => {}
            false => return Err(damaged(&current, "it is gone, and there are tables")),
        }
    }
    Ok(())
}

/// The keyspace in which the names of the others are: a database that does not find it there takes
/// the others for what nobody named, and removes them.
const NAMES: &str = "0";

/// Refuses keyspaces of which the one with their names is not there; nothing is written.
///
/// # Errors
/// [`Error::Corrupt`] with the folder that is gone.
pub fn names_are_there(keyspaces: &Path) -> Result<()> {
    let number = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name != NAMES && name.parse::<u64>().is_ok())
    };
    let names = keyspaces.join(NAMES);
    let is_there = names.join(CURRENT).exists();
    match is_there || !entries(keyspaces)?.iter().any(number) {
        true => Ok(()),
        false => Err(damaged(&names, GONE)),
    }
}

/// Refuses a keyspace that is not there, though the journal has something for it.
///
/// # Errors
/// [`Error::Corrupt`] with the folder that is gone.
pub fn has(keyspaces: &Path, keyspace: u64) -> Result<()> {
    let folder = keyspaces.join(keyspace.to_string());
    match folder.join(CURRENT).exists() {
        true => Ok(()),
        false => Err(damaged(&folder, GONE)),
    }
}

/// What is said of a keyspace that is not there.
const GONE: &str = "it is gone, and the rest of the store is there: put the store back from a copy";

fn prove_list(current: &Path) -> Result<()> {
    let body = files::read(current)?;
    let parts = body
        .split_first_chunk::<8>()
        .and_then(|(number, rest)| Some((number, rest.split_first_chunk::<16>()?)));
    let Some((number, (hash, [0]))) = parts else {
        return Err(damaged(current, "it is not of the form that is written"));
    };
    let name = format!("v{}", u64::from_le_bytes(*number));
    let list = current.with_file_name(name);
    let found = match files::read(&list) {
        Ok(found) => found,
        Err(Error::NotFound { .. }) => {
            return Err(damaged(current, "the list that it names is not there"));
        }
        Err(other) => return Err(other),
    };
    match xxh3_128(&found) == u128::from_le_bytes(*hash) {
        true => Ok(()),
        false => Err(damaged(
            &list,
            "it does not have the hash it was written with",
        )),
    }
}

fn damaged(path: &Path, why: &str) -> Error {
    Error::corrupt(format!("store, list of tables {}", path.display()), why)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Ok(entries) => entries
            .map(|entry| Ok(entry.map_err(|e| Error::io(folder, e))?.path()))
            .collect(),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(e) => Err(Error::io(folder, e)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fjall::{Database, KeyspaceCreateOptions};

    #[test]
    fn keyspaces_without_their_names_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let db = Database::builder(dir.path()).open().unwrap();
        db.keyspace("some", KeyspaceCreateOptions::default).unwrap();
        drop(db);
        let all = dir.path().join("keyspaces");
        names_are_there(&all).unwrap();
        has(&all, 1).unwrap();
        has(&all, 2).unwrap_err();
        fs::rename(all.join("0"), dir.path().join("away")).unwrap();
        for refused in [names_are_there(&all), prove(&all)] {
            let why = refused.unwrap_err().to_string();
            assert!(why.contains("keyspaces/0") && why.contains("gone"), "{why}");
        }
        fs::remove_dir_all(all.join("1")).unwrap();
        names_are_there(&all).unwrap(); // nothing was made yet
    }

    #[test]
    fn every_bit_of_a_list_counts() {
        let dir = tempfile::tempdir().unwrap();
        let db = Database::builder(dir.path()).open().unwrap();
        db.keyspace("some", KeyspaceCreateOptions::default).unwrap();
        drop(db);
        let all = dir.path().join("keyspaces");
        prove(&all).unwrap();
        let keyspace = all.join("1");
        let lists = entries(&keyspace).unwrap();
        let lists = lists.iter().filter(|path| path.is_file());
        let mut seen = 0;
        for path in lists {
            let whole = fs::read(path).unwrap();
            for bit in 0..whole.len() * 8 {
                let mut body = whole.clone();
                body[bit / 8] ^= 1 << (bit % 8);
                fs::write(path, body).unwrap();
                prove(&all).unwrap_err();
            }
            fs::write(path, whole).unwrap();
            seen += 1;
        }
        assert!(seen >= 2, "current and what it names");
        fs::remove_file(keyspace.join(CURRENT)).unwrap();
        prove(&all).unwrap();
        fs::write(keyspace.join(TABLES).join("0"), "a table").unwrap();
        prove(&all).unwrap_err();
    }
}
