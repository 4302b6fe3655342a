//! What stands at the bank's door, and which of it is taken now.
//!
//! Not everything that lies in a drop box is a file for today: some of it is no file at all, some
//! is still being written, and after an outage some is of days that come later. None of that stops
//! what can be taken. What somebody must look at is a finding; what only has to wait is said and
//! is none. Neither is in the date's records: they say what was taken.

use crate::tally::Tally;
use bytes::Bytes;
use connectors::regular::Regular;
use connectors::{Error, Fetched, Odd, ReadBack, Remote, Removed};
use desk::failure::{Failure, Result};
use desk::{Desk, names};
use formats::own_date::own_date;
use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan};
use settlement::foreign;
use settlement::windows::eastern_date;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The largest local file that is read: as large as the bank's may be.
const LOCAL_BYTES: u64 = 250_000_000;

/// Days that a file's own date may be after the date that is worked on, where that is itself after
/// today. Who works ahead of the clock can wait for a later day; a year that is wrong never comes.
const AHEAD_DAYS: i32 = 31;

/// Things spoken of by name, at most, of what waits and of what is found; more are counted.
const MOST_SPOKEN: usize = 100;

/// A file that waits: at the bank, or here under a path.
pub(super) struct Waiting {
    /// Its name, which is the bank's.
    pub name: String,
    at: At,
}

enum At {
    Bank {
        file: Remote,
        marker: Option<Remote>,
    },
    Here(PathBuf),
}

/// What is said of the door.
#[derive(Default)]
pub(super) struct Door {
    found: Vec<String>,
    waits: Vec<String>,
    /// Whether the bank's folder was looked into, and nothing at all lay there.
    pub bare: bool,
}

impl Door {
    /// The bank's files that are whole, by name; of everything else, why it is not taken.
    pub async fn open(desk: &Desk, date: Date) -> Result<(Door, Vec<Waiting>)> {
        let mut door = Door::default();
        let listing = desk.ports.bank.list().await?;
        door.bare = listing.odd.is_empty() && listing.files.is_empty();
        for Odd { name, why } in listing.odd {
            door.find(&name, &format!("{why}: left where it is"));
        }
        let whole = match &desk.bank.inbound.done_suffix {
            None => door.settled(desk, listing.files),
            Some(suffix) => door.marked(desk, date, suffix, listing.files).await?,
        };
        Ok((door, whole))
    }

