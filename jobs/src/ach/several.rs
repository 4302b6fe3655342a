//! Files out of files: compared, merged, split.

use super::draft::{Draft, Made};
use super::make::NewFile;
use super::{open, reading};
use desk::failure::{Failure, Result, Status};
use formats::nacha::ops::{self, By, Caps, Compared, Difference, MergeError, OpError};
use serde::Serialize;
use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// The document of `tieout ach diff --json`.
#[derive(Debug, Serialize)]
pub struct Diff {
    /// Whether nothing differs.
    pub same: bool,
    /// Errors in the first file and in the second; `ach validate` names them.
    pub errors: (u64, u64),
    /// Entries that are the same.
    pub entries_same: u64,
    /// Entries that both have, not the same.
    pub entries_changed: u64,
    /// Entries that only the first file has.
    pub entries_only_left: u64,
    /// Entries that only the second file has.
    pub entries_only_right: u64,
    /// All differences, listed or not.
    pub differences_count: u64,
    /// The first of them.
    pub differences: Vec<Difference>,
}

/// Compares two files; the first `most` differences are listed.
///
/// # Errors
/// Where a file cannot be read.
pub fn diff(left: &Path, right: &Path, most: u64) -> Result<Diff> {
    let mut differences = Vec::new();
    let found = |difference: &Difference| {
        differences.push(difference.clone());
        Ok(())
    };
    let compared = ops::diff(open(left)?, open(right)?, most, found);
    let compared: Compared = compared.map_err(|error| {
        let (left, right) = (left.display(), right.display());
        Failure::usage(format!(
            "{left} and {right}: {error}; name files that can be read"
        ))
    })?;
    Ok(Diff {
        same: compared.is_same(),
        errors: compared.errors,
        entries_same: compared.same,
        entries_changed: compared.changed,
        entries_only_left: compared.only_left,
        entries_only_right: compared.only_right,
        differences_count: compared.differences,
        differences,
    })
}

impl Diff {
    /// The exit status: a difference is a finding, and so is an error in what was compared.
    pub fn status(&self) -> Option<Status> {
        (!self.same || self.errors != (0, 0)).then_some(Status::Findings)
    }
}

impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for difference in &self.differences {
            writeln!(f, "{difference}")?;
        }
        let listed = self.differences.len() as u64;
        if self.differences_count > listed {
            let more = self.differences_count.saturating_sub(listed);
            writeln!(f, "and {more} more differences")?;
        }
        writeln!(
            f,
            "{} entries the same, {} changed, {} only in the first file, {} only in the second",
            self.entries_same,
            self.entries_changed,
            self.entries_only_left,
            self.entries_only_right
        )?;
        match self.errors {
            (0, 0) => Ok(()),
            (left, right) => writeln!(
                f,
                "{left} errors in the first file, {right} in the second: `ach validate` names them"
            ),
        }
    }
}

/// The document of `tieout ach merge --json`.
#[derive(Debug, Serialize)]
pub struct Merge {
    /// The merged files.
    pub files: Vec<Made>,
    /// The files put aside, and why.
    pub aside: Vec<PutAside>,
    /// The first entries whose trace was merged before.
    pub twice: Vec<Twice>,
    /// How many of them there are.
    pub twice_count: u64,
}

/// A file put aside.
#[derive(Debug, Serialize)]
pub struct PutAside {
    /// Its name.
    pub path: String,
    /// Why it is in none of the merged files.
    pub why: String,
}

/// Two entries of one trace, both merged.
#[derive(Debug, Serialize)]
pub struct Twice {
    /// The trace.
    pub trace: String,
    /// The file and line of the one.
    pub one: (String, u64),
    /// The file and line of the other.
    pub other: (String, u64),
    /// Whether all their columns are the same.
    pub same: bool,
}

