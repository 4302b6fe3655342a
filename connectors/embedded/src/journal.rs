//! The journal of the database, held against itself before the database reads it.
//!
//! The database replays its journal when it opens, and takes the first entry that it cannot read
//! for the end: right after a kill, where the last batch is half written, and wrong where a bit
//! has turned, for then every batch behind it would be cut off without a word. So the journal is
//! read first. Each batch is synced before the next one begins; what a kill leaves is therefore
//! the start of one batch and nothing behind it. A power cut may leave its end without its middle:
//! zeros where a sector was not written. Nobody was answered for such a batch, and it is taken
//! away. Everything else is damage.
//!
//! A batch is a start (how many items, its number), the items, and an end with the XXH3 of the
//! items and four fixed bytes. Numbers are little-endian, and batches are numbered upwards.

use crate::files;
use connectors::{Error, Result};
use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::xxh3_64;

const START: u8 = 1;
const ITEM: u8 = 2;
const END: u8 = 3;
const CLEAR: u8 = 4;

/// The last bytes of a batch.
const TRAILER: &[u8] = b"FJL\x03";

/// Bytes of an end: tag, hash, trailer.
const END_BYTES: usize = 13;

/// What the numbers of two neighbouring batches may differ by: each batch takes one, and so does
/// each table that is written between them.
const NUMBERS_BETWEEN: u64 = 1 << 32;

/// What a disk writes whole or not at all.
const SECTOR: usize = 512;

/// A batch at the end of the last journal that a power cut left in pieces.
pub struct Pieces {
    journal: PathBuf,
    batch: usize,
}

impl Pieces {
    /// Takes it away.
    ///
    /// # Errors
    /// Where the journal cannot be written.
    pub fn take_away(self) -> Result<()> {
        let file = OpenOptions::new().write(true).open(&self.journal);
        let cut = file.and_then(|file| {
            file.set_len(self.batch as u64)?;
            file.sync_all()
        });
        cut.map_err(|e| Error::io(&self.journal, e))
    }
}

/// Holds every journal in `dir` against itself, and answers with the keyspaces that it has
/// something for; nothing is written.
///
/// # Errors
/// [`Error::Corrupt`] with file and byte where one is not what was written.
pub fn prove(dir: &Path) -> Result<(Option<Pieces>, BTreeSet<u64>)> {
    let (mut last, mut named) = (None, BTreeSet::new());
    let mut all = journals(dir)?.into_iter().peekable();
    while let Some(path) = all.next() {
        let body = files::read(&path)?;
        let mut journal = Journal::of(&body, last);
        let proved = journal.proved();
        named.append(&mut journal.keyspaces);
        match proved {
            Ok(number) => last = number,
            Err(Damage {
                pieces: true,
                batch,
                ..
            }) if all.peek().is_none() => {
                let journal = path;
                return Ok((Some(Pieces { journal, batch }), named));
            }
            Err(Damage { at, why, .. }) => {
                let what = format!("store journal {}, byte {at}", path.display());
                return Err(Error::corrupt(what, why));
            }
        }
    }
    Ok((None, named))
}

/// The journals, oldest first: their names are numbers.
fn journals(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).map_err(|e| Error::io(dir, e))? {
        let path = entry.map_err(|e| Error::io(dir, e))?.path();
        let number = path.file_stem().and_then(|stem| stem.to_str());
        let number = number.and_then(|stem| stem.parse::<u64>().ok());
        if let (Some(number), Some("jnl")) = (number, path.extension().and_then(|e| e.to_str())) {
            found.push((number, path));
        }
    }
    found.sort();
    Ok(found.into_iter().map(|(_, path)| path).collect())
}

/// Where a journal is not what was written.
#[derive(Debug, PartialEq, Eq)]
struct Damage {
    at: usize,
    why: &'static str,
    /// Where its batch begins.
    batch: usize,
    /// Whether that is the last one, and has a sector of zeros.
    pieces: bool,
}

/// Why a batch could not be read to its end.
enum Stopped {
    /// The bytes end within it.
    Short,
    Damaged(Damage),
}

const fn damage(at: usize, why: &'static str) -> Damage {
    Damage {
        at,
        why,
        batch: at,
        pieces: false,
    }
}

/// A journal being read.
struct Journal<'a> {
    /// Up to the last byte that is not zero: a new journal is a large file of zeros.
    body: &'a [u8],
    at: usize,
    last: Option<u64>,
    /// The keyspaces that items are for.
    keyspaces: BTreeSet<u64>,
}

