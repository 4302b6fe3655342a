//! Files out of files: compared, merged, split.

use super::draft::{self, Draft, Made, unkept};
use super::input::{length, open, open_file, reading};
use super::sort::Sort;
use crate::progress::{Progress, Shown, Unit};
use desk::failure::{Failure, Result, Status};
use formats::nacha::WriteError;
use formats::nacha::ops::{self, By, Caps, Compared, Creation, Difference, MergeError, OpError};
use serde::Serialize;
use settlement::foreign;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// The document of `tieout ach diff --json`.
#[derive(Debug, Serialize)]
pub struct Diff {
    /// Whether nothing differs.
    pub same: bool,
    /// Errors in the first file; `ach validate` names them.
    pub errors_left: u64,
    /// Errors in the second file.
    pub errors_right: u64,
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
pub fn diff(left: &Path, right: &Path, most: u64, shown: Shown) -> Result<Diff> {
    // How often parts of them are read again depends on where they differ.
    let what = format!("diff {} {}", left.display(), right.display());
    let progress = Progress::begin(shown, &what, Unit::Bytes, None);
    let mut differences = Vec::new();
    let found = |difference: &Difference| {
        differences.push(difference.clone());
        Ok(())
    };
    let compared = ops::diff(open(left, &progress)?, open(right, &progress)?, most, found);
    let compared: Compared = compared.map_err(|error| {
        let (left, right) = (left.display(), right.display());
        Failure::usage(format!("{left} and {right}: {error}")).remedy("name files that can be read")
    })?;
    Ok(Diff {
        same: compared.is_same(),
        errors_left: compared.errors.0,
        errors_right: compared.errors.1,
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
        let errors = (self.errors_left, self.errors_right);
        (!self.same || errors != (0, 0)).then_some(Status::Findings)
    }
}

impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for difference in &self.differences {
            writeln!(f, "{difference}")?;
        }
        let listed = self.differences.len() as u64;
        if self.differences_count > listed {
            let more = self.differences_count - listed;
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
        match (self.errors_left, self.errors_right) {
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
    /// Where the one is.
    pub one: Spot,
    /// Where the other is.
    pub other: Spot,
    /// Whether all their columns are the same.
    pub same: bool,
}

/// An entry's place.
#[derive(Debug, Serialize)]
pub struct Spot {
    /// The file.
    pub path: String,
    /// The line, from 1.
    pub line: u64,
}

/// Merges files into `folder`, which is made where it is not there, as
/// `merged-01.ach`, `merged-02.ach`, ...
///
/// # Errors
/// Where a file cannot be written, or one that was good cannot be read again.
pub fn merge(
    files: &[PathBuf],
    creation: Creation,
    caps: Caps,
    folder: &Path,
    shown: Shown,
) -> Result<Merge> {
    let none = PathBuf::new();
    // Each file is looked at, and then copied.
    let bytes = files.iter().map(|file| length(file)).sum::<Option<u64>>();
    let total = bytes.map(|bytes| bytes.saturating_mul(2)); // saturates: a length of the screen
    let progress = Progress::begin(shown, "merge", Unit::Bytes, total);
    let source = |place: usize| {
        let file = open_file(files.get(place).unwrap_or(&none))?;
        Ok(progress.reading(file))
    };
    let name = |place: usize| files.get(place).unwrap_or(&none).display().to_string();
    let mut paths = Vec::new();
    let begin = |place: usize| {
        let label = format!("merged-{:02}.ach", place + 1);
        let path = folder.join(&label);
        let free = draft::apart(&path, files.iter().map(PathBuf::as_path));
        paths.push(path);
        free.and_then(|()| Draft::begin_in(folder, &label, Sort::Ach))
            .map_err(as_io_error)
    };
    let merged = ops::merge(files.len(), source, begin, creation, caps);
    let merged = merged.map_err(|error| unmerged(error, name))?;
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
    let spot = |(place, line): (usize, u64)| Spot {
        path: name(place),
        line,
    };
    let twice = merged.twice.iter().map(|twice| Twice {
        trace: format!("{:015}", twice.trace),
        one: spot(twice.one),
        other: spot(twice.other),
        same: twice.same,
    });
    for (place, _) in &merged.aside {
        tracing::warn!(file = name(*place), "put aside");
    }
    Ok(Merge {
        files: made,
        aside: aside.collect(),
        twice: twice.collect(),
        twice_count: merged.twice_count,
    })
}

/// A failure on its way through code that knows errors of files only.
fn as_io_error(failure: Failure) -> io::Error {
    io::Error::other(failure)
}

/// The failure that came that way, or what it is otherwise.
fn from_io_error(error: io::Error) -> Failure {
    match error.downcast::<Failure>() {
        Ok(failure) => failure,
        Err(error) => unkept(error),
    }
}

fn unmerged(error: MergeError, name: impl Fn(usize) -> String) -> Failure {
    match error {
        MergeError::Source { source_file, error } => {
            Failure::could_not(format!("{}: {error}", name(source_file)))
                .remedy("it could be read a moment ago: leave it as it is, and merge again")
        }
        MergeError::Write {
            error: WriteError::Io(error),
            ..
        } => from_io_error(error),
        MergeError::Write {
            source_file,
            line,
            error,
        } => Failure::could_not(format!("{}, line {line}: {error}", name(source_file)))
            .remedy("correct that line, or leave the file out"),
        MergeError::Begin(error) => from_io_error(error),
        MergeError::TooMany => {
            Failure::usage(error.to_string()).remedy("let a file take more, or merge fewer")
        }
    }
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
            let (path, why) = (foreign::line(&aside.path), foreign::line(&aside.why));
            writeln!(f, "put aside: {path}: {why}")?;
        }
        for twice in &self.twice {
            let what = if twice.same {
                "the same entry"
            } else {
                "another entry"
            };
            let Spot { path: one, line } = &twice.one;
            let Spot {
                path: other,
                line: again,
            } = &twice.other;
            let trace = foreign::line(&twice.trace);
            let (one, other) = (foreign::line(one), foreign::line(other));
            writeln!(
                f,
                "trace {trace} twice: {one} line {line}, and {other} line {again}, {what}"
            )?;
        }
        let more = self.twice_count - self.twice.len() as u64;
        if more > 0 {
            writeln!(f, "and {more} more traces twice")?;
        }
        Ok(())
    }
}

/// Splits a file into `folder`, which is made where it is not there; a part is named for what is
/// in it: `credits.ach`, `PPD.ach`.
///
/// # Errors
/// Where the file has errors, which split would carry into its parts, or cannot be read or
/// written.
pub fn split(path: &Path, by: By, folder: &Path, shown: Shown) -> Result<Split> {
    // The file is checked, and then taken apart.
    let total = length(path).map(|bytes| bytes.saturating_mul(2)); // saturates: of the screen
    let what = format!("split {}", path.display());
    let progress = Progress::begin(shown, &what, Unit::Bytes, total);
    refuse_faults(path, &progress)?;
    let begin = |label: &str| {
        let label = format!("{label}.ach");
        let free = draft::apart(&folder.join(&label), [path]);
        free.and_then(|()| Draft::begin_in(folder, &label, Sort::Ach))
            .map_err(as_io_error)
    };
    let mut files = Vec::new();
    let done = |label: &str, draft: Draft, totals| {
        let place = folder.join(format!("{label}.ach"));
        files.push(Made::of(Some(&place), &totals));
        draft.keep().map_err(as_io_error)
    };
    let split = ops::split(open(path, &progress)?, by, begin, done);
    split.map_err(|error| match error {
        OpError::Read(error) => reading(path, &error),
        OpError::Part(error) => from_io_error(error),
        OpError::Write {
            error: WriteError::Io(error),
            ..
        } => from_io_error(error),
        error => Failure::findings(format!("{}: {error}", path.display()))
            .remedy("correct what is named there"),
    })?;
    Ok(Split { files })
}

/// The document of `tieout ach split --json`.
#[derive(Debug, Serialize)]
pub struct Split {
    /// The parts.
    pub files: Vec<Made>,
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.files.iter().try_for_each(|made| writeln!(f, "{made}"))
    }
}

/// What is wrong with a file would be wrong with its parts.
fn refuse_faults(path: &Path, progress: &Progress) -> Result<()> {
    let report = open(path, progress)
        .and_then(|file| formats::nacha::validate(file).map_err(|error| reading(path, &error)))?;
    let (path, errors) = (path.display(), report.findings.errors());
    if errors > 0 {
        return Err(Failure::findings(format!("{path}: {errors} errors"))
            .remedy("mend them first, `ach validate` names them"));
    }
    if report.findings.count("chars.utf8") > 0 {
        return Err(Failure::findings(format!("{path}: {}", OpError::Wide))
            .remedy("split the file that they are written to"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
