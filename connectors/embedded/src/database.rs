//! The embedded database that payments and queues share: making it, opening it, and what its
//! errors mean.
//!
//! It holds a hash beside each block of a table and each batch of its journal, and answers with an
//! error where one does not fit; `journal.rs` and `tables.rs` close the gaps that it leaves when it
//! opens.

use crate::files;
use crate::journal::{self, Pieces};
use crate::locked::{self, Lock};
use crate::strangers::Ours;
use crate::tables::{self, TABLES};
use connectors::regular::{Regular, oddity};
use connectors::{Error, Result};
use fjall::{Database, Keyspace, KeyspaceCreateOptions};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::FileTypeExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::{io, path::Path};

/// Blocks of the tables that are kept in memory.
const CACHE_BYTES: u64 = 64 << 20;

/// What a keyspace gathers in memory before it writes a table. There are a dozen keyspaces, so
/// this bounds the memory of the store together with [`CACHE_BYTES`].
const MEMTABLE_BYTES: u64 = 16 << 20;

/// Written last of all when a database is made.
const VERSION: &str = "version";

/// Bytes of [`VERSION`].
const VERSION_BYTES: u64 = 4;

/// Held by whoever has the database open.
pub(crate) const LOCK: &str = "lock";

/// Held by whoever may open the database and lend it; says who that is.
pub(crate) const SEAT: &str = "lender";

/// The socket at which it is lent.
pub(crate) const SOCKET: &str = "lend";

/// Shared by all who have the installation open, whether they have the database or borrow it.
pub(crate) const USERS: &str = "users";

/// Held by the one command that works on the installation.
pub(crate) const WORK: &str = "work";

/// Where the tables are.
const KEYSPACES: &str = "keyspaces";

/// The last of the keyspaces that a store is made with, of any version: none of them is ever given
/// up. One behind them may have been, by a store that forgot (`payments/forgetting.rs`), and the
/// journal still has something for it.
const FIRST: u64 = 10;

/// The first journal.
const JOURNAL: &str = "0.jnl";

/// Whether there is a database in `dir`, sound or not: what stands there and is no file, or is not
/// to be seen, is not taken for nothing.
pub fn is_made(dir: &Path) -> bool {
    match fs::symlink_metadata(dir.join(VERSION)) {
        Ok(found) => !found.is_file() || found.len() >= VERSION_BYTES,
        Err(e) => e.kind() == io::ErrorKind::PermissionDenied,
    }
}

/// Refuses a store that has lost what says that it is one, and one without the names of its
/// keyspaces, before anything of it is opened: it would be taken for none, or lose the rest.
///
/// # Errors
/// [`Error::Corrupt`] with what is gone.
pub(crate) fn nothing_is_lost(dir: &Path) -> Result<()> {
    let keyspaces = dir.join(KEYSPACES);
    let made = fs::read_dir(&keyspaces).is_ok_and(|mut all| all.next().is_some());
    if made && !is_made(dir) {
        let why = "gone or too short, and the rest of the store is there: put it back from a copy \
                   of the store";
        return Err(Error::corrupt(dir.join(VERSION).display().to_string(), why));
    }
    tables::names_are_there(&keyspaces)
}

/// Refuses a store of which what it was made with last is no file, or not to be read.
fn is_whole(dir: &Path) -> Result<()> {
    match Regular::open(&dir.join(VERSION)) {
        Ok(_) => Ok(()),
        Err(Error::Invalid { what, why }) => Err(Error::corrupt(what, why)),
        Err(e) => Err(e),
    }
}

/// Whether a file of the store is not the database's, but about who has it.
pub(crate) fn is_about_users(name: &OsStr) -> bool {
    [LOCK, SEAT, SOCKET, USERS, WORK]
        .iter()
        .any(|it| name == *it)
}

/// What the database makes, its lock, and what says who has it.
pub(crate) fn ours(parts: &[&str], is_folder: bool) -> Ours {
    let number = |text: &str| text.parse::<u64>().is_ok();
    match (parts, is_folder) {
        ([KEYSPACES], true) => Ours::Folder,
        ([KEYSPACES, keyspace], true) if number(keyspace) => Ours::Folder,
        ([KEYSPACES, keyspace, TABLES], true) if number(keyspace) => Ours::Folder,
        ([VERSION | LOCK | SEAT | USERS | WORK], false) => Ours::File,
        ([SOCKET], false) => Ours::Socket,
        ([file], false) if file.strip_suffix(".jnl").is_some_and(number) => Ours::File,
        ([KEYSPACES, _, TABLES, table], false) if number(table) => Ours::File,
        ([KEYSPACES, _, file], false) if is_list(file) => Ours::File,
        _ => Ours::Nothing,
    }
}

