//! `tieout ach`: what the library says of ACH files, for people and for programs.

pub mod answers;
pub mod draft;
pub mod make;
pub mod several;

use desk::failure::{Failure, Result, Status};
use desk::terminal::{say, stdout};
use formats::nacha::describe::{Show, View};
use formats::nacha::{self, DIALECTS, Dialect, Finding, RULES, Severity};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Read};
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
pub fn validate(paths: &[PathBuf], dialect: &Dialect) -> Validation {
    let one = |path: &PathBuf| validate_one(path, dialect);
    Validation {
        files: paths.iter().map(one).collect(),
    }
}

fn validate_one(path: &Path, dialect: &Dialect) -> FileReport {
    let name = path.display().to_string();
    let report = opened(path).and_then(|source| nacha::validate_under(source, dialect));
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
        for file in &self.files {
            let verdict = if file.ok { "ok" } else { "NOT OK" };
            let (debits, credits) = (cents(file.debit_cents), cents(file.credit_cents));
            writeln!(
                f,
                "{}: {verdict}, {} {}: {} batches, {} entries, {} addenda, debits {debits}, \
                 credits {credits}",
                file.path,
                file.kind,
                file.sec_codes.join(" "),
                file.batches,
                file.entries,
                file.addenda
            )?;
            for finding in &file.findings {
                writeln!(f, "  {finding}")?;
            }
            if file.findings_left_out > 0 {
                writeln!(f, "  and {} more findings", file.findings_left_out)?;
            }
        }
        Ok(())
    }
}

fn cents(cents: u64) -> settlement::money::Cents {
    settlement::money::Cents::new(cents)
}

/// Files for people.
///
/// # Errors
/// Where a file cannot be read.
pub fn describe(paths: &[PathBuf], mask: bool) -> Result<Option<Status>> {
    let show = if mask { Show::Masked } else { Show::LastFour };
    let mut status = None;
    for path in paths {
        let view = View {
            show,
            ..View::default()
        };
        let described = nacha::describe::describe(source(path)?, stdout(), view);
        let report = described.map_err(|e| reading(path, &e))?;
        if !report.findings.ok() {
            status = Some(Status::Findings);
        }
    }
    Ok(status)
}

/// A file as lossless JSON on stdout.
///
/// # Errors
/// Where the file cannot be read.
pub fn json(path: &Path) -> Result<Option<Status>> {
    let written = nacha::json::write_json(source(path)?, stdout());
    let report = written.map_err(|e| reading(path, &e))?;
    Ok((!report.findings.ok()).then_some(Status::Findings))
}

/// The file behind lossless JSON, on stdout; what is wrong with it, on stderr.
///
/// # Errors
/// Where the JSON cannot be read or is not of a file.
pub fn from_json(path: &Path) -> Result<Option<Status>> {
    let out = BufWriter::new(stdout());
    let report = nacha::json::read_json(source(path)?, out)
        .map_err(|e| Failure::findings(format!("{}: {e}", path.display())))?;
    for finding in report.findings.kept() {
        say(format_args!("tieout: {}: {finding}", path.display()));
    }
    Ok((!report.findings.ok()).then_some(Status::Findings))
}

/// A file that is read once; `-` is stdin.
fn opened(path: &Path) -> io::Result<Box<dyn Read>> {
    Ok(match path.to_str() {
        Some("-") => Box::new(io::stdin().lock()),
        _ => Box::new(File::open(path)?),
    })
}

fn source(path: &Path) -> Result<Box<dyn Read>> {
    opened(path).map_err(|e| reading(path, &e))
}

fn open(path: &Path) -> Result<File> {
    File::open(path).map_err(|e| reading(path, &e))
}

fn reading(path: &Path, error: &std::io::Error) -> Failure {
    if error.kind() == io::ErrorKind::StorageFull {
        return Failure::could_not(format!("the result cannot be written: {error}"));
    }
    Failure::usage(format!(
        "{}: {error}; name a file that can be read",
        path.display()
    ))
}

/// One rule, for programs.
#[derive(Serialize)]
pub struct Rule {
    id: &'static str,
    severity: &'static str,
    record: &'static str,
    field: &'static str,
    reason: &'static str,
    return_code: Option<&'static str>,
    source: &'static str,
    /// What it weighs under arms of a bank's dialect.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    dialects: BTreeMap<&'static str, &'static str>,
}

/// The table of rules, as a bank of that dialect weighs them.
pub fn rules(dialect: &Dialect) -> Vec<Rule> {
    let rule = |(row, weight): (&nacha::RuleRow, &Severity)| Rule {
        id: row.id,
        severity: weight.as_str(),
        record: row.record,
        field: row.field,
        reason: row.reason,
        return_code: row.return_code,
        source: row.source,
        dialects: changes()
            .filter(|(_, id, _)| *id == row.id)
            .map(|(arm, _, severity)| (arm, severity))
            .collect(),
    };
    RULES.iter().zip(dialect.weights()).map(rule).collect()
}

/// Each arm, each rule it changes, and the rule's weight under it.
fn changes() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    DIALECTS.iter().flat_map(|row| {
        let change =
            |(id, severity): &(&'static str, Severity)| (row.arm.as_str(), *id, severity.as_str());
        row.rules.iter().map(change)
    })
}

/// The table of rules and that of the dialects, for people.
pub fn rules_text(dialect: &Dialect) -> String {
    use comfy_table::{Table, presets};
    let table = |head: &[&str], rows: Vec<Vec<&'static str>>| {
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_header(head).add_rows(rows);
        table.trim_fmt()
    };
    let rule = |(row, weight): (&'static nacha::RuleRow, &Severity)| {
        let code = row.return_code.unwrap_or("");
        let (id, weight) = (row.id, weight.as_str());
        vec![
            id, weight, row.record, row.field, code, row.source, row.reason,
        ]
    };
    let rules = RULES.iter().zip(dialect.weights()).map(rule).collect();
    let mut arms = Vec::new();
    for row in DIALECTS {
        let (mut name, mut why) = (row.arm.as_str(), row.reason);
        for (id, severity) in row.rules {
            arms.push(vec![name, *id, severity.as_str(), why]);
            (name, why) = ("", "");
        }
    }
    let head = [
        "rule",
        "severity",
        "record",
        "field",
        "returns as",
        "source",
        "why",
    ];
    let rules = table(&head, rules);
    let arms = table(&["dialect", "rule", "becomes", "why"], arms);
    let key = "record and field: * is any, blank is the whole record; source: pages of the \
               Nacha Rules 2013 (OR62-OR190) where no other is named";
    format!("{rules}\n\n{key}\n\n{arms}")
}
