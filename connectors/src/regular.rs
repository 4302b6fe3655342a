//! Regular files that somebody else may have put where we look.
//!
//! A folder that others write into can hold a link to somebody's keys, a pipe that nobody ever
//! writes to, or a file that grows while it is read. So what an entry is is asked before it is
//! opened and again of what was opened; it is opened without following a link and without waiting
//! for anybody, read no further than it was long, and looked at once more when it was read.

use crate::error::{Error, Result};
use bytes::Bytes;
use jiff::Timestamp;
use std::fs::{self, File, FileType, Metadata, OpenOptions};
use std::io::Read;
use std::os::unix::fs::{FileTypeExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// What an entry of a folder is where it is no regular file; `None` where it is one.
pub fn oddity(kind: FileType) -> Option<&'static str> {
    match kind {
        kind if kind.is_file() => None,
        kind if kind.is_dir() => Some("a folder (a directory), which is not looked into"),
        kind if kind.is_symlink() => Some("a link, which is not followed"),
        kind if kind.is_fifo() => Some("a pipe and no regular file"),
        kind if kind.is_socket() => Some("a socket and no regular file"),
        _ => Some("a device and no regular file"),
    }
}

/// When bytes, name or rights last changed, as the file system counts: unlike the time of its
/// bytes, nobody can set it.
pub fn changed(metadata: &Metadata) -> Timestamp {
    let nanoseconds = i32::try_from(metadata.ctime_nsec()).unwrap_or(0);
    // saturates: a time that no calendar has is not over yet, so the file has to wait
    Timestamp::new(metadata.ctime(), nanoseconds).unwrap_or(Timestamp::MAX)
}

/// What tells that a file is still the one that was opened, with the same bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    file: (u64, u64),
    size: u64,
    written: (i64, i64),
    changed: (i64, i64),
}

impl Seen {
    fn of(metadata: &Metadata) -> Seen {
        Seen {
            file: (metadata.dev(), metadata.ino()),
            size: metadata.len(),
            written: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

/// A regular file, open for reading.
#[derive(Debug)]
pub struct Regular {
    file: File,
    path: PathBuf,
    seen: Seen,
    changed: Timestamp,
}

impl Regular {
    /// Opens the file at `path`.
    ///
    /// # Errors
    /// [`Error::Invalid`] where something else than a regular file stands there; it is not opened.
    pub fn open(path: &Path) -> Result<Regular> {
        let failed = |e| Error::io(path, e);
        refuse_odd(path, &fs::symlink_metadata(path).map_err(failed)?)?;
        let mut options = OpenOptions::new();
        options.read(true);
        options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
        let file = options.open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        refuse_odd(path, &metadata)?; // it may have been exchanged since it was looked at
        Ok(Regular {
            file,
            path: path.to_path_buf(),
            seen: Seen::of(&metadata),
            changed: changed(&metadata),
        })
    }

    /// The file itself, to be read by somebody else.
    pub fn into_file(self) -> File {
        self.file
    }

    /// Bytes when it was opened.
    pub const fn size(&self) -> u64 {
        self.seen.size
    }

    /// When it had last changed, when it was opened.
    pub const fn changed(&self) -> Timestamp {
        self.changed
    }

    /// Its bytes, and no more of them than there were when it was opened.
    pub fn stream(&self) -> impl Read {
        (&self.file).take(self.seen.size)
    }

    /// Whether it is as it was when it was opened.
    ///
    /// # Errors
    /// Where the file system does not say.
    pub fn is_unchanged(&self) -> Result<bool> {
        let now = self.file.metadata();
        let now = now.map_err(|e| Error::io(&self.path, e))?;
        Ok(Seen::of(&now) == self.seen)
    }

    /// All its bytes; `None` where it changed while they were read.
    ///
    /// # Errors
    /// [`Error::Invalid`] where it has more than `most`; nothing is read of it then.
    pub fn read(&self, most: u64) -> Result<Option<Bytes>> {
        let size = self.seen.size;
        if size > most {
            let why = format!("{size} bytes, and at most {most} are taken: have it split");
            return Err(Error::invalid(self.path.display().to_string(), why));
        }
        let mut body = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
        let read = self.stream().read_to_end(&mut body);
        read.map_err(|e| Error::io(&self.path, e))?;
        let whole = body.len() as u64 == size && self.is_unchanged()?;
        Ok(whole.then(|| body.into()))
    }
}

fn refuse_odd(path: &Path, metadata: &Metadata) -> Result<()> {
    match oddity(metadata.file_type()) {
        None => Ok(()),
        Some(why) => Err(Error::invalid(path.display().to_string(), why)),
    }
}