/// A list of tables, what says which one counts, or one that a kill left half written.
fn is_list(name: &str) -> bool {
    let numbered = name.strip_prefix('v');
    name == tables::CURRENT
        || name.starts_with(".tmp")
        || numbered.is_some_and(|number| number.parse::<u64>().is_ok())
}

/// Refuses a store in which anything is neither a folder nor a regular file, before it is opened:
/// the database follows links, and waits for whoever may write to a pipe.
///
/// # Errors
/// [`Error::Invalid`] with the first such thing.
pub(crate) fn regular_only(dir: &Path) -> Result<()> {
    let mut waiting = vec![dir.to_path_buf()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).map_err(|e| Error::io(&folder, e))? {
            let entry = entry.map_err(|e| Error::io(&folder, e))?;
            let (path, kind) = (entry.path(), entry.file_type());
            let kind = kind.map_err(|e| Error::io(&path, e))?;
            match oddity(kind) {
                None => {}
                Some(_) if kind.is_dir() => waiting.push(path),
                Some(_) if kind.is_socket() && path == dir.join(SOCKET) => {}
                Some(why) => {
                    let why = format!("{why}: find out who put it there, and move it away");
                    return Err(Error::invalid(path.display().to_string(), why));
                }
            }
        }
    }
    Ok(())
}

/// Opens the database in `dir`.
///
/// # Errors
/// [`Error::Invalid`] where something in it is no regular file, [`Error::Conflict`] where another
/// process has it open, [`Error::Corrupt`] where it is damaged, [`Error::NotFound`] where there is
/// none.
pub fn open(dir: &Path) -> Result<Database> {
    let what = format!("store {}", dir.display());
    if !is_made(dir) {
        return Err(Error::not_found(what));
    }
    regular_only(dir)?;
    whole(dir)?;
    opened(dir, &what)
}

/// As [`open`], of a copy in `dir` that links to `store`, which was proved. What is wrong is told
/// of the store: nobody knows the copy.
///
/// # Errors
/// As [`open`].
pub(crate) fn open_copy(dir: &Path, store: &Path) -> Result<Database> {
    whole(dir)?;
    opened(dir, &format!("store {}", store.display()))
}

/// Holds the files of a database in `dir` against what was written, and takes away what a power cut
/// left of its last batch.
fn whole(dir: &Path) -> Result<()> {
    is_whole(dir)?;
    let held = lock(dir)?; // the journal is at rest while it is read
    if let Some(pieces) = prove(dir)? {
        pieces.take_away()?;
    }
    drop(held);
    Ok(())
}

/// Holds what the database does not look at itself against what was written; nothing is changed.
///
/// # Errors
/// [`Error::Corrupt`] with the file that is damaged.
pub(crate) fn prove(dir: &Path) -> Result<Option<Pieces>> {
    let keyspaces = dir.join(KEYSPACES);
    tables::prove(&keyspaces)?;
    let (pieces, named) = journal::prove(dir)?;
    let mut named = named.into_iter().filter(|keyspace| *keyspace <= FIRST);
    named.try_for_each(|keyspace| tables::has(&keyspaces, keyspace))?;
    Ok(pieces)
}

/// Opens the database in `dir`, making it where there is none.
///
/// # Errors
/// As [`open`]; [`Error::Corrupt`] where there is half of one, which holds something.
pub fn make(dir: &Path) -> Result<Database> {
    files::make_folder(dir)?;
    regular_only(dir)?;
    if is_made(dir) {
        return open(dir);
    }
    discard_half(dir)?;
    opened(dir, &format!("store {}", dir.display()))
}

/// The lock of the database in `dir`, where nobody else has it.
///
/// # Errors
/// [`Error::Conflict`] where another process has the database open.
pub(crate) fn lock(dir: &Path) -> Result<Lock> {
    let held = || in_use(&format!("store {}", dir.display()));
    locked::of_file(&dir.join(LOCK), held)
}

/// Throws away what a process that was killed while it made the database has left: a journal
/// without a batch. Anything more was a database once.
fn discard_half(dir: &Path) -> Result<()> {
    let _held = lock(dir)?;
    if is_made(dir) {
        return Ok(()); // somebody else has made it meanwhile
    }
    let failed = |e| Error::io(dir, e);
    let mut left = Vec::new();
    for entry in fs::read_dir(dir).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let holds = match path.file_name().and_then(|name| name.to_str()) {
            Some(LOCK | SEAT | SOCKET | USERS | WORK) => continue,
            Some(VERSION) => false,
            Some(JOURNAL) => files::read(&path)?.iter().any(|byte| *byte != 0),
            Some(KEYSPACES) => fs::read_dir(&path).map_err(failed)?.next().is_some(),
            _ => true,
        };
        if holds {
            let why = format!("{VERSION} is gone, and {} is there", path.display());
            return Err(Error::corrupt(format!("store {}", dir.display()), why));
        }
        left.push(path);
    }
    for path in left.iter().filter(|path| path.is_file()) {
        fs::remove_file(path).map_err(|e| Error::io(path, e))?;
    }
    Ok(())
}

