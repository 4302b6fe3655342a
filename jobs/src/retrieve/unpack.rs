//! Unpacking a package while it is read: the manifest says where each member lies in it.
//!
//! What is written is for its owner alone, whatever the process would give away otherwise: the
//! files hold account numbers.

use desk::failure::{Failure, Result};
use settlement::archive::{Member, folders};
use std::collections::BTreeSet;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// What to do where a file cannot be written.
const MAKE_ROOM: &str = "make room or give yourself the right to write there";

/// A package of which some pieces were seen.
pub struct Unpacking<'m> {
    day: PathBuf,
    /// The members that are not wholly written; the first of them may be open.
    members: &'m [Member],
    open: Option<(PathBuf, File)>,
    made: BTreeSet<PathBuf>,
    written: usize,
    seen: u64,
}

impl<'m> Unpacking<'m> {
    /// Begins with the new folder `day`.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn begin(day: PathBuf, members: &'m [Member]) -> Result<Unpacking<'m>> {
        new_folder(&day)?;
        Ok(Unpacking {
            day,
            members,
            open: None,
            made: BTreeSet::new(),
            written: 0,
            seen: 0,
        })
    }

    /// The next bytes of the package.
    ///
    /// # Errors
    /// Where a member cannot be written.
    pub fn take(&mut self, mut bytes: &[u8]) -> Result<()> {
        while let Some((next, rest)) = self.members.split_first() {
            let range = next.range();
            if self.seen < range.start {
                bytes = self.pass(bytes, range.start);
            }
            if self.seen < range.start {
                return Ok(());
            }
            if self.open.is_none() {
                self.open = Some(self.create(next)?);
            }
            bytes = self.write(bytes, range.end)?;
            if self.seen < range.end {
                return Ok(());
            }
            self.close()?;
            self.members = rest;
        }
        self.seen += bytes.len() as u64;
        Ok(())
    }

    /// The package has ended: how many members were written.
    ///
    /// # Errors
    /// Where an empty one at its end cannot be.
    pub fn finish(mut self) -> Result<usize> {
        self.take(&[])?;
        Ok(self.written)
    }

    /// Passes over the bytes before `until`.
    fn pass<'b>(&mut self, bytes: &'b [u8], until: u64) -> &'b [u8] {
        let (passed, rest) = bytes.split_at(room(until, self.seen).min(bytes.len()));
        self.seen += passed.len() as u64;
        rest
    }

    /// Writes the bytes before `until` into the open member.
    fn write<'b>(&mut self, bytes: &'b [u8], until: u64) -> Result<&'b [u8]> {
        let (inside, _) = bytes.split_at(room(until, self.seen).min(bytes.len()));
        if let Some((path, file)) = &mut self.open {
            file.write_all(inside)
                .map_err(Failure::of_file(path, MAKE_ROOM))?;
        }
        Ok(self.pass(bytes, until))
    }

    fn create(&mut self, member: &Member) -> Result<(PathBuf, File)> {
        for folder in folders(&member.name) {
            let folder = self.day.join(folder);
            if !self.made.contains(&folder) {
                new_folder(&folder)?;
                self.made.insert(folder);
            }
        }
        let path = self.day.join(&member.name);
        let file = new_file(&path).map_err(Failure::of_file(&path, MAKE_ROOM))?;
        Ok((path, file))
    }

    fn close(&mut self) -> Result<()> {
        if let Some((path, file)) = self.open.take() {
            file.sync_all()
                .map_err(Failure::of_file(&path, MAKE_ROOM))?;
            self.written += 1;
        }
        Ok(())
    }
}

fn room(until: u64, seen: u64) -> usize {
    // saturates: what is behind is not waited for, and what is far has more pieces before it
    usize::try_from(until.saturating_sub(seen)).unwrap_or(usize::MAX)
}

/// Writes a new file for its owner alone.
///
/// # Errors
/// Where the name is taken or the file cannot be written.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<()> {
    let written = new_file(path).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(Failure::of_file(path, MAKE_ROOM))
}

fn new_file(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    // The process may take rights away from what it makes, its owner's too.
    file.set_permissions(Permissions::from_mode(0o600))?;
    Ok(file)
}

fn new_folder(path: &Path) -> Result<()> {
    let made = DirBuilder::new().mode(0o700).create(path);
    made.and_then(|()| fs::set_permissions(path, Permissions::from_mode(0o700)))
        .map_err(Failure::of_file(path, MAKE_ROOM))
}
