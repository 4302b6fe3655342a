//! What the commands read: files that a person names, and stdin.
//!
//! None of them waits for a pipe that nobody writes to, or reads what has no end
//! ([`connectors::given`]): each kind of file has a length that no sound one has.

use super::draft;
use crate::progress::{Progress, Reading, Shown, Unit};
use connectors::given::{self, Bounded};
use desk::failure::{Failure, Result};
use settlement::foreign;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::path::Path;

/// The longest ACH file: the six digits of its block count end at 999,999 blocks of ten records
/// of 94 columns, each with its line end, and there is room for blanks behind them.
pub const ACH_BYTES: u64 = 1_000_000_000;

/// The longest lossless JSON: each column of such a file has its name and its signs.
pub const JSON_BYTES: u64 = 16 * ACH_BYTES;

/// The longest list of answers: three million of them, far more than a day's file has entries.
/// What is kept of a list takes at most four times its length.
pub const LIST_BYTES: u64 = 64 << 20;

/// The longest key file: 32 digits, and room for blanks.
pub const KEY_BYTES: u64 = 1 << 10;

/// A file that is read once, of at most `most` bytes; `-` is stdin.
pub fn opened(path: &Path, most: u64) -> io::Result<Box<dyn Read>> {
    Ok(match path.to_str() {
        Some("-") => {
            is_given()?;
            Box::new(Bounded::new(io::stdin().lock(), most))
        }
        _ => Box::new(given::open(path, most)?),
    })
}

/// Refuses a stdin that nothing can come from: it was closed when we were started (the null device
/// stands there then), or is the null device.
fn is_given() -> io::Result<()> {
    match crate::terminal::is_null(io::stdin().as_fd()).unwrap_or(false) {
        true => Err(io::Error::other(
            "stdin is closed, or nothing: put a file there with <",
        )),
        false => Ok(()),
    }
}

/// The same, counted as it is read.
pub fn source<'a>(
    path: &Path,
    most: u64,
    progress: &'a Progress,
) -> Result<Reading<'a, Box<dyn Read>>> {
    let source = opened(path, most).map_err(|e| reading(path, &e))?;
    Ok(progress.reading(source))
}

/// An ACH file that is read in any order.
pub fn open<'a>(path: &Path, progress: &'a Progress) -> Result<Reading<'a, Bounded<File>>> {
    let file = open_file(path).map_err(|e| reading(path, &e))?;
    Ok(progress.reading(file))
}

/// The same, not counted.
pub fn open_file(path: &Path) -> io::Result<Bounded<File>> {
    Ok(Bounded::new(given::open_file(path, ACH_BYTES)?, ACH_BYTES))
}

/// Progress through the bytes of a file.
pub fn reading_of(shown: Shown, what: &str, path: &Path) -> Progress {
    let what = format!("{what} {}", path.display());
    Progress::begin(shown, &what, Unit::Bytes, length(path))
}

/// How long a file is; of a pipe nobody knows.
pub fn length(path: &Path) -> Option<u64> {
    let about = std::fs::metadata(path).ok()?;
    about.is_file().then_some(about.len())
}

/// Why a file was not read to its end: because of itself, or of where its result goes.
pub fn reading(path: &Path, error: &io::Error) -> Failure {
    if let Some(failure) = draft::unwritten(error) {
        return failure;
    }
    if error.kind() == io::ErrorKind::StorageFull {
        return Failure::could_not(format!("the result cannot be written: {error}"))
            .remedy("free some space or write it elsewhere, and run the same again");
    }
    Failure::usage(format!("{}: {error}", foreign::path(path)))
        .remedy("name a file that can be read")
}