/// Opens it, whatever the library does with what it finds.
fn opened(dir: &Path, what: &str) -> Result<Database> {
    let open = || Database::builder(dir).cache_size(CACHE_BYTES).open();
    guarded(what, || open().map_err(|e| error(what, &e)))
}

/// Runs `work` of the library on bytes that may be damaged: where it gives up in its own way, that
/// is said in ours.
pub(super) fn guarded<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let given_up = |_| Err(Error::corrupt(what, "its files contradict each other"));
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(given_up)
}

pub(super) fn keyspace(db: &Database, name: &str) -> Result<Keyspace> {
    let options = || KeyspaceCreateOptions::default().max_memtable_size(MEMTABLE_BYTES);
    db.keyspace(name, options)
        .map_err(|e| error(&format!("store, keyspace {name}"), &e))
}

/// The store `what` is open elsewhere.
pub(crate) fn in_use(what: &str) -> Error {
    Error::conflict(
        what,
        "another process has it open; wait until it ends or stop it",
    )
}

/// What an error of the database means to a caller.
pub(super) fn error(what: &str, error: &fjall::Error) -> Error {
    let io = |source: &io::Error| match source.kind() {
        // A file that is too short has no place where the database looks for its end.
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::NotFound
        | io::ErrorKind::InvalidData
        | io::ErrorKind::InvalidInput => Error::corrupt(what, "a file of it is gone or too short"),
        kind => Error::of_kind(what.to_owned(), kind, source.to_string().into()),
    };
    match error {
        fjall::Error::Io(source) | fjall::Error::Storage(fjall::LsmError::Io(source)) => io(source),
        fjall::Error::Locked => in_use(what),
        fjall::Error::Poisoned => Error::unavailable(
            what,
            "an earlier write failed, so nothing more is written; free space or mend the disk \
             and start again",
        ),
        fjall::Error::Storage(inside) => Error::corrupt(what, damage(inside)),
        fjall::Error::JournalRecovery(_) => {
            Error::corrupt(what, "its journal is not what was written")
        }
        fjall::Error::InvalidVersion(_) => Error::corrupt(
            what,
            "its files are not of the form that this release writes",
        ),
        fjall::Error::InvalidTrailer
        | fjall::Error::InvalidTag(_)
        | fjall::Error::Decompress(_)
        | fjall::Error::Unrecoverable => Error::corrupt(what, "its files contradict each other"),
        other => Error::unavailable(what, other.to_string()),
    }
}

/// What an error while a batch was written means to a caller. The journal may hold the batch though
/// its fsync failed, and shows it once the store is opened again: so nobody is told that nothing
/// was kept.
pub(super) fn unwritten(what: &str, failed: &fjall::Error) -> Error {
    match error(what, failed) {
        Error::Full { what } => Error::unavailable(
            what,
            "no space left; whether this was written shows when the store is opened again: free \
             some and start again",
        ),
        other => other,
    }
}

/// What is wrong with the tables, in words.
fn damage(error: &fjall::LsmError) -> &'static str {
    match error {
        fjall::LsmError::ChecksumMismatch { .. } => {
            "a block does not have the hash it was written with"
        }
        fjall::LsmError::Decompress(_) => "a block cannot be unpacked",
        fjall::LsmError::InvalidVersion(_) => {
            "its files are not of the form that this release writes"
        }
        _ => "a block is not of the form in which it was written",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_says_of_a_batch_that_it_may_have_been_written() {
        let full = fjall::Error::Io(io::ErrorKind::StorageFull.into());
        let told = unwritten("store", &full);
        assert!(matches!(told, Error::Unavailable { .. }), "{told:?}");
        let told = told.to_string();
        assert!(
            told.contains("no space left; whether this was written"),
            "{told}"
        );
        assert!(!told.contains("nothing"), "{told}");
    }

    #[test]
    fn half_a_database_is_made_anew_and_one_that_lost_its_version_is_not() {
        let dir = tempfile::tempdir().unwrap();
        let at = dir.path();
        fs::write(at.join(LOCK), "").unwrap();
        fs::write(at.join(JOURNAL), [0; 100]).unwrap();
        fs::create_dir(at.join(KEYSPACES)).unwrap();
        assert!(matches!(open(at), Err(Error::NotFound { .. })));
        drop(make(at).unwrap());
        drop(open(at).unwrap());
        fs::remove_file(at.join(VERSION)).unwrap();
        assert!(matches!(make(at), Err(Error::Corrupt { .. })));
    }
}