    /// Files of this machine, each of which can be read.
    pub fn here(paths: &[PathBuf]) -> Result<Vec<Waiting>> {
        let waiting = |path: &PathBuf| {
            open_here(path)?;
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned());
            Ok(Waiting {
                name: name.unwrap_or_default(),
                at: At::Here(path.clone()),
            })
        };
        paths.iter().map(waiting).collect()
    }

    /// The files that have not changed for as long as the profile asks.
    fn settled(&mut self, desk: &Desk, files: Vec<Remote>) -> Vec<Waiting> {
        let seconds = desk.bank.inbound.settle_seconds;
        let rest = SignedDuration::from_secs(i64::from(seconds));
        let now = desk.ports.clock.now();
        let mut whole = Vec::new();
        for file in files {
            if seconds == 0 || now.duration_since(file.changed) >= rest {
                whole.push(Waiting::at_bank(file, None));
            } else {
                let why = format!("it has not rested for {seconds} seconds since it last changed");
                self.wait(&file.name, &why);
            }
        }
        whole
    }

    /// The files that have the bank's marker beside them. Markers are no files; one whose file
    /// was taken today and removed is removed after it.
    async fn marked(
        &mut self,
        desk: &Desk,
        date: Date,
        suffix: &str,
        files: Vec<Remote>,
    ) -> Result<Vec<Waiting>> {
        let (mut markers, mut whole) = (BTreeMap::new(), Vec::new());
        let mut unmarked = Vec::new();
        for file in files {
            match file.name.strip_suffix(suffix).filter(|of| !of.is_empty()) {
                Some(of) => drop(markers.insert(of.to_owned(), file)),
                None => unmarked.push(file),
            }
        }
        for file in unmarked {
            match markers.remove(&file.name) {
                None => self.wait(&file.name, &format!("its marker {suffix} is not there")),
                marker => whole.push(Waiting::at_bank(file, marker)),
            }
        }
        for (of, marker) in markers {
            if was_taken(desk, date, &of).await? {
                self.unmark(desk, &marker).await;
            } else {
                self.wait(&marker.name, "the file that it marks is not there");
            }
        }
        Ok(whole)
    }

    /// The bytes of a file, unless it cannot be read or is still being written.
    pub async fn body(&mut self, desk: &Desk, waiting: &Waiting) -> Result<Option<Bytes>> {
        let file = match &waiting.at {
            At::Bank { file, .. } => file,
            At::Here(path) => return read_here(path).map(Some),
        };
        match desk.ports.bank.fetch(file).await {
            Ok(Fetched::Whole(body)) => return Ok(Some(body)),
            Ok(Fetched::Changed) => self.wait(&file.name, "it changed while it was read"),
            Err(error) => self.find(&file.name, &format!("not taken: {error}")),
        }
        Ok(None)
    }

    /// Whether a file of the bank is taken on `date`. One that is of a later day waits for that
    /// day; one that says a day that has not come anywhere is taken, since the bank cannot have
    /// made it then. Somebody who names a file of this machine means it.
    pub async fn is_its_day(
        &mut self,
        desk: &Desk,
        date: Date,
        waiting: &Waiting,
        body: &[u8],
    ) -> Result<bool> {
        let of = match (&waiting.at, own_date(body)) {
            (At::Bank { .. }, Some(of)) if of > date => of,
            _ => return Ok(true),
        };
        if is_recorded(desk, date, &waiting.name, body).await? {
            return Ok(true); // what is left of it is to be removed
        }
        let today = eastern_date(desk.ports.clock.now());
        let latest = match date <= today {
            true => today,
            // saturates: no file is of a later date
            false => date.saturating_add(AHEAD_DAYS.days()),
        };
        if of <= latest {
            self.wait(
                &waiting.name,
                &format!("it is of {of} and waits for its day"),
            );
            return Ok(false);
        }
        let why = format!("it says that it is of {of}, which cannot be: taken all the same");
        self.find(&waiting.name, &why);
        Ok(true)
    }

    /// Removes a file that was taken, and its marker after it. What changed meanwhile stays.
    pub async fn leave(&mut self, desk: &Desk, waiting: &Waiting, taken: &Bytes) {
        let At::Bank { file, marker } = &waiting.at else {
            return;
        };
        match desk.ports.bank.remove(&file.name, &content(taken)).await {
            Ok(Removed::Removed | Removed::Gone) => {
                if let Some(marker) = marker {
                    self.unmark(desk, marker).await;
                }
            }
            Ok(Removed::Changed) => {
                let why = "it has changed since it was taken: what stands there now comes next";
                self.wait(&file.name, why);
            }
            Err(error) => {
                let why = format!("taken, and not removed at the bank: {error}");
                self.find(&file.name, &why);
            }
        }
    }

    /// Removes a marker that is still the one that was listed: the bank may have put out the next
    /// file of this name and marked it.
    async fn unmark(&mut self, desk: &Desk, marker: &Remote) {
        let bank = &desk.ports.bank;
        let removed = match bank.fetch(marker).await {
            Ok(Fetched::Whole(body)) => bank.remove(&marker.name, &content(&body)).await.map(drop),
            Ok(Fetched::Changed) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = removed {
            let why = format!("a marker that is not needed any more, and not removed: {error}");
            self.find(&marker.name, &why);
        }
    }

    /// Somebody must look at a file, and why.
    pub(super) fn find(&mut self, name: &str, why: &str) {
        self.found.push(format!("{}: {why}", foreign::line(name)));
    }

    /// A file waits, and why.
    pub(super) fn wait(&mut self, name: &str, why: &str) {
        self.waits
            .push(format!("{}: waits: {why}", foreign::line(name)));
    }

    /// Adds what is said of the door to the tally of what was taken.
    pub fn tell(self, tally: &mut Tally) {
        tally.findings += self.found.len() as u64;
        for (what, mut lines) in [
            ("not as they should be", self.found),
            ("waiting", self.waits),
        ] {
            if lines.is_empty() {
                continue;
            }
            tally.note(what, lines.len());
            if let Some(more) = lines
                .len()
                .checked_sub(MOST_SPOKEN)
                .filter(|more| *more > 0)
            {
                lines.truncate(MOST_SPOKEN);
                lines.push(format!("and {more} more {what}"));
            }
            tally.proofs.extend(lines);
        }
    }
}

impl Waiting {
    fn at_bank(file: Remote, marker: Option<Remote>) -> Waiting {
        let name = file.name.clone();
        let at = At::Bank { file, marker };
        Waiting { name, at }
    }
}

/// Whether it is recorded what became of this content under this name on `date`.
///
/// # Errors
/// Where the store does not answer.
pub(super) async fn is_recorded(desk: &Desk, date: Date, name: &str, body: &[u8]) -> Result<bool> {
    let sha256 = settlement::archive::sha256(body).to_string();
    let recorded = names::ingested(date, name, &sha256);
    Ok(desk.ports.objects.head(&recorded).await?.is_some())
}

/// Whether a file of this name was taken on `date`.
async fn was_taken(desk: &Desk, date: Date, name: &str) -> Result<bool> {
    let taken = format!("{}{}.", names::ingested_prefix(date), names::stored(name));
    Ok(!desk.ports.objects.list(&taken).await?.is_empty())
}

fn content(body: &Bytes) -> ReadBack {
    ReadBack {
        size: body.len() as u64,
        sha256: *settlement::archive::sha256(body).as_bytes(),
    }
}

fn open_here(path: &Path) -> Result<Regular> {
    let open = Regular::open(path).map_err(|e| unreadable(path, &e))?;
    if open.size() <= LOCAL_BYTES {
        return Ok(open);
    }
    let why = format!(
        "{} bytes, and at most {LOCAL_BYTES} are taken: have it split",
        open.size()
    );
    Err(unreadable(path, &Error::invalid("", why)))
}

fn read_here(path: &Path) -> Result<Bytes> {
    let body = open_here(path)?.read(LOCAL_BYTES);
    let body = body.map_err(|e| unreadable(path, &e))?;
    body.ok_or_else(|| {
        Failure::usage(format!("{}: it changed while it was read", path.display()))
            .remedy("name it again when it is whole")
    })
}

fn unreadable(path: &Path, error: &Error) -> Failure {
    let why = match error {
        Error::NotFound { .. } => "No such file or directory".to_owned(),
        Error::Invalid { why, .. } | Error::Denied { why, .. } => why.clone(),
        Error::Unavailable { source, .. } => source.to_string(),
        other => other.to_string(),
    };
    Failure::usage(format!("{}: {why}", path.display())).remedy("name a file that can be read")
}
