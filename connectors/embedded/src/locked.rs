//! Locks of the operating system: of files made for that, and of folders.
//!
//! They end with the process that has them, however it ends, so nothing of them is ever to be
//! cleared away.

use crate::files;
use connectors::regular::Regular;
use connectors::{Error, Result};
use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::time::{Duration, Instant};

/// How often, and how far apart, a lock is asked for that somebody may be about to give back.
const TRIES: u32 = 6;
const PAUSE: Duration = Duration::from_millis(50);

/// How long the lock of a folder is waited for. It is held for as long as one small file takes to
/// be written, so whoever has it for longer is stopped, or hangs.
const PATIENCE: Duration = Duration::from_secs(10);

/// How far apart the lock of a folder is asked for.
const BREATH: Duration = Duration::from_millis(2);

/// A lock, held until this is dropped.
///
/// It is given back in so many words: a file that is only closed stays locked for as long as a
/// process that is being started has its copy of it.
#[derive(Debug)]
pub struct Lock(File);

impl Lock {
    /// The lock of a file that is locked already.
    pub(crate) const fn over(file: File) -> Lock {
        Lock(file)
    }

    /// The locked file.
    pub(crate) const fn file(&self) -> &File {
        &self.0
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Where that fails, it ends with the process.
        self.0.unlock().unwrap_or_default();
    }
}

/// The lock of the file `path`, which is made where it is missing; nothing where somebody has it.
///
/// # Errors
/// Where something else than a file stands there, or it cannot be made.
pub(crate) fn try_file(path: &Path) -> Result<Option<Lock>> {
    let file = opened(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Lock(file))),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(e)) => Err(Error::io(path, e)),
    }
}

/// As [`try_file`], asking more than once; `held` says what is wrong where somebody keeps it.
///
/// # Errors
/// As [`try_file`], and what `held` says.
pub(crate) fn of_file(path: &Path, held: impl FnOnce() -> Error) -> Result<Lock> {
    for _ in 0..TRIES {
        match try_file(path)? {
            Some(lock) => return Ok(lock),
            None => std::thread::sleep(PAUSE),
        }
    }
    Err(held())
}

/// The lock of the file `path` that many share. Whoever finds nobody else there does `alone`
/// before anybody else can have it.
///
/// # Errors
/// As [`try_file`], and what `alone` says.
pub(crate) fn shared(path: &Path, alone: impl FnOnce() -> Result<()>) -> Result<Lock> {
    let file = opened(path)?;
    match file.try_lock() {
        // Its own file becomes one of those that share it, by the call below.
        Ok(()) => alone()?,
        Err(TryLockError::WouldBlock) => {}
        Err(TryLockError::Error(e)) => return Err(Error::io(path, e)),
    }
    waited_for(path, || file.try_lock_shared())?;
    Ok(Lock(file))
}

/// The lock of the folder `path` itself, waited for.
///
/// # Errors
/// Where there is no such folder, or somebody keeps the lock.
pub(crate) fn folder(path: &Path) -> Result<Lock> {
    let file = File::open(path).map_err(|e| Error::io(path, e))?;
    waited_for(path, || file.try_lock())?;
    Ok(Lock(file))
}

fn waited_for(
    path: &Path,
    asked: impl Fn() -> std::result::Result<(), TryLockError>,
) -> Result<()> {
    let begun = Instant::now();
    loop {
        match asked() {
            Ok(()) => return Ok(()),
            Err(TryLockError::WouldBlock) if begun.elapsed() < PATIENCE => {
                std::thread::sleep(BREATH);
            }
            Err(TryLockError::WouldBlock) => {
                let why = "another process keeps its lock and does not go on; continue or end it";
                return Err(Error::unavailable(path.display().to_string(), why));
            }
            Err(TryLockError::Error(e)) => return Err(Error::io(path, e)),
        }
    }
}

fn opened(path: &Path) -> Result<File> {
    match Regular::open(path) {
        Ok(_) | Err(Error::NotFound { .. } | Error::Denied { .. }) => {}
        Err(other) => return Err(other), // what is no regular file is not opened for writing
    }
    let mut options: fs::OpenOptions = files::private();
    let options = options.read(true).write(true).create(true).truncate(false);
    options.open(path).map_err(|e| Error::io(path, e))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    fn held() -> Error {
        Error::conflict("it", "somebody has it")
    }

    #[test]
    fn a_lock_is_given_back_though_a_child_that_starts_has_inherited_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lock");
        let lock = of_file(&path, held).unwrap();
        let inherited = lock.file().try_clone().unwrap();
        assert!(matches!(of_file(&path, held), Err(Error::Conflict { .. })));
        drop(lock);
        drop(of_file(&path, held).unwrap());
        drop(inherited);
    }

    #[test]
    fn who_is_alone_is_told_so_and_nobody_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("users");
        let told = Cell::new(0);
        let alone = || {
            told.set(told.get() + 1);
            assert!(try_file(&path).unwrap().is_none(), "nobody comes between");
            Ok(())
        };
        let first = shared(&path, alone).unwrap();
        let second = shared(&path, alone).unwrap();
        assert_eq!(told.get(), 1);
        drop(first);
        drop(shared(&path, alone).unwrap());
        assert_eq!(told.get(), 1);
        drop(second);
        drop(shared(&path, alone).unwrap());
        assert_eq!(told.get(), 2);
    }

    #[test]
    fn a_folder_is_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().to_path_buf();
        let first = folder(&path).unwrap();
        let waits = std::thread::spawn(move || folder(&path).map(drop));
        std::thread::sleep(PAUSE);
        assert!(!waits.is_finished());
        drop(first);
        waits.join().unwrap().unwrap();
    }
}
