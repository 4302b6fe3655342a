//! Which entries of a file are answered how: a list of traces and codes, for half a million
//! entries too. An answer takes 24 bytes and its text.

use super::draft::{Draft, Made};
use super::input::{ACH_BYTES, LIST_BYTES, reading, source};
use super::make::kept;
use super::sort::Sort;
use crate::progress::Progress;
use desk::failure::{Failure, Result};
use formats::nacha::ops::{self, Answer, Creation, Numbering};
use settlement::codes::changes::ChangeCode;
use settlement::codes::returns::ReturnCode;
use settlement::ids::TraceNumber;
use std::io::BufRead;
use std::path::Path;

/// Which kind of answer a list holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerKind {
    /// `TRACE:R01` or `TRACE:R17:information`.
    Return,
    /// `TRACE:C01:corrected data`.
    Change,
}

/// One answer; its text stands in [`Answers::texts`].
#[derive(Clone, Copy)]
struct Listed {
    trace: u64,
    code: Code,
    /// Whether an entry of that trace was found, or a second one.
    hits: u8,
    text: (u32, u16),
}

#[derive(Clone, Copy)]
enum Code {
    Return(ReturnCode),
    Change(ChangeCode),
}

/// Whom to answer how, and whether the file had them.
#[derive(Default)]
pub struct Answers {
    list: Vec<Listed>,
    /// Corrected data may be account numbers: never printed.
    texts: String,
    /// The answer to the last entry that had one; the next one's mostly follows it.
    at: usize,
}

/// How many traces a message names.
const NAMED: usize = 20;

impl Answers {
    /// Takes an answer of the kind, `TRACE:CODE` or `TRACE:CODE:TEXT`.
    ///
    /// # Errors
    /// Where it is no such answer.
    pub fn add(&mut self, kind: AnswerKind, text: &str) -> Result<()> {
        let mut parts = text.splitn(3, ':');
        let trace = parts.next().unwrap_or("").trim();
        let code = parts.next().unwrap_or("").trim();
        let more = parts.next().unwrap_or("").trim_end();
        // Corrected data may be an account number: what is wrong is said by trace and code.
        let bad = |why: &str| Failure::usage(format!("{trace}:{code}: no answer")).remedy(why);
        let number = trace
            .parse()
            .ok()
            .filter(|_| trace.len() == 15)
            .and_then(|number| TraceNumber::from_number(number).ok())
            .ok_or_else(|| {
                Failure::usage("an answer is without its trace")
                    .remedy("an answer begins with a trace number, 15 digits")
            })?;
        let code = match kind {
            AnswerKind::Return => ReturnCode::from_bytes(code.as_bytes())
                .filter(|code| code.reason().is_some())
                .map(Code::Return)
                .ok_or_else(|| bad("after the trace name a return reason, :R01"))?,
            AnswerKind::Change => ChangeCode::from_bytes(code.as_bytes())
                .filter(|code| code.row().is_some())
                .map(Code::Change)
                .ok_or_else(|| bad("after the trace name a change, :C01"))?,
        };
        if more.is_empty() && kind == AnswerKind::Change {
            return Err(bad("after the change code say what is right, :C01:12345"));
        }
        let place = u32::try_from(self.texts.len()).ok();
        let text = place.zip(u16::try_from(more.len()).ok());
        let text =
            text.ok_or_else(|| bad("give fewer or shorter texts: no file can hold these"))?;
        self.texts.push_str(more);
        let (trace, hits) = (number.get(), 0);
        self.list.push(Listed {
            trace,
            code,
            hits,
            text,
        });
        Ok(())
    }

    /// Takes the answers of a list, one on each line; blank lines and `#` are passed over.
    ///
    /// # Errors
    /// Where it cannot be read or a line is no answer.
    pub fn list(&mut self, kind: AnswerKind, path: &Path) -> Result<()> {
        let progress = Progress::unseen();
        let mut list = std::io::BufReader::new(source(path, LIST_BYTES, &progress)?);
        let mut line = String::new();
        while list.read_line(&mut line).map_err(|e| reading(path, &e))? > 0 {
            if !line.trim().is_empty() && !line.starts_with('#') {
                self.add(kind, &line)?;
            }
            line.clear();
        }
        Ok(())
    }

    /// Writes the file of the answers to `path`.
    ///
    /// # Errors
    /// Where the file cannot be read or written, an entry cannot be answered so, a trace is named
    /// twice, is not in the file or is there twice: then nothing is written.
    pub fn write(
        mut self,
        path: &Path,
        creation: Creation,
        numbering: Numbering,
        to: Option<&Path>,
    ) -> Result<Made> {
        if !self.list.is_sorted_by_key(|listed| listed.trace) {
            self.list.sort_unstable_by_key(|listed| listed.trace);
        }
        let mut pairs = self.list.iter().zip(self.list.iter().skip(1));
        if let Some((one, _)) = pairs.find(|(one, other)| one.trace == other.trace) {
            let why = format!("{:015}: the trace is named twice", one.trace);
            return Err(Failure::usage(why).remedy("leave one of the two out"));
        }
        let progress = Progress::unseen();
        let draft = Draft::begin(to, Sort::Ach)?;
        let made = ops::answer(
            source(path, ACH_BYTES, &progress)?,
            draft,
            creation,
            numbering,
            |entry| self.answer(entry.detail.trace()?.get()),
        );
        for (wanted, what) in [(0, "is not in it"), (2, "is in it more than once")] {
            let hit = self.list.iter().filter(|listed| listed.hits == wanted);
            let which: Vec<_> = hit
                .take(NAMED)
                .map(|listed| format!("{:015}", listed.trace))
                .collect();
            if made.is_ok() && !which.is_empty() {
                let (path, which) = (path.display(), which.join(", "));
                return Err(Failure::findings(format!("{path}: {which} {what}"))
                    .remedy("correct the answers: `tieout ach describe` lists the traces"));
            }
        }
        kept(path, made, to, "no entry is answered")
    }

    /// The answer to the entry of a trace.
    fn answer(&mut self, trace: u64) -> Option<Answer> {
        let next = self.at + 1;
        let known = |at: usize| self.list.get(at).is_some_and(|l| l.trace == trace);
        self.at = if known(next) {
            next
        } else {
            self.list.binary_search_by_key(&trace, |l| l.trace).ok()?
        };
        let listed = self.list.get_mut(self.at)?;
        listed.hits = (listed.hits + 1).min(2);
        let from = listed.text.0 as usize;
        let text = self.texts.get(from..from + usize::from(listed.text.1));
        let text = text.unwrap_or("").to_owned();
        Some(match listed.code {
            Code::Return(code) => Answer::Return {
                code,
                information: text,
            },
            Code::Change(code) => Answer::Change {
                code: code.as_str().to_owned(),
                corrected_data: text,
            },
        })
    }
}
