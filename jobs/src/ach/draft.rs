//! Where a made file goes: under its name when it is complete, or not at all.

use desk::failure::{Failure, Result};
use desk::terminal::{Stdout, stdout};
use formats::nacha::Totals;
use serde::Serialize;
use settlement::money::Cents;
use std::fmt;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// A file that is being made. Dropped without [`Draft::keep`], it leaves nothing behind.
pub struct Draft(Sink);

enum Sink {
    Stdout(BufWriter<Stdout>),
    File(tempfile::NamedTempFile, PathBuf),
}

impl Draft {
    /// Begins a file beside the place it is for, or on stdout.
    ///
    /// # Errors
    /// Where the folder cannot be written.
    pub fn begin(path: Option<&Path>) -> Result<Draft> {
        let Some(path) = path else {
            return Ok(Draft(Sink::Stdout(BufWriter::new(stdout()))));
        };
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let file = tempfile::Builder::new()
            .prefix(".tieout-")
            .tempfile_in(folder)
            .map_err(|e| cannot(path, &e))?;
        Ok(Draft(Sink::File(file, path.to_owned())))
    }

    /// Gives the file its name, in place of one that had it.
    ///
    /// # Errors
    /// Where it cannot be written to its end.
    pub fn keep(self) -> Result<()> {
        match self.0 {
            Sink::Stdout(mut out) => {
                let stdout = Path::new("stdout");
                out.flush().map_err(|e| cannot(stdout, &e))
            }
            Sink::File(file, path) => {
                file.as_file().sync_all().map_err(|e| cannot(&path, &e))?;
                let kept = file.persist(&path);
                kept.map(drop).map_err(|e| cannot(&path, &e.error))
            }
        }
    }
}

fn cannot(path: &Path, error: &io::Error) -> Failure {
    let path = path.display();
    Failure::could_not(format!("{path}: cannot be written: {error}"))
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.0 {
            Sink::Stdout(out) => out.write(bytes),
            Sink::File(file, _) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.0 {
            Sink::Stdout(out) => out.flush(),
            Sink::File(file, _) => file.flush(),
        }
    }
}

/// What a made file came to.
#[derive(Debug, Serialize)]
pub struct Made {
    /// Its name; empty where it went to stdout.
    pub path: String,
    /// `forward`, `return`, `noc`, ...; empty where it was only written.
    #[serde(skip_serializing_if = "str::is_empty")]
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
}

impl Made {
    /// What was counted of a file.
    pub fn of(path: Option<&Path>, totals: &Totals) -> Made {
        Made {
            path: path.map_or(String::new(), |path| path.display().to_string()),
            kind: match totals.kind() {
                "empty" => "",
                kind => kind,
            },
            sec_codes: totals.sec_codes().map(|sec| sec.as_str()).collect(),
            batches: totals.batches,
            entries: totals.entries,
            addenda: totals.addenda,
            debit_cents: totals.debit.get(),
            credit_cents: totals.credit.get(),
        }
    }
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (debits, credits) = (Cents::new(self.debit_cents), Cents::new(self.credit_cents));
        write!(
            f,
            "{}: {}: {} batches, {} entries, {} addenda, debits {debits}, credits {credits}",
            self.path,
            self.sec_codes.join(" "),
            self.batches,
            self.entries,
            self.addenda
        )
    }
}