/// Merges files into `folder`, as `merged-A.ach`, `merged-B.ach`, ...
///
/// # Errors
/// Where a file cannot be written, or one that was good cannot be read again.
pub fn merge(files: &[PathBuf], new: NewFile, caps: Caps, folder: &Path) -> Result<Merge> {
    let none = PathBuf::new();
    let source = |place: usize| File::open(files.get(place).unwrap_or(&none));
    let name = |place: usize| files.get(place).unwrap_or(&none).display().to_string();
    let mut paths = Vec::new();
    let begin = |place: usize| {
        let path = folder.join(format!("merged-{:02}.ach", place.saturating_add(1)));
        let draft = Draft::begin(Some(&path)).map_err(|e| io::Error::other(e.message));
        paths.push(path);
        draft
    };
    let header = (new.date, new.time, new.modifier);
    let merged = ops::merge(files.len(), source, begin, header, caps);
    let merged = merged.map_err(|error| match error {
        MergeError::Source { source_file, error } => {
            Failure::could_not(format!("{}: {error}", name(source_file)))
        }
        MergeError::Write {
            source_file,
            line,
            error,
        } => Failure::could_not(format!("{}, line {line}: {error}", name(source_file))),
        MergeError::Begin(error) => Failure::could_not(error.to_string()),
        MergeError::TooMany => Failure::usage(error.to_string()),
    })?;
    let mut made = Vec::new();
    for (put, path) in merged.files.into_iter().zip(&paths) {
        put.sink.keep()?;
        made.push(Made::of(Some(path), &put.totals));
    }
    let aside = merged.aside.iter().map(|(place, why)| PutAside {
        path: name(*place),
        why: match why {
            ops::Aside::Again(first) => format!("{why}: {}", name(*first)),
            why => why.to_string(),
        },
    });
    let twice = merged.twice.iter().map(|twice| Twice {
        trace: format!("{:015}", twice.trace),
        one: (name(twice.one.0), twice.one.1),
        other: (name(twice.other.0), twice.other.1),
        same: twice.same,
    });
    Ok(Merge {
        files: made,
        aside: aside.collect(),
        twice: twice.collect(),
        twice_count: merged.twice_count,
    })
}

impl Merge {
    /// The exit status: a file put aside and an entry that is there twice are findings.
    pub fn status(&self) -> Option<Status> {
        let clean = self.aside.is_empty() && self.twice_count == 0;
        (!clean).then_some(Status::Findings)
    }
}

impl fmt::Display for Merge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for made in &self.files {
            writeln!(f, "{made}")?;
        }
        for aside in &self.aside {
            writeln!(f, "put aside: {}: {}", aside.path, aside.why)?;
        }
        for twice in &self.twice {
            let what = if twice.same {
                "the same entry"
            } else {
                "another entry"
            };
            let ((one, line), (other, again)) = (&twice.one, &twice.other);
            let trace = &twice.trace;
            writeln!(
                f,
                "trace {trace} twice: {one} line {line}, and {other} line {again}, {what}"
            )?;
        }
        let more = self.twice_count.saturating_sub(self.twice.len() as u64);
        if more > 0 {
            writeln!(f, "and {more} more traces twice")?;
        }
        Ok(())
    }
}

/// Splits a file into `folder`; a part is named for what is in it: `credits.ach`, `PPD.ach`.
///
/// # Errors
/// Where the file has errors, which split would carry into its parts, or cannot be read or
/// written.
pub fn split(path: &Path, by: By, folder: &Path) -> Result<Vec<Made>> {
    let report = open(path)
        .and_then(|file| formats::nacha::validate(file).map_err(|error| reading(path, &error)))?;
    if !report.findings.ok() {
        let (path, errors) = (path.display(), report.findings.errors());
        let why = "mend them first, `ach validate` names them";
        return Err(Failure::findings(format!("{path}: {errors} errors; {why}")));
    }
    if report.findings.count("chars.utf8") > 0 {
        return Err(Failure::findings(format!(
            "{}: {}",
            path.display(),
            OpError::Wide
        )));
    }
    let place = |label: &str| folder.join(format!("{label}.ach"));
    let begin =
        |label: &str| Draft::begin(Some(&place(label))).map_err(|e| io::Error::other(e.message));
    let mut made = Vec::new();
    let done = |label: &str, draft: Draft, totals| {
        made.push(Made::of(Some(&place(label)), &totals));
        draft.keep().map_err(|e| io::Error::other(e.message))
    };
    let split = ops::split(open(path)?, by, begin, done);
    split.map_err(|error| match error {
        OpError::Read(error) => reading(path, &error),
        OpError::Part(error) => Failure::could_not(error.to_string()),
        error => Failure::findings(format!("{}: {error}", path.display())),
    })?;
    Ok(made)
}

#[cfg(test)]
mod tests;
