//! The folder that a day is brought into: whose it is, and how much of the day is there.
//!
//! A file stands in it from before the first byte to after the last, and says that the day is not
//! wholly there. A run that finds it knows that the folder is of a run like itself that died, and
//! clears away what such a run writes; it touches nothing else, and where there is anything else
//! it touches nothing at all. A lock on the folder keeps two runs apart.

use super::unpack::write_new;
use crate::regular;
use crate::retrieved::{DAY, UNFINISHED, Unpacked, tops};
use desk::failure::{Failure, Result};
use settlement::archive::Manifest;
use settlement::foreign;
use std::fs::{self, DirBuilder, File, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// What is left where a folder cannot be used.
const NOTHING_KEPT: &str = "no day was brought back; name a --to that can be written and run again";

/// The longest note in an unfinished folder.
const MAX_NOTE_BYTES: u64 = 4 << 10;

/// A folder that only this run works in, marked as unfinished.
pub struct Place {
    dir: PathBuf,
    /// Whether this run made the folder.
    made: bool,
    _lock: File,
}

/// What `--to` is.
pub enum Found {
    /// Ours to fill: new, empty, or left by a run that died, and empty again.
    Ours(Place),
    /// It holds a whole day, as far as names tell.
    Whole,
}

/// What the marker says; a run that dies may leave the beginning of it.
fn note(manifest: &Manifest) -> String {
    let date = manifest.date;
    format!("tieout retrieve of {date} is not finished: run it again with the same --to.\n")
}

impl Place {
    /// Takes the folder `dir` for the day of `manifest`.
    ///
    /// # Errors
    /// Where it cannot be made or written, holds anything that no retrieve of this day wrote, or
    /// another run works in it.
    pub fn take(dir: &Path, manifest: &Manifest) -> Result<Found> {
        let made = make(dir)?;
        let place = Place {
            dir: dir.to_path_buf(),
            made,
            _lock: lock(dir)?,
        };
        let marker = dir.join(UNFINISHED);
        match regular::small(&marker, MAX_NOTE_BYTES)? {
            Some(found) if note(manifest).as_bytes().starts_with(&found) => {
                owner_only(dir)?;
                place.clear(manifest)?;
                // The note may be torn, and is not what the run is known by.
                Ok(Found::Ours(place))
            }
            Some(_) => Err(other_day(&marker)),
            None if is_empty(dir)? => {
                owner_only(dir)?;
                write_new(&marker, note(manifest).as_bytes())?;
                Ok(Found::Ours(place))
            }
            None if top(dir, manifest)?.len() == tops(manifest).len() => Ok(Found::Whole),
            None => Err(full(dir)),
        }
    }

    /// All of the day is there: takes the mark away.
    ///
    /// # Errors
    /// Where that cannot be done.
    pub fn finish(self) -> Result<()> {
        let failed = |error| {
            let kept = "the day is there and proved, but marked as unfinished: run the same again";
            Failure::of_file(&self.dir, kept)(error)
        };
        self.sync().map_err(failed)?;
        fs::remove_file(self.dir.join(UNFINISHED)).map_err(failed)?;
        self.sync().map_err(failed)
    }

    fn sync(&self) -> io::Result<()> {
        File::open(&self.dir)?.sync_all()
    }

    /// Takes away everything that this run wrote, and the folder where it made that.
    ///
    /// # Errors
    /// Where something cannot be removed, or somebody else has put something there.
    pub fn discard(self, manifest: &Manifest) -> Result<()> {
        self.clear(manifest)?;
        let marker = self.dir.join(UNFINISHED);
        removed(&marker, fs::remove_file(&marker))?;
        match self.made {
            true => removed(&self.dir, fs::remove_dir(&self.dir)),
            false => Ok(()),
        }
    }

    /// Removes what a retrieve of the day wrote, but for the marker. Nothing is removed before
    /// everything there is known.
    fn clear(&self, manifest: &Manifest) -> Result<()> {
        let marker = self.dir.join(UNFINISHED);
        let mut files = top(&self.dir, manifest)?;
        let day = self.dir.join(DAY);
        files.retain(|path| *path != day && *path != marker);
        let unpacked = Unpacked::below(&day, manifest)?;
        for path in &files {
            // A link or a folder of such a name is none of ours.
            regular::open(path)?;
        }
        files.extend(unpacked.files.into_iter().map(|(path, _)| path));
        files
            .iter()
            .try_for_each(|path| removed(path, fs::remove_file(path)))?;
        let mut folders = unpacked.folders.iter().rev();
        folders.try_for_each(|path| removed(path, fs::remove_dir(path)))
    }
}

fn removed(path: &Path, done: io::Result<()>) -> Result<()> {
    done.map_err(Failure::of_file(path, "remove it, or name a new folder"))
}

/// Makes the folder, and those above it that are missing; answers whether it was not there.
fn make(dir: &Path) -> Result<bool> {
    match fs::metadata(dir) {
        Ok(about) if about.is_dir() => Ok(false),
        Ok(_) => Err(
            Failure::usage(format!("{}: not a folder", foreign::path(dir)))
                .remedy("choose another --to"),
        ),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let made = DirBuilder::new().recursive(true).mode(0o700).create(dir);
            made.map(|()| true)
                .map_err(Failure::of_file(dir, NOTHING_KEPT))
        }
        Err(error) => Err(Failure::of_file(dir, NOTHING_KEPT)(error)),
    }
}

/// The files of a day hold account numbers: nobody else may look into the folder.
fn owner_only(dir: &Path) -> Result<()> {
    let mode = Permissions::from_mode(0o700);
    fs::set_permissions(dir, mode).map_err(Failure::of_file(dir, NOTHING_KEPT))
}

/// Keeps others out. Where the file system knows no locks, nobody can be kept out.
fn lock(dir: &Path) -> Result<File> {
    let file = File::open(dir).map_err(Failure::of_file(dir, NOTHING_KEPT))?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => {
            let dir = foreign::path(dir);
            Err(
                Failure::could_not(format!("{dir}: another tieout retrieve works there"))
                    .remedy("wait for it, or name a new folder"),
            )
        }
        _ => Ok(file),
    }
}

fn is_empty(dir: &Path) -> Result<bool> {
    let entries = fs::read_dir(dir).map_err(Failure::of_file(dir, NOTHING_KEPT));
    Ok(entries?.next().is_none())
}

/// What stands in the folder itself, all of it of names that a retrieve gives.
fn top(dir: &Path, manifest: &Manifest) -> Result<Vec<PathBuf>> {
    let known = tops(manifest);
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).map_err(Failure::of_file(dir, NOTHING_KEPT))? {
        let entry = entry.map_err(Failure::of_file(dir, NOTHING_KEPT))?;
        let name = entry.file_name();
        if name != UNFINISHED && !known.iter().any(|known| name == known.as_str()) {
            return Err(full(dir));
        }
        found.push(entry.path());
    }
    Ok(found)
}

fn full(dir: &Path) -> Failure {
    let dir = foreign::path(dir);
    Failure::usage(format!("{dir}: not empty")).remedy("name a new folder, nothing is overwritten")
}

fn other_day(marker: &Path) -> Failure {
    let marker = foreign::path(marker);
    Failure::usage(format!("{marker}: not of a retrieve of this date"))
        .remedy("name a new folder, nothing is overwritten")
}
