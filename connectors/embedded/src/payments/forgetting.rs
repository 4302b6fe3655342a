//! Bytes that were overwritten, out of the files of the store: a database keeps them in its journal
//! and in tables that are merged later. So that names are forgotten, the tables are merged now, and
//! the journal is made to go on in a new file, the old one being removed.

use crate::database;
use aws_lc_rs::rand;
use connectors::{Error, Result};
use fjall::{Database, Keyspace};
use std::time::{Duration, Instant};

/// What fills the journal until the database begins another one. It is gone afterwards.
const FILLER: &str = "filler";

/// How much fills a journal: the database begins another one beyond 64 MB.
const FILLING: usize = 66;

/// One of these; random, for what repeats is packed.
const FILLING_BYTES: usize = 1 << 20;

/// How long the old journals may take to go.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(20);

/// What errors call it.
const STORE: &str = "payment store, where it forgets";

/// Removes from the files of the database whatever was overwritten in `keyspaces`.
///
/// # Errors
/// Where the files cannot be written, or the old journals stay.
pub fn purge(db: &Database, keyspaces: &[Keyspace]) -> Result<()> {
    let failed = |e: fjall::Error| database::error(STORE, &e);
    flush(db)?;
    for keyspace in keyspaces {
        keyspace.major_compact().map_err(failed)?;
    }
    let filler = database::keyspace(db, FILLER)?;
    let mut bytes = vec![0; FILLING_BYTES];
    let none = |_| Error::unavailable(STORE, "the system's random source does not answer");
    rand::fill(&mut bytes).map_err(none)?;
    for number in 0..FILLING {
        filler
            .insert(number.to_be_bytes(), &bytes)
            .map_err(failed)?;
    }
    filler.rotate_memtable_and_wait().map_err(failed)?;
    db.delete_keyspace(filler).map_err(failed)?;
    let begun = Instant::now();
    while db.journal_count() > 1 {
        if begun.elapsed() > PATIENCE {
            let why = "an old journal does not go; end other work and run the same again";
            return Err(Error::unavailable(STORE, why));
        }
        flush(db)?;
        std::thread::sleep(PAUSE);
    }
    Ok(())
}

/// Writes what every keyspace has gathered in memory.
fn flush(db: &Database) -> Result<()> {
    for name in db.list_keyspace_names() {
        let keyspace = database::keyspace(db, &name)?;
        let written = keyspace.rotate_memtable_and_wait();
        written.map_err(|e| database::error(STORE, &e))?;
    }
    Ok(())
}
