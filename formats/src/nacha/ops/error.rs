//! Why nothing could be made of a file.

use crate::nacha::findings::Place;
use crate::nacha::writer::WriteError;
use settlement::codes::changes::ChangeError;
use std::io;

/// Why no file of answers could be made.
#[derive(Debug, thiserror::Error)]
pub enum OpError {
    /// The file cannot be read.
    #[error("the file cannot be read: {0}")]
    Read(#[from] io::Error),
    /// A part cannot be opened or kept.
    #[error("a part of the file: {0}")]
    Part(io::Error),
    /// The answers cannot be written.
    #[error("line {line}: {error}")]
    Write {
        /// The line of the entry that is answered.
        line: u64,
        /// What is wrong.
        error: WriteError,
    },
    /// The entry cannot be answered so.
    #[error("line {line}: {why}")]
    Entry {
        /// The entry's line.
        line: u64,
        /// Why not.
        why: &'static str,
    },
    /// A character is several bytes: no column holds it, and as one byte it would be another.
    #[error("the file has characters of several bytes (UTF-8): write them as ASCII first")]
    Wide,
    /// The corrected data are not what the change code says. They are not repeated.
    #[error("line {line}: {}", corrected(error))]
    Corrected {
        /// The entry's line.
        line: u64,
        /// What is wrong with them.
        error: ChangeError,
    },
}

/// What is wrong with data that are to be sent.
fn corrected(error: &ChangeError) -> String {
    match error {
        ChangeError::Malformed {
            code,
            part,
            from,
            to,
        } => {
            let part = part.as_str();
            format!("{code}: columns {from}-{to} of the corrected data must be a {part}")
        }
        ChangeError::Unknown(_) | ChangeError::NoLayout(_) => error.to_string(),
    }
}

/// A second file in one transmission is refused: what is made of a file has one header.
pub(super) fn only_file(another: bool, place: Place) -> Result<(), OpError> {
    if another {
        return Err(OpError::Entry {
            line: place.line,
            why: "a second file begins: take the files apart first",
        });
    }
    Ok(())
}
