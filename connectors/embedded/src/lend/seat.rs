//! The seat of the one who may open a store and lend it.
//!
//! The lock of the database itself cannot decide who is next: it is given back between the proof
//! of the journal and the opening. So there is one above it, and who has it writes into the locked
//! file which opening of the store this is (its epoch) and which process it is.

use crate::database::SEAT;
use crate::locked::{self, Lock};
use connectors::{Error, Result};
use std::fs;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Bytes of an epoch, of a process, and of what is around them; both are padded to it.
const TEXT_BYTES: usize = 40;

/// The seat, held until this is dropped.
pub struct Seat {
    _lock: Lock,
    epoch: u64,
}

impl Seat {
    /// Takes the seat in the folder `store`; nothing where somebody has it.
    ///
    /// # Errors
    /// Where its file is none, or cannot be written.
    pub fn take(store: &Path) -> Result<Option<Seat>> {
        let path = store.join(SEAT);
        let Some(lock) = locked::try_file(&path)? else {
            return Ok(None);
        };
        let failed = |e| Error::io(&path, e);
        // What cannot be read was torn by a power cut, which ended all who could remember it.
        let before = read(lock.file()).map_err(failed)?.map_or(0, |it| it.0);
        // saturates: no store is opened so often
        let epoch = before.saturating_add(1);
        let text = format!("{epoch:<20} {:<18}\n", std::process::id());
        let written = lock.file().write_all_at(text.as_bytes(), 0);
        written.map_err(failed)?;
        Ok(Some(Seat { _lock: lock, epoch }))
    }

    /// Which opening of the store this is, from 1: it rises whenever somebody opens it.
    pub const fn epoch(&self) -> u64 {
        self.epoch
    }
}

/// The process that has had the seat last, where its file says one.
pub fn last_process(store: &Path) -> Option<u32> {
    let file = fs::File::open(store.join(SEAT)).ok()?;
    Some(read(&file).ok()??.1)
}

/// Epoch and process, as the file has them.
fn read(file: &fs::File) -> io::Result<Option<(u64, u32)>> {
    let mut bytes = [0; TEXT_BYTES];
    let count = file.read_at(&mut bytes, 0)?;
    let text = bytes.get(..count).map(String::from_utf8_lossy);
    let text = text.unwrap_or_default();
    let mut words = text.split_whitespace();
    let epoch = words.next().and_then(|word| word.parse().ok());
    let process = words.next().and_then(|word| word.parse().ok());
    Ok(epoch.zip(process))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_has_the_seat_and_each_has_a_higher_epoch() {
        let dir = tempfile::tempdir().unwrap();
        let first = Seat::take(dir.path()).unwrap().expect("free");
        assert!(Seat::take(dir.path()).unwrap().is_none());
        assert_eq!(first.epoch(), 1);
        assert_eq!(last_process(dir.path()), Some(std::process::id()));
        drop(first);
        for epoch in 2..12 {
            let next = Seat::take(dir.path()).unwrap().expect("free");
            assert_eq!(next.epoch(), epoch);
        }
        fs::write(dir.path().join(SEAT), [0; 7]).unwrap();
        let torn = Seat::take(dir.path()).unwrap().expect("free");
        assert_eq!(torn.epoch(), 1);
    }
}
