//! What a port answers when it cannot do what it was asked.
//!
//! Every message says what it is about, what is wrong and what to do next. Adapters translate
//! their own errors into these kinds, so that a job can decide (retry, stop, alarm) without
//! knowing which adapter it talks to.

use std::{error, io, path::Path};

/// The result of a port.
pub type Result<T> = std::result::Result<T, Error>;

/// The source of an [`Error::Unavailable`], whatever the adapter's library calls it.
pub type Source = Box<dyn error::Error + Send + Sync>;

/// Why a port did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing.
    #[error("{what}: not found; check the name, or run the job that writes it first")]
    NotFound {
        /// The thing that was looked for.
        what: String,
    },
    /// Something else is already there, or somebody else was faster. Nothing was changed.
    #[error("{what}: {why}; nothing was changed")]
    Conflict {
        /// The thing that was to be written.
        what: String,
        /// What stands in the way.
        why: String,
    },
    /// No permission.
    #[error("{what}: {why}")]
    Denied {
        /// The thing that was to be read or written.
        what: String,
        /// Which permission is missing, and how to grant it.
        why: String,
    },
    /// The storage or the network did not answer as it should; trying again may help.
    #[error("{what}: {source}; try again when the storage answers")]
    Unavailable {
        /// What was being done.
        what: String,
        /// What the storage said.
        source: Source,
    },
    /// What was read is not what was once written.
    #[error(
        "{what}: damaged: {why}; restore it from a copy before going on (docs/operations.md, \
         Restore)"
    )]
    Corrupt {
        /// The thing that was read.
        what: String,
        /// What is wrong with it.
        why: String,
    },
    /// The disk or the quota is full. Nothing half-written is visible.
    #[error("{what}: no space left; free some and run again, nothing half-written was kept")]
    Full {
        /// The thing that was to be written.
        what: String,
    },
    /// The question itself is wrong.
    #[error("{what}: {why}")]
    Invalid {
        /// The argument or setting.
        what: String,
        /// What is wrong with it, and what would be right.
        why: String,
    },
}

impl Error {
    /// A [`Error::NotFound`].
    pub fn not_found(what: impl Into<String>) -> Error {
        Error::NotFound { what: what.into() }
    }

    /// A [`Error::Conflict`].
    pub fn conflict(what: impl Into<String>, why: impl Into<String>) -> Error {
        Error::Conflict {
            what: what.into(),
            why: why.into(),
        }
    }

    /// A [`Error::Corrupt`].
    pub fn corrupt(what: impl Into<String>, why: impl Into<String>) -> Error {
        Error::Corrupt {
            what: what.into(),
            why: why.into(),
        }
    }

    /// A [`Error::Invalid`].
    pub fn invalid(what: impl Into<String>, why: impl Into<String>) -> Error {
        Error::Invalid {
            what: what.into(),
            why: why.into(),
        }
    }

    /// A [`Error::Unavailable`].
    pub fn unavailable(what: impl Into<String>, source: impl Into<Source>) -> Error {
        Error::Unavailable {
            what: what.into(),
            source: source.into(),
        }
    }

    /// What the operating system said about `path`, as the kind a caller can act on.
    pub fn io(path: &Path, source: io::Error) -> Error {
        Error::of_kind(path.display().to_string(), source.kind(), source.into())
    }

    /// As [`Error::io`], for adapters of libraries that wrap what the operating system said.
    pub fn of_kind(what: String, kind: io::ErrorKind, source: Source) -> Error {
        let denied = |why: &str| Error::Denied {
            what: what.clone(),
            why: why.to_owned(),
        };
        match kind {
            io::ErrorKind::NotFound => Error::NotFound { what },
            io::ErrorKind::PermissionDenied => {
                denied("no permission; let the user that runs this read and write here")
            }
            io::ErrorKind::ReadOnlyFilesystem => {
                denied("the file system is read-only; choose another folder or remount it")
            }
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Error::Full { what },
            io::ErrorKind::NotADirectory => Error::Invalid {
                what,
                why: "a file stands where a folder must be; move what is in the way".to_owned(),
            },
            io::ErrorKind::IsADirectory => Error::Invalid {
                what,
                why: "a folder stands where a file must be; move what is in the way".to_owned(),
            },
            io::ErrorKind::AlreadyExists => Error::Invalid {
                what,
                why: "something else stands there; move what is in the way".to_owned(),
            },
            _ => Error::Unavailable { what, source },
        }
    }
}
