//! Folders for copies of a store, and what a kill leaves of them.
//!
//! A copy holds what customers gave us, so it may not outlive who made it. Whoever makes one holds
//! a lock on its folder for as long as it lives; the lock ends with the process, however it ends.
//! So a folder whose lock can be had is nobody's any more, and the next command removes it.

use connectors::{Error, Result};
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use tempfile::TempDir;

/// How the names of the folders begin.
const PREFIX: &str = "tieout-look-";

/// How often a folder is made anew that somebody has cleared away before it was locked.
const TRIES: u32 = 8;

/// A folder that nobody else opens, and that is gone when this is.
pub struct Held {
    folder: TempDir,
    /// Given up after the folder is gone: fields are dropped in their order.
    _lock: File,
}

impl Held {
    /// A new one below `base`.
    ///
    /// # Errors
    /// Where none can be made there.
    pub fn new(base: &Path) -> Result<Held> {
        let failed = |e| {
            let what = format!("the folder for temporary files, {}", base.display());
            let why = format!("{e}; set TMPDIR to a folder that can be written, and run it again");
            Error::unavailable(what, why)
        };
        for _ in 0..TRIES {
            let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(base);
            let folder = folder.map_err(failed)?;
            if let Some(_lock) = lock(folder.path()) {
                return Ok(Held { folder, _lock });
            }
        }
        let why = "what is made there is removed at once; set TMPDIR to another folder";
        Err(Error::conflict(base.display().to_string(), why))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// The lock of a folder that is still the one of its name; nothing where another has it.
fn lock(folder: &Path) -> Option<File> {
    let held = File::open(folder).ok()?;
    held.try_lock().ok()?;
    let (ours, named) = (held.metadata().ok()?, fs::symlink_metadata(folder).ok()?);
    let same = named.is_dir() && (ours.dev(), ours.ino()) == (named.dev(), named.ino());
    same.then_some(held)
}

/// Removes what was left below `base` by processes that are no more. What cannot be removed is
/// somebody else's, and stays.
pub fn clear(base: &Path) {
    let entries = fs::read_dir(base).into_iter().flatten().flatten();
    for entry in entries {
        let left = entry.file_name().to_string_lossy().starts_with(PREFIX);
        let folder = left && entry.file_type().is_ok_and(|kind| kind.is_dir());
        if let Some(_lock) = folder.then(|| lock(&entry.path())).flatten() {
            // Nothing depends on it: the next command tries again.
            fs::remove_dir_all(entry.path()).unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn what_a_kill_left_is_removed_and_nothing_that_somebody_has() {
        let base = tempfile::tempdir().unwrap();
        let at = |name: &str| base.path().join(name);
        let (elsewhere, held) = (at("elsewhere"), Held::new(base.path()).unwrap());
        fs::write(held.path().join("0.jnl"), "names").unwrap();
        for folder in [
            "tieout-look-left/keyspaces/0",
            "tieout-look-empty",
            "elsewhere",
        ] {
            fs::create_dir_all(at(folder)).unwrap();
        }
        fs::write(at("tieout-look-left/0.jnl"), "names").unwrap();
        fs::write(elsewhere.join("kept"), "kept").unwrap();
        symlink(&elsewhere, at("tieout-look-left/keyspaces/0/tables")).unwrap();
        symlink(&elsewhere, at("tieout-look-link")).unwrap();
        fs::write(at("tieout-look-file"), "").unwrap();
        clear(base.path());
        let gone = ["tieout-look-left", "tieout-look-empty"];
        assert!(gone.iter().all(|name| !at(name).exists()));
        let kept = ["elsewhere/kept", "tieout-look-link", "tieout-look-file"];
        assert!(kept.iter().all(|name| at(name).exists()));
        assert!(held.path().join("0.jnl").exists());
        drop(held);
        assert_eq!(fs::read_dir(base.path()).unwrap().count(), 3);
    }
}
