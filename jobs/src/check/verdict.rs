//! What a check covers, what it proved and what it found.

use connectors::Name;
use desk::failure::{Failure, Result, Status};
use jiff::civil::Date;
use serde::Serialize;
use settlement::archive::Hash256;
use std::collections::BTreeSet;
use std::fmt;

/// Findings that are listed, at most; further ones are counted.
const MAX_FINDINGS: usize = 1_000;

/// What a check covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Everything.
    All,
    /// What belongs to one business date, and the chain up to it.
    Date(Date),
}

/// What a check proved, and what it found.
#[derive(Debug, Default, Serialize)]
pub struct Check {
    /// The date, where only one was looked at.
    pub date: Option<Date>,
    /// What was proved, by kind, and how many of it.
    pub proved: Vec<Proved>,
    /// Objects, folders and packages that no record names: left by a run that was killed. Nothing
    /// reads them.
    pub unnamed: Vec<String>,
    /// What is missing, changed, torn or foreign.
    pub findings: Vec<Finding>,
    /// Findings that are not listed.
    pub more_findings: u64,
    /// What the installation was held against from outside.
    pub known: Option<Known>,
    /// Objects whose bytes are others than some record says, which are findings.
    #[serde(skip)]
    pub(super) contradicted: BTreeSet<Name>,
    /// What says that this is no one installation, which is a finding that nobody may go on
    /// despite.
    #[serde(skip)]
    pub foreign: Option<Finding>,
    /// Whether an object could not be read, which is a finding.
    #[serde(skip)]
    pub(super) unreadable: bool,
}

/// How many of one kind were proved.
#[derive(Debug, Serialize)]
pub struct Proved {
    /// What they are.
    pub what: &'static str,
    /// How many.
    pub count: u64,
}

/// One thing that is wrong.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What is wrong, and where.
    pub message: String,
    /// What to do about it.
    pub what_to_do: String,
}

/// The sealed day whose manifest somebody has kept the hash of.
#[derive(Debug, Serialize)]
pub struct Known {
    /// Its business date.
    pub date: Date,
    /// The hash of its manifest.
    pub manifest: Hash256,
}

impl Check {
    /// Whether all that was looked at is as it was written.
    pub fn ok(&self) -> bool {
        self.findings.is_empty() && self.more_findings == 0
    }

    /// Whether the bytes of an object are others than some record says.
    pub fn contradicts(&self, name: &Name) -> bool {
        self.contradicted.contains(name)
    }

    /// Whether something is wrong with what has this name.
    pub(super) fn names(&self, name: &str) -> bool {
        let mut messages = self.findings.iter().map(|finding| &finding.message);
        let begins = |text: &String| text.strip_prefix(name).is_some_and(|s| s.starts_with(':'));
        messages.any(begins)
    }

    pub(super) fn count(&mut self, what: &'static str, count: u64) {
        match self.proved.iter_mut().find(|proved| proved.what == what) {
            Some(proved) => proved.count += count,
            None => self.proved.push(Proved { what, count }),
        }
    }

    /// Keeps what a proof says instead of ending the check.
    pub(super) fn take<T>(&mut self, proof: Result<T>) -> Option<T> {
        match proof {
            Ok(proved) => Some(proved),
            Err(failure) => {
                self.found(failure);
                None
            }
        }
    }

    /// As [`Check::take`]; where a store does not answer, nothing is known of what is there, unless
    /// it is one object that cannot be read: then a proof stops at that, and the others go on.
    pub(super) fn stopped<T>(&mut self, proof: Result<T>) -> Result<Option<T>> {
        match proof {
            Err(failure) if failure.status == Status::CouldNot && !self.unreadable => Err(failure),
            proof => Ok(self.take(proof)),
        }
    }

    pub(super) fn found(&mut self, failure: Failure) {
        let finding = Finding {
            message: failure.message,
            what_to_do: failure.remedy,
        };
        if self.findings.contains(&finding) {
            return;
        }
        match self.findings.len() < MAX_FINDINGS {
            true => self.findings.push(finding),
            false => self.more_findings += 1,
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Finding {
            message,
            what_to_do,
        } in &self.findings
        {
            writeln!(f, "{message}\n  {what_to_do}")?;
        }
        if self.more_findings > 0 {
            writeln!(f, "and {} more findings", self.more_findings)?;
        }
        match self.ok() {
            true => writeln!(
                f,
                "every byte that was looked at is the one that was written"
            )?,
            false => writeln!(f, "not as it was written: {} findings", self.findings.len())?,
        }
        for Proved { what, count } in &self.proved {
            writeln!(f, "  {count:>8} {what}")?;
        }
        if !self.unnamed.is_empty() {
            let count = self.unnamed.len();
            writeln!(
                f,
                "  {count:>8} objects that no record names, left by a run that was killed"
            )?;
        }
        match &self.known {
            Some(Known { date, .. }) => write!(
                f,
                "Held against a hash kept elsewhere: what was sealed up to {date} was not changed \
                 on purpose either."
            ),
            None => write!(
                f,
                "This proves accident. Against somebody who changes everything alike, or puts back \
                 all of last week, name the hash of a manifest that you keep elsewhere: --known \
                 HASH."
            ),
        }
    }
}