impl<'a> Journal<'a> {
    /// `last` is the number of the batch before the first.
    fn of(body: &'a [u8], last: Option<u64>) -> Journal<'a> {
        let end = body.iter().rposition(|byte| *byte != 0);
        let body = body.get(..end.map_or(0, |end| end + 1)).unwrap_or(body);
        Journal {
            body,
            at: 0,
            last,
            keyspaces: BTreeSet::new(),
        }
    }

    /// Reads every batch, and answers the number of the last.
    fn proved(&mut self) -> std::result::Result<Option<u64>, Damage> {
        while self.at < self.body.len() {
            let begin = self.at;
            match self.batch() {
                Ok(()) => {}
                Err(Stopped::Damaged(damage)) => return Err(self.looked_at(begin, damage)),
                Err(Stopped::Short) => return self.torn(begin),
            }
        }
        Ok(self.last)
    }

    /// The batch at `begin` has no end. One that a kill cut short has none anywhere.
    fn torn(&self, begin: usize) -> std::result::Result<Option<u64>, Damage> {
        let why = "a batch cannot be read, and its end or one behind it is whole";
        match self.end_behind(begin) {
            None => Ok(self.last),
            Some(_) => Err(self.looked_at(begin, damage(begin, why))),
        }
    }

    /// Where the first end of a batch behind `begin` ends.
    fn end_behind(&self, begin: usize) -> Option<usize> {
        let rest = self.body.get(begin..)?;
        let ends = |bytes: &[u8]| bytes.first() == Some(&END) && bytes.ends_with(TRAILER);
        let at = rest.windows(END_BYTES).position(ends)?;
        Some(begin + at + END_BYTES)
    }

    /// Whether the batch that begins at `begin` is what a power cut leaves of the last one.
    fn looked_at(&self, begin: usize, damage: Damage) -> Damage {
        let is_last = self
            .end_behind(begin)
            .is_none_or(|end| end == self.body.len());
        let first = begin.next_multiple_of(SECTOR);
        let sectors = self
            .body
            .get(first..)
            .unwrap_or_default()
            .chunks_exact(SECTOR);
        let unwritten = |sector: &[u8]| sector.iter().all(|byte| *byte == 0);
        Damage {
            batch: begin,
            pieces: is_last && sectors.into_iter().any(unwritten),
            ..damage
        }
    }

    fn batch(&mut self) -> std::result::Result<(), Stopped> {
        let begin = self.at;
        if self.byte()? != START {
            return Err(self.damaged(begin, "no batch begins here"));
        }
        let (items, number) = (self.number(4)?, self.number(8)?);
        let first = self.at;
        for _ in 0..items {
            self.item()?;
        }
        let hash = xxh3_64(self.body.get(first..self.at).unwrap_or_default());
        let end = self.at;
        if self.byte()? != END {
            return Err(self.damaged(end, "a batch has more items than it says"));
        }
        if self.number(8)? != hash {
            return Err(self.damaged(begin, "a batch does not have the hash it was written with"));
        }
        if self.take(TRAILER.len())? != TRAILER {
            return Err(self.damaged(end, "the end of a batch is not as it was written"));
        }
        self.follows(begin, number)
    }

    fn follows(&mut self, begin: usize, number: u64) -> std::result::Result<(), Stopped> {
        let fits = |last| number > last && number - last < NUMBERS_BETWEEN;
        if !self.last.is_none_or(fits) {
            return Err(self.damaged(begin, "a batch's number does not follow the one before"));
        }
        self.last = Some(number);
        Ok(())
    }

    fn item(&mut self) -> std::result::Result<(), Stopped> {
        let begin = self.at;
        match self.byte()? {
            ITEM => {}
            CLEAR => return self.take(8).map(drop),
            _ => return Err(self.damaged(begin, "no item begins here")),
        }
        let (kind, packed) = (self.byte()?, self.byte()?);
        let keyspace = self.number(8)?;
        self.keyspaces.insert(keyspace);
        let (key, whole, stored) = (self.number(2)?, self.number(4)?, self.number(4)?);
        let plain = packed == 0 && whole == stored;
        if kind > 2 || packed > 1 || !(plain || packed == 1) {
            return Err(self.damaged(begin, "an item is not of a kind that is written"));
        }
        // saturates: no journal is as long, and then it is too short
        let length = usize::try_from(key + stored).unwrap_or(usize::MAX);
        self.take(length).map(drop)
    }

    fn damaged(&self, at: usize, why: &'static str) -> Stopped {
        Stopped::Damaged(damage(at, why))
    }

    fn take(&mut self, count: usize) -> std::result::Result<&'a [u8], Stopped> {
        let end = self.at.saturating_add(count); // saturates: past the end of any journal
        let taken = self.body.get(self.at..end).ok_or(Stopped::Short)?;
        self.at = end;
        Ok(taken)
    }

