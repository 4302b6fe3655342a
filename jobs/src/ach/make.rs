//! One file out of one: invented, masked, taken back.

use super::draft::{Draft, Made, unkept};
use super::input::{ACH_BYTES, KEY_BYTES, reading, reading_of, source};
use super::sort::Sort;
use crate::progress::{Progress, Shown};
use connectors::given;
use desk::failure::{Failure, Result};
use formats::nacha::generate::{Defect, Plan, Planter, generate};
use formats::nacha::ops::{self, Creation, OpError};
use formats::nacha::{Totals, WriteError};
use jiff::civil::Date;
use std::hash::{BuildHasher, RandomState};
use std::path::Path;

/// Invents a file.
///
/// # Errors
/// Where the plan outgrows a file or the file cannot be written.
pub fn invent(plan: &Plan, defect: Option<&'static Defect>, to: Option<&Path>) -> Result<Made> {
    let draft = Draft::begin(to, Sort::Ach)?;
    let outgrown = |error| match error {
        WriteError::Order(why) => Failure::usage(why).remedy("correct the plan's options"),
        WriteError::Io(error) => unkept(error),
        error => Failure::usage(error.to_string()).remedy("plan a smaller file"),
    };
    let (draft, totals) = match defect {
        None => generate(draft, plan).map_err(outgrown)?,
        Some(defect) => {
            let planter = Planter::new(draft, defect, plan.options.line_end);
            let (planter, totals) = generate(planter, plan).map_err(outgrown)?;
            (planter.into_inner().map_err(unkept)?, totals)
        }
    };
    draft.keep()?;
    Ok(Made::of(to, &totals))
}

/// Hides who is in a file. Without a key one is drawn and thrown away. The file's faults stay, and
/// how many errors are among them stands with what was made.
///
/// # Errors
/// Where the file cannot be read or written.
pub fn mask(path: &Path, key: Option<[u8; 16]>, to: Option<&Path>, shown: Shown) -> Result<Made> {
    let progress = reading_of(shown, "mask", path);
    let mut draft = Draft::begin(to, Sort::Ach)?;
    let key = key.unwrap_or_else(drawn);
    let masked = ops::mask(source(path, ACH_BYTES, &progress)?, &mut draft, &key);
    let report = masked.map_err(|e| reading(path, &e))?;
    draft.keep()?;
    Ok(Made {
        errors: report.findings.errors(),
        ..Made::of(to, &report.totals)
    })
}

/// Sixteen bytes that the system's chance gives.
fn drawn() -> [u8; 16] {
    let half = || RandomState::new().hash_one(0u8);
    u128::from(half())
        .wrapping_shl(64)
        .wrapping_add(u128::from(half()))
        .to_le_bytes()
}

/// Reads a key of 32 hexadecimal digits, alone in a file.
///
/// # Errors
/// Where it cannot be read or is no key.
pub fn key(path: &Path) -> Result<[u8; 16]> {
    let text = given::text(path, KEY_BYTES).map_err(|e| reading(path, &e))?;
    let text = text.trim();
    let number = u128::from_str_radix(text, 16)
        .ok()
        .filter(|_| text.len() == 32);
    number.map(u128::to_be_bytes).ok_or_else(|| {
        Failure::usage(format!("{}: is no key", path.display()))
            .remedy("let it hold 32 hexadecimal digits and nothing else")
    })
}

/// Takes the entries of a file back. With what was made stands the line of the first batch that
/// was a reversal itself.
///
/// # Errors
/// Where the file cannot be read or written, or an entry cannot be reversed.
pub fn reverse(
    path: &Path,
    creation: Creation,
    effective: Date,
    first_sequence: u32,
    to: Option<&Path>,
) -> Result<Made> {
    let progress = Progress::unseen();
    let draft = Draft::begin(to, Sort::Ach)?;
    let source = source(path, ACH_BYTES, &progress)?;
    let reversed = ops::reverse(source, draft, creation, effective, first_sequence);
    let mut again = None;
    let made = reversed.map(|reversed| {
        reversed.map(|reversed| {
            again = reversed.again;
            (reversed.sink, reversed.totals)
        })
    });
    let none = "no entry that moves money, nothing to reverse";
    let made = kept(path, made, to, none)?;
    Ok(Made {
        reversal_line: again,
        ..made
    })
}

/// Keeps what was made, or says why nothing was.
pub(super) fn kept(
    path: &Path,
    made: std::result::Result<Option<(Draft, Totals)>, OpError>,
    to: Option<&Path>,
    none: &str,
) -> Result<Made> {
    match made {
        Ok(Some((draft, totals))) => {
            draft.keep()?;
            Ok(Made::of(to, &totals))
        }
        Ok(None) => Err(Failure::findings(format!("{}: {none}", path.display()))
            .remedy("name the file that has the entries; nothing was made")),
        Err(OpError::Read(error)) => Err(reading(path, &error)),
        Err(OpError::Part(error)) => Err(unkept(error)),
        Err(OpError::Write {
            error: WriteError::Io(error),
            ..
        }) => Err(unkept(error)),
        Err(error) => Err(Failure::findings(format!("{}: {error}", path.display()))
            .remedy("correct what is named there; nothing was made")),
    }
}
