//! `tieout statement`: bank statements for people and for programs.

use connectors::given;
use desk::failure::{Failure, Result};
use formats::detect::{self, Kind};
use formats::statement::Document;
use formats::{bai2, camt053};
use settlement::foreign;
use std::io::{self, Read};
use std::path::Path;

/// The longest statement that is shown: it stands in memory whole, with what is read of it.
const STATEMENT_BYTES: u64 = 32_000_000;

/// The longest of them in BAI2, whose shortest lines have a dozen bytes and take thirty times as
/// much memory when they are read.
const BAI2_BYTES: usize = 8_000_000;

/// How long a statement of a kind may be, where `size` is more: whoever reads it holds it whole.
pub fn most_bytes(kind: Kind, size: usize) -> Option<usize> {
    let most = match kind {
        Kind::Bai2 => BAI2_BYTES,
        _ => STATEMENT_BYTES as usize,
    };
    (size > most).then_some(most)
}

/// Reads a statement of whatever kind its content is.
///
/// # Errors
/// Where the file cannot be read or is no statement.
pub fn read(path: &Path) -> Result<Document> {
    let body = whole(path).map_err(|e| {
        Failure::usage(format!("{}: {e}", foreign::path(path)))
            .remedy("name a file that can be read")
    })?;
    match detect::detect(&body) {
        Kind::Bai2 if body.len() > BAI2_BYTES => {
            let (path, size) = (foreign::path(path), body.len());
            let what = format!("{path}: {size} bytes, and at most {BAI2_BYTES} of BAI2 are shown");
            Err(Failure::usage(what).remedy("split it between two groups (02 to 98)"))
        }
        Kind::Bai2 => Ok(bai2::read(&body)),
        Kind::Camt052 | Kind::Camt053 | Kind::Camt054 => Ok(camt053::read(&body)),
        kind => {
            let (path, kind) = (foreign::path(path), kind.as_str());
            let what = format!("{path}: line 1, column 1: {kind} and not a statement");
            Err(Failure::findings(what)
                .remedy("expected BAI2 (starts with 01,) or camt.052, .053 or .054"))
        }
    }
}

fn whole(path: &Path) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    given::open(path, STATEMENT_BYTES)?.read_to_end(&mut body)?;
    Ok(body)
}
