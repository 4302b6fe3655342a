//! A folder for the time of one command, among the temporary files, for its owner alone.
//!
//! What is in it holds account numbers, so a command that is killed must not leave it lying about
//! for long. A run holds a lock on its folder; one whose lock nobody holds was left by a run that
//! died, and the next run removes it: only a folder of the same user, and of what is in it only
//! what such a run puts there.

use crate::regular;
use desk::failure::{Failure, Result};
use std::fs::{self, File, TryLockError};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use tempfile::TempDir;

/// How the folders' names begin.
const PREFIX: &str = "tieout-proof-";

/// Another run may take a new folder for one that was left, between its making and its locking.
const TRIES: u32 = 8;

/// What is left where no folder can be had.
const NOTHING_PROVED: &str =
    "nothing was proved; make room there or set TMPDIR, then run the same again";

/// A folder that goes when this does.
#[derive(Debug)]
pub struct Scratch {
    folder: TempDir,
    _lock: File,
}

impl Scratch {
    /// A new folder; those that dead runs have left go.
    ///
    /// # Errors
    /// Where none can be made.
    pub fn begin() -> Result<Scratch> {
        let among = std::env::temp_dir();
        for _ in 0..TRIES {
            if let Some(scratch) =
                begin_in(&among).map_err(Failure::of_file(&among, NOTHING_PROVED))?
            {
                sweep(&among, &scratch);
                return Ok(scratch);
            }
        }
        let among = among.display();
        Err(Failure::could_not(format!("{among}: no folder can be locked")).remedy(NOTHING_PROVED))
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Removes the folder and what is in it; a file of it that is open can be read on, and is
    /// gone whatever happens to this process.
    ///
    /// # Errors
    /// Where it cannot be removed.
    pub fn end(self) -> Result<()> {
        let path = self.folder.path().to_path_buf();
        let kept = "remove it: it holds a day's files; then run the same again";
        self.folder.close().map_err(Failure::of_file(&path, kept))
    }
}

/// A folder that is locked; none where somebody else was faster with its lock.
fn begin_in(among: &Path) -> std::io::Result<Option<Scratch>> {
    let owner_only = fs::Permissions::from_mode(0o700);
    let mut builder = tempfile::Builder::new();
    let folder = builder
        .prefix(PREFIX)
        .permissions(owner_only)
        .tempdir_in(among)?;
    let Ok(lock) = regular::open_folder(folder.path()) else {
        return Ok(None);
    };
    let taken = matches!(lock.try_lock(), Err(TryLockError::WouldBlock));
    let same = fs::metadata(folder.path())
        .is_ok_and(|there| lock.metadata().is_ok_and(|ours| ours.ino() == there.ino()));
    let ours = same && !taken;
    Ok(ours.then_some(Scratch {
        folder,
        _lock: lock,
    }))
}

/// Removes what dead runs of the same user have left. What cannot be removed stays for the next.
fn sweep(among: &Path, ours: &Scratch) {
    let (Ok(entries), Ok(own)) = (fs::read_dir(among), fs::metadata(ours.path())) else {
        return;
    };
    for entry in entries.flatten() {
        let of_ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        let folder = entry.path();
        let left = || {
            let about = fs::symlink_metadata(&folder).ok()?;
            let same_user = about.is_dir() && about.uid() == own.uid();
            let lock = regular::open_folder(&folder).ok().filter(|_| same_user)?;
            lock.try_lock().is_ok().then_some(lock)
        };
        if let Some(_lock) = of_ours.then(left).flatten() {
            clear(&folder);
        }
    }
}

/// Removes a folder with the package in it, and nothing else.
fn clear(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with("tieout-") && name.ends_with(".tar") {
            let _ = fs::remove_file(entry.path());
        }
    }
    let _ = fs::remove_dir(folder);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_dead_run_left_goes_and_what_is_in_use_or_somebody_elses_stays() {
        let among = tempfile::tempdir().unwrap();
        let left = |name: &str, file: &str| {
            let folder = among.path().join(name);
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join(file), "x").unwrap();
            folder
        };
        let dead = left("tieout-proof-dead", "tieout-2026-11-27.tar");
        let mine = left("tieout-proof-mine", "notes.txt");
        let other = left("other", "tieout-2026-11-27.tar");
        let busy = begin_in(among.path()).unwrap().unwrap();
        let scratch = begin_in(among.path()).unwrap().unwrap();
        sweep(among.path(), &scratch);
        assert!(!dead.exists() && mine.join("notes.txt").exists());
        assert!(other.join("tieout-2026-11-27.tar").exists());
        assert!(busy.path().exists() && scratch.path().exists());
        let gone = scratch.path().to_path_buf();
        scratch.end().unwrap();
        assert!(!gone.exists());
    }
}
