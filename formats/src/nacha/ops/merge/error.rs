//! Why a source is put aside, and why nothing is merged.

use crate::finding::Finding;
use crate::nacha::writer::WriteError;
use std::io;

/// Why a source is not in any of the merged files.
#[derive(Debug)]
pub enum Aside {
    /// It cannot be read.
    Unreadable(io::Error),
    /// It breaks rules; the first of its errors.
    Invalid(u64, Option<Box<Finding>>),
    /// It holds no entry.
    Empty,
    /// It holds several files; take them apart first.
    Several,
    /// It is, record for record, the source of that place.
    Again(usize),
    /// The batch on that line, or an entry of it, is above a cap and cannot be cut.
    AboveCaps(u64),
    /// It has characters of several bytes, which no column holds.
    Wide,
    /// What stands on that line cannot be written again.
    Refused(u64, WriteError),
}

impl std::fmt::Display for Aside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Aside::Unreadable(error) => write!(f, "cannot be read: {error}"),
            Aside::Invalid(errors, Some(first)) => write!(f, "{errors} errors, first {first}"),
            Aside::Invalid(errors, None) => write!(f, "{errors} errors"),
            Aside::Empty => f.write_str("holds no entry"),
            Aside::Several => f.write_str("holds several files: take them apart first"),
            Aside::Again(_) => f.write_str("holds the same records as an earlier file"),
            Aside::Wide => {
                f.write_str("has characters of several bytes (UTF-8): write them as ASCII first")
            }
            Aside::Refused(line, error) => write!(f, "line {line}: {error}"),
            Aside::AboveCaps(line) => write!(
                f,
                "the batch on line {line} is above the caps and cannot be cut: raise them"
            ),
        }
    }
}

/// Why nothing was merged.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// A source that was good cannot be read again.
    #[error("file {source_file}: it changed or went away while it was merged: {error}")]
    Source {
        /// The source's place.
        source_file: usize,
        /// What is wrong.
        error: io::Error,
    },
    /// A merged file cannot be written.
    #[error("file {source_file}, line {line}: {error}")]
    Write {
        /// The source that is copied.
        source_file: usize,
        /// The line that is copied.
        line: u64,
        /// What is wrong.
        error: WriteError,
    },
    /// A merged file cannot be begun.
    #[error("a merged file: {0}")]
    Begin(io::Error),
    /// More files than a day has modifiers.
    #[error("more than 36 files: a day has no more file id modifiers, raise the caps")]
    TooMany,
}
