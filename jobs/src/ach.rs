//! `tieout ach`: what the library says of ACH files, for people and for programs.

pub mod answers;
pub mod describe;
pub mod draft;
mod input;
pub mod make;
pub mod rules;
pub mod several;
pub mod sort;

use crate::progress::Shown;
use crate::terminal::{self, say};
use desk::failure::{Failure, Result, Status};
use draft::{Draft, Made};
use formats::nacha::{self, Dialect, Finding, Severity};
use input::{ACH_BYTES, JSON_BYTES, opened, reading, reading_of, source};
use serde::Serialize;
use settlement::foreign;
use sort::Sort;
use std::fmt;
use std::path::{Path, PathBuf};

/// The document of `tieout ach validate --json`.
#[derive(Debug, Serialize)]
pub struct Validation {
    /// One for each file, in the order they were named.
    pub files: Vec<FileReport>,
}

/// What was found in one file.
#[derive(Debug, Serialize)]
pub struct FileReport {
    /// As it was named.
    pub path: String,
    /// Whether no finding is an error.
    pub ok: bool,
    /// `forward`, `return`, `noc`, ...
    pub kind: &'static str,
    /// The entry classes in it.
    pub sec_codes: Vec<&'static str>,
    /// Batches.
    pub batches: u64,
    /// Entries.
    pub entries: u64,
    /// Addenda.
    pub addenda: u64,
    /// What the debits come to.
    pub debit_cents: u64,
    /// What the credits come to.
    pub credit_cents: u64,
    /// What is wrong or odd, in the file's order; of one rule only the first ones.
    pub findings: Vec<Finding>,
    /// Findings that are counted and not listed.
    pub findings_left_out: u64,
    #[serde(skip)]
    unreadable: bool,
}

/// Checks files against every rule as a bank of that dialect weighs it; a file that cannot be
/// read is a finding of its own.
pub fn validate(paths: &[PathBuf], dialect: &Dialect, shown: Shown) -> Validation {
    let one = |path: &PathBuf| validate_one(path, dialect, shown);
    Validation {
        files: paths.iter().map(one).collect(),
    }
}

fn validate_one(path: &Path, dialect: &Dialect, shown: Shown) -> FileReport {
    let name = path.display().to_string();
    let progress = reading_of(shown, "validate", path);
    let source = opened(path, ACH_BYTES).map(|source| progress.reading(source));
    let report = source.and_then(|source| nacha::validate_under(source, dialect));
    let report = match report {
        Ok(report) => report,
        Err(error) => return unreadable(name, &error),
    };
    let totals = &report.totals;
    FileReport {
        path: name,
        ok: report.findings.ok(),
        kind: totals.kind(),
        sec_codes: totals.sec_codes().map(|sec| sec.as_str()).collect(),
        batches: totals.batches,
        entries: totals.entries,
        addenda: totals.addenda,
        debit_cents: totals.debit.get(),
        credit_cents: totals.credit.get(),
        findings: report.findings.kept().to_vec(),
        findings_left_out: report.findings.left_out().map(|(_, count)| count).sum(),
        unreadable: false,
    }
}

fn unreadable(path: String, error: &std::io::Error) -> FileReport {
    let finding = Finding {
        rule: "file.unreadable",
        severity: Severity::Error,
        line: 0,
        column: 0,
        byte: 0,
        record: "",
        field: "",
        message: format!("cannot be read: {error}; check the path and its permissions"),
        return_code: None,
    };
    FileReport {
        path,
        ok: false,
        kind: "empty",
        sec_codes: Vec::new(),
        batches: 0,
        entries: 0,
        addenda: 0,
        debit_cents: 0,
        credit_cents: 0,
        findings: vec![finding],
        findings_left_out: 0,
        unreadable: true,
    }
}

impl Validation {
    /// The exit status: a file that cannot be read weighs more than one with errors.
    pub fn status(&self) -> Option<Status> {
        if self.files.iter().any(|file| file.unreadable) {
            return Some(Status::Usage);
        }
        self.files
            .iter()
            .any(|file| !file.ok)
            .then_some(Status::Findings)
    }
}

impl fmt::Display for Validation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.files.iter().try_for_each(|file| file.fmt(f))
    }
}

impl FileReport {
    /// Whether there is nothing to look at.
    pub fn is_clean(&self) -> bool {
        self.ok && self.findings.is_empty()
    }
}

impl fmt::Display for FileReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.ok { "ok" } else { "NOT OK" };
        let path = foreign::line(&self.path);
        if self.unreadable {
            writeln!(f, "{path}: {verdict}")?;
        } else {
            let (debits, credits) = (cents(self.debit_cents), cents(self.credit_cents));
            writeln!(
                f,
                "{path}: {verdict}, {} {}: {} batches, {} entries, {} addenda, debits {debits}, \
                 credits {credits}",
                self.kind,
                self.sec_codes.join(" "),
                self.batches,
                self.entries,
                self.addenda
            )?;
        }
        for finding in &self.findings {
            writeln!(f, "  {finding}")?;
        }
        if self.findings_left_out > 0 {
            writeln!(f, "  and {} more findings", self.findings_left_out)?;
        }
        Ok(())
    }
}

fn cents(cents: u64) -> settlement::money::Cents {
    settlement::money::Cents::new(cents)
}

/// A file as lossless JSON on stdout.
///
/// # Errors
/// Where the file cannot be read.
pub fn json(path: &Path, shown: Shown) -> Result<Option<Status>> {
    let progress = reading_of(shown.beside_stdout(), "json", path);
    let written =
        nacha::json::write_json(source(path, ACH_BYTES, &progress)?, terminal::document());
    let report = written.map_err(|e| reading(path, &e))?;
    Ok((!report.findings.ok()).then_some(Status::Findings))
}

/// The file behind lossless JSON; what is wrong with it, on stderr.
///
/// # Errors
/// Where the JSON cannot be read or is not of a file.
pub fn from_json(path: &Path, to: Option<&Path>, shown: Shown) -> Result<Made> {
    use nacha::json::JsonError;
    let progress = reading_of(shown, "from-json", path);
    let mut draft = Draft::begin(to, Sort::Ach)?;
    let read = nacha::json::read_json(source(path, JSON_BYTES, &progress)?, &mut draft);
    let report = read.map_err(|error| match error {
        JsonError::Io(error) => reading(path, &error),
        error => Failure::findings(format!("{}: {error}", path.display()))
            .remedy("correct the JSON there; `tieout ach json` shows the form"),
    })?;
    draft.keep()?;
    for finding in report.findings.kept() {
        say(format_args!("tieout: {}: {finding}", path.display()));
    }
    Ok(Made {
        errors: report.findings.errors(),
        ..Made::of(to, &report.totals)
    })
}