    fn byte(&mut self) -> std::result::Result<u8, Stopped> {
        self.take(1).map(|one| one.first().copied().unwrap_or(0))
    }

    /// A number of at most eight bytes.
    fn number(&mut self, width: usize) -> std::result::Result<u64, Stopped> {
        let bytes = self.take(width)?.iter().rev();
        Ok(bytes.fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fjall::{Database, KeyspaceCreateOptions, PersistMode};

    /// The journal of a database with three batches, and where each of them ends.
    fn journal() -> (Vec<u8>, Vec<usize>) {
        let dir = tempfile::tempdir().unwrap();
        let mut ends = Vec::new();
        let db = Database::builder(dir.path()).open().unwrap();
        let keyspace = db.keyspace("some", KeyspaceCreateOptions::default).unwrap();
        for number in 0..3_u8 {
            let mut batch = db.batch().durability(Some(PersistMode::SyncAll));
            batch.insert(&keyspace, [number], [7; 40]);
            batch.insert(&keyspace, [number, 1], [number; 20]);
            batch.remove(&keyspace, [number, 2]);
            batch.commit().unwrap();
            let body = fs::read(dir.path().join("0.jnl")).unwrap();
            ends.push(body.iter().rposition(|byte| *byte != 0).unwrap() + 1);
        }
        drop(db);
        assert!(prove(dir.path()).unwrap().0.is_none());
        let mut body = fs::read(dir.path().join("0.jnl")).unwrap();
        body.truncate(ends[2] + 100);
        (body, ends)
    }

    #[test]
    fn every_bit_that_turns_is_noticed_but_in_a_number_that_still_follows() {
        let (whole, ends) = journal();
        assert!(Journal::of(&whole, None).proved().unwrap().is_some());
        let first = whole.iter().position(|byte| *byte == START).unwrap();
        for at in 0..ends[2] {
            for bit in 0..8 {
                let mut body = whole.clone();
                body[at] ^= 1 << bit;
                let numbers = [first, ends[0], ends[1]].map(|begin| begin + 5..begin + 13);
                if Journal::of(&body, None).proved().is_ok() {
                    assert!(
                        numbers.iter().any(|n| n.contains(&at)),
                        "byte {at}, bit {bit}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_last_batch_of_which_a_sector_was_not_written_is_taken_away() {
        let dir = tempfile::tempdir().unwrap();
        let db = Database::builder(dir.path()).open().unwrap();
        let some = db.keyspace("some", KeyspaceCreateOptions::default);
        let some = some.unwrap();
        for number in 0..2_u8 {
            let mut batch = db.batch().durability(Some(PersistMode::SyncAll));
            batch.insert(&some, [number], [7; 3_000]);
            batch.commit().unwrap();
        }
        drop((some, db));
        let path = dir.path().join("0.jnl");
        let whole = fs::read(&path).unwrap();
        for (sector, heals) in [(1, false), (7, true)] {
            let mut body = whole.clone();
            body[sector * SECTOR..(sector + 1) * SECTOR].fill(0);
            fs::write(&path, &body).unwrap();
            let proved = prove(dir.path());
            assert_eq!(proved.is_ok(), heals, "sector {sector}");
            if let Ok(pieces) = proved {
                pieces.0.expect("a batch in pieces").take_away().unwrap();
            }
        }
        let left = fs::read(&path).unwrap();
        assert!(left.len() < 3_100 && whole.starts_with(&left));
    }

    #[test]
    fn what_a_kill_leaves_is_the_end_of_the_journal() {
        let (whole, ends) = journal();
        let last = Journal::of(&whole[..ends[1]], None).proved().unwrap();
        for cut in ends[1]..ends[2] {
            let mut body = whole.clone();
            body[cut..].fill(0);
            assert_eq!(
                Journal::of(&body, None).proved(),
                Ok(last),
                "zeros from {cut}"
            );
            let short = &whole[..cut];
            assert_eq!(Journal::of(short, None).proved(), Ok(last), "ends at {cut}");
        }
    }
}
