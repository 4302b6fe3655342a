//! One file out of one: invented, masked, taken back, answered.

use super::draft::{Draft, Made};
use super::{open, reading};
use crate::failure::{Failure, Result};
use formats::nacha::Totals;
use formats::nacha::generate::{Defect, Plan, Planter, generate};
use formats::nacha::ops::{self, Answer, OpError};
use jiff::civil::{Date, Time};
use settlement::codes::changes::ChangeCode;
use settlement::codes::returns::ReturnCode;
use settlement::ids::TraceNumber;
use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::io::BufRead;
use std::path::Path;

/// The header of a file that is made of another one.
#[derive(Clone, Copy, Debug)]
pub struct NewFile {
    /// When it is made; no clock is asked, so that the same call gives the same bytes.
    pub date: Date,
    /// At what time.
    pub time: Time,
    /// Which of the day's files it is.
    pub modifier: u8,
}

/// Invents a file.
///
/// # Errors
/// Where the plan outgrows a file or the file cannot be written.
pub fn invent(plan: &Plan, defect: Option<&'static Defect>, to: Option<&Path>) -> Result<Made> {
    let draft = Draft::begin(to)?;
    let outgrown = |e| Failure::usage(format!("{e}; plan a smaller file"));
    let (draft, totals) = match defect {
        None => generate(draft, plan).map_err(outgrown)?,
        Some(defect) => {
            let planter = Planter::new(draft, defect, plan.options.line_end);
            let (planter, totals) = generate(planter, plan).map_err(outgrown)?;
            (planter.into_inner()?, totals)
        }
    };
    draft.keep()?;
    Ok(Made::of(to, &totals))
}

/// Hides who is in a file. Without a key one is drawn and thrown away.
///
/// # Errors
/// Where the file cannot be read or written.
pub fn mask(path: &Path, key: Option<[u8; 16]>, to: Option<&Path>) -> Result<Made> {
    let mut draft = Draft::begin(to)?;
    let key = key.unwrap_or_else(drawn);
    let report = ops::mask(open(path)?, &mut draft, &key).map_err(|e| reading(path, &e))?;
    draft.keep()?;
    Ok(Made::of(to, &report.totals))
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
    let text = std::fs::read_to_string(path).map_err(|e| reading(path, &e))?;
    let text = text.trim();
    let number = u128::from_str_radix(text, 16)
        .ok()
        .filter(|_| text.len() == 32);
    number.map(u128::to_be_bytes).ok_or_else(|| {
        Failure::usage(format!(
            "{}: must hold 32 hexadecimal digits",
            path.display()
        ))
    })
}

/// Takes the entries of a file back.
///
/// # Errors
/// Where the file cannot be read or written, or an entry cannot be reversed.
pub fn reverse(
    path: &Path,
    new: NewFile,
    (effective, first): (Date, u32),
    to: Option<&Path>,
) -> Result<Made> {
    let draft = Draft::begin(to)?;
    let header = (new.date, new.time, new.modifier);
    let made = ops::reverse(open(path)?, draft, header, effective, first);
    kept(
        path,
        made,
        to,
        "no entry that moves money, nothing to reverse",
    )
}

/// Whom to answer how, and whether the file had them.
#[derive(Debug, Default)]
pub struct Answers(BTreeMap<u64, (Answer, u64)>);

/// Which kind of answer a list holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerKind {
    /// `TRACE:R01` or `TRACE:R17:information`.
    Return,
    /// `TRACE:C01:corrected data`.
    Change,
}

impl Answers {
    /// Takes an answer of the kind, `TRACE:CODE` or `TRACE:CODE:TEXT`.
    ///
    /// # Errors
    /// Where it is no such answer, or the trace has one already.
    pub fn add(&mut self, kind: AnswerKind, text: &str) -> Result<()> {
        let mut parts = text.splitn(3, ':');
        let trace = parts.next().unwrap_or("").trim();
        let code = parts.next().unwrap_or("").trim();
        let more = parts.next().unwrap_or("").trim_end().to_owned();
        // Corrected data may be an account number: what is wrong is said by trace and code.
        let bad = |why: &str| Failure::usage(format!("{trace}:{code}: {why}"));
        let trace = trace
            .parse()
            .ok()
            .filter(|_| trace.len() == 15)
            .and_then(|number| TraceNumber::from_number(number).ok())
            .ok_or_else(|| Failure::usage("an answer begins with a trace number, 15 digits"))?;
        let answer = match kind {
            AnswerKind::Return => Answer::Return {
                code: ReturnCode::from_bytes(code.as_bytes())
                    .filter(|code| code.reason().is_some())
                    .ok_or_else(|| bad("after the trace name a return reason, :R01"))?,
                information: more,
            },
            AnswerKind::Change => Answer::Change {
                code: ChangeCode::from_bytes(code.as_bytes())
                    .filter(|code| code.row().is_some())
                    .map(|code| code.as_str().to_owned())
                    .ok_or_else(|| bad("after the trace name a change, :C01"))?,
                corrected_data: match more {
                    more if more.is_empty() => {
                        return Err(bad("after the change code say what is right, :C01:12345"));
                    }
                    more => more,
                },
            },
        };
        match self.0.insert(trace.get(), (answer, 0)) {
            None => Ok(()),
            Some(_) => Err(bad("the trace is named twice")),
        }
    }

    /// Takes the answers of a list, one on each line; blank lines and `#` are passed over.
    ///
    /// # Errors
    /// Where it cannot be read or a line is no answer.
    pub fn list(&mut self, kind: AnswerKind, path: &Path) -> Result<()> {
        for line in std::io::BufReader::new(open(path)?).lines() {
            let line = line.map_err(|e| reading(path, &e))?;
            if !line.trim().is_empty() && !line.starts_with('#') {
                self.add(kind, &line)?;
            }
        }
        Ok(())
    }

    /// Writes the file of the answers to `path`.
    ///
    /// # Errors
    /// Where the file cannot be read or written, an entry cannot be answered so, or a trace is
    /// not in the file or is there twice: then nothing is written.
    pub fn write(
        mut self,
        path: &Path,
        new: NewFile,
        (settled, first): (Date, u32),
        to: Option<&Path>,
    ) -> Result<Made> {
        let draft = Draft::begin(to)?;
        let header = (new.date, new.time, new.modifier);
        let day = settled.day_of_year().unsigned_abs();
        let made = ops::answer(open(path)?, draft, header, (first, day), |entry| {
            let (answer, hits) = self.0.get_mut(&entry.detail.trace()?.get())?;
            *hits = hits.saturating_add(1);
            Some(answer.clone())
        });
        let traces = |wanted: fn(u64) -> bool| -> Vec<String> {
            let all = self.0.iter().filter(|(_, (_, hits))| wanted(*hits));
            all.take(20)
                .map(|(trace, _)| format!("{trace:015}"))
                .collect()
        };
        let (missing, twice) = (traces(|hits| hits == 0), traces(|hits| hits > 1));
        for (which, what) in [
            (missing, "is not in it"),
            (twice, "is in it more than once"),
        ] {
            if made.is_ok() && !which.is_empty() {
                let (path, which) = (path.display(), which.join(", "));
                return Err(Failure::findings(format!("{path}: {which} {what}")));
            }
        }
        kept(path, made, to, "no entry is answered")
    }
}

fn kept(
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
        Ok(None) => Err(Failure::findings(format!("{}: {none}", path.display()))),
        Err(OpError::Read(error)) => Err(reading(path, &error)),
        Err(error) => Err(Failure::findings(format!("{}: {error}", path.display()))),
    }
}
