//! Where a made file goes: under its name when it is complete, or not at all.

use super::sort::Sort;
use crate::net::Net;
use crate::outside;
use crate::terminal::{self, Stdout};
use desk::failure::{Failure, Result};
use formats::nacha::Totals;
use serde::Serialize;
use settlement::foreign;
use settlement::money::Cents;
use std::fmt;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A file that is being made. Dropped without [`Draft::keep`], it leaves nothing behind.
pub struct Draft(Sink);

enum Sink {
    Stdout(BufWriter<Net<Stdout>>),
    File(tempfile::NamedTempFile, PathBuf),
}

impl Draft {
    /// Begins a file of this `sort` beside the place it is for, or on stdout.
    ///
    /// # Errors
    /// Where the folder cannot be written; exit status 2 where the place is in an installation, or
    /// what has the name is no file of the same sort.
    pub fn begin(path: Option<&Path>, sort: Sort) -> Result<Draft> {
        let Some(path) = path else {
            return Ok(Draft(Sink::Stdout(BufWriter::new(terminal::file()))));
        };
        outside::of_installations(path)?;
        sort.may_replace(path)?;
        Draft::beside(path)
    }

    fn beside(path: &Path) -> Result<Draft> {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let file = tempfile::Builder::new()
            .prefix(".tieout-")
            .tempfile_in(folder)
            .map_err(|e| cannot(&path.display(), &e))?;
        Ok(Draft(Sink::File(file, path.to_owned())))
    }

    /// The same, where nothing has its name yet: [`Draft::keep_new`].
    ///
    /// # Errors
    /// Exit status 2 where something has, or the place is in an installation.
    pub fn begin_new(path: &Path) -> Result<Draft> {
        outside::of_installations(path)?;
        match path.symlink_metadata() {
            Ok(_) => Err(taken(path)),
            Err(_) => Draft::beside(path),
        }
    }

    /// The same in a folder that is made where it is not there.
    ///
    /// # Errors
    /// Where the folder cannot be made or written; as [`Draft::begin`].
    pub fn begin_in(folder: &Path, name: &str, sort: Sort) -> Result<Draft> {
        outside::of_installations(&folder.join(name))?; // before the folder is made
        std::fs::create_dir_all(folder).map_err(|e| cannot(&folder.display(), &e))?;
        Draft::begin(Some(&folder.join(name)), sort)
    }

    /// Gives the file its name, in place of one that had it.
    ///
    /// # Errors
    /// Where it cannot be written to its end.
    pub fn keep(self) -> Result<()> {
        match self.0 {
            Sink::Stdout(mut out) => out.flush().map_err(|e| cannot(&"stdout", &e)),
            Sink::File(file, path) => {
                let path_shown = path.display();
                let synced = file.as_file().sync_all();
                synced.map_err(|e| cannot(&path_shown, &e))?;
                let kept = file.persist(&path);
                kept.map(drop).map_err(|e| cannot(&path_shown, &e.error))
            }
        }
    }

    /// Gives the file its name, which nothing may have got meanwhile.
    ///
    /// # Errors
    /// As [`Draft::keep`], and exit status 2 where something has.
    pub fn keep_new(self) -> Result<()> {
        let Sink::File(file, path) = self.0 else {
            return self.keep();
        };
        let place = foreign::path(&path);
        let synced = file.as_file().sync_all();
        synced.map_err(|e| cannot(&place, &e))?;
        match file.persist_noclobber(&path) {
            Ok(_) => Ok(()),
            Err(e) if e.error.kind() == io::ErrorKind::AlreadyExists => Err(taken(&path)),
            Err(e) => Err(cannot(&place, &e.error)),
        }
    }

    /// An error of the file that is made, so that nobody takes it for one of the file that is
    /// read.
    fn marked(&self, error: io::Error) -> io::Error {
        let place = match &self.0 {
            Sink::Stdout(_) => "stdout".to_owned(),
            Sink::File(_, path) => path.display().to_string(),
        };
        let kind = error.kind();
        io::Error::new(kind, Unwritten { place, error })
    }
}

/// A made file does not take what is written.
#[derive(Debug, thiserror::Error)]
#[error("{place}: cannot be written: {error}")]
struct Unwritten {
    place: String,
    error: io::Error,
}

/// The failure behind an error that a [`Draft`] gave, however deep within others.
pub(super) fn unwritten(error: &io::Error) -> Option<Failure> {
    let inner = error.get_ref()?;
    if let Some(Unwritten { place, error }) = inner.downcast_ref() {
        return Some(cannot(place, error));
    }
    unwritten(inner.downcast_ref()?)
}

/// The same, or what the error is otherwise.
pub fn unkept(error: io::Error) -> Failure {
    unwritten(&error).unwrap_or_else(|| cannot(&"the file that was made", &error))
}

/// Refuses to put what is made in the place of one of the files that it is made of.
///
/// # Errors
/// Exit status 2, naming the file.
pub fn apart<'a>(to: &Path, from: impl IntoIterator<Item = &'a Path>) -> Result<()> {
    let which = |path: &Path| path.metadata().ok().map(|there| (there.dev(), there.ino()));
    let Some(place) = which(to) else {
        return Ok(());
    };
    if from.into_iter().any(|path| which(path) == Some(place)) {
        let why = format!("{}: is read, and would be replaced", foreign::path(to));
        return Err(Failure::usage(why).remedy("choose another name; nothing was written"));
    }
    Ok(())
}

fn taken(path: &Path) -> Failure {
    let why = format!("{}: there is something of that name", foreign::path(path));
    Failure::usage(why).remedy("choose another name, or move it away; nothing was written")
}

fn cannot(place: &dyn fmt::Display, error: &io::Error) -> Failure {
    use io::ErrorKind as Kind;
    let remedy = match error.kind() {
        Kind::StorageFull | Kind::QuotaExceeded => {
            "free some space and run the same again; nothing half-written has its name"
        }
        Kind::PermissionDenied | Kind::ReadOnlyFilesystem => "choose a folder that can be written",
        Kind::NotFound | Kind::NotADirectory => "choose a folder that is there",
        Kind::IsADirectory => "choose a name that no folder has",
        _ => "mend what the system names, or choose another place, and run the same again",
    };
    Failure::could_not(format!("{place}: cannot be written: {error}")).remedy(remedy)
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = match &mut self.0 {
            Sink::Stdout(out) => out.write(bytes),
            Sink::File(file, _) => file.write(bytes),
        };
        written.map_err(|error| self.marked(error))
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = match &mut self.0 {
            Sink::Stdout(out) => out.flush(),
            Sink::File(file, _) => file.flush(),
        };
        flushed.map_err(|error| self.marked(error))
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
    /// Errors in it that it has from the file it was made of.
    pub errors: u64,
    /// Of a reversal: the line of the first batch that was a reversal itself, and goes again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reversal_line: Option<u64>,
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
            errors: 0,
            reversal_line: None,
        }
    }
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (debits, credits) = (Cents::new(self.debit_cents), Cents::new(self.credit_cents));
        write!(
            f,
            "{}: {}: {} batches, {} entries, {} addenda, debits {debits}, credits {credits}",
            foreign::line(&self.path),
            self.sec_codes.join(" "),
            self.batches,
            self.entries,
            self.addenda
        )
    }
}
