//! The embedded database that payments and queues share: opening it, and what its errors mean.

use connectors::{Error, Result};
use fjall::{Database, Keyspace, KeyspaceCreateOptions};
use std::{io, path::Path};

/// Blocks of the tables that are kept in memory.
const CACHE_BYTES: u64 = 64 << 20;

/// What a keyspace gathers in memory before it writes a table. There are a dozen keyspaces, so
/// this bounds the memory of the store together with [`CACHE_BYTES`].
const MEMTABLE_BYTES: u64 = 16 << 20;

/// Opens the database in `dir`, making it where there is none.
///
/// # Errors
/// [`Error::Conflict`] where another process has it open.
pub fn open(dir: &Path) -> Result<Database> {
    crate::files::make_folder(dir)?;
    Database::builder(dir)
        .cache_size(CACHE_BYTES)
        .open()
        .map_err(|e| error(&format!("store {}", dir.display()), &e))
}

pub(super) fn keyspace(db: &Database, name: &str) -> Result<Keyspace> {
    let options = || KeyspaceCreateOptions::default().max_memtable_size(MEMTABLE_BYTES);
    db.keyspace(name, options)
        .map_err(|e| error(&format!("store, keyspace {name}"), &e))
}

/// What an error of the database means to a caller.
pub(super) fn error(what: &str, error: &fjall::Error) -> Error {
    let io = |source: &io::Error| {
        Error::of_kind(what.to_owned(), source.kind(), source.to_string().into())
    };
    match error {
        fjall::Error::Io(source) | fjall::Error::Storage(fjall::LsmError::Io(source)) => io(source),
        fjall::Error::Locked => Error::conflict(
            what,
            "another process has it open; wait until it ends or stop it",
        ),
        fjall::Error::Poisoned => Error::unavailable(
            what,
            "an earlier write failed, so nothing more is written; free space or mend the disk \
             and start again",
        ),
        fjall::Error::JournalRecovery(_)
        | fjall::Error::InvalidVersion(_)
        | fjall::Error::InvalidTrailer
        | fjall::Error::InvalidTag(_)
        | fjall::Error::Decompress(_)
        | fjall::Error::Unrecoverable => Error::corrupt(what, error.to_string()),
        other => Error::unavailable(what, other.to_string()),
    }
}
