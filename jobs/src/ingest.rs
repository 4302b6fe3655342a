//! Ingest: from what the bank has put out to registered copies, events and rows.
//!
//! For each file, in the order of names, statements last and in the order of their days: copy it
//! and hash it, register its content, read it by what it is (its name says nothing), apply its
//! events, write its rows, record what became of it, and only then remove it at the bank. What
//! has a record is done: a run after a crash only removes it, so that what a file is decided by
//! is always what was recorded before it.
//!
//! A content taken before under another name is noted and changes nothing; one that was
//! quarantined is looked at again, so that what came too early, or before a profile was
//! corrected, has a way in. A file with errors in its totals is quarantined whole; a bad entry in
//! a good file is put aside alone, with its line and reason.

mod acks;
mod report;
mod returns;
mod statements;

use crate::calendar::{banking_day, in_order, open_books};
use crate::desk::Desk;
use crate::entries::Part;
use crate::failure::{Failure, Result};
use crate::tally::{Sum, Tally};
use crate::{names, record};
use bytes::Bytes;
use formats::detect::{self, Kind};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use settlement::money::SignedCents;
use settlement::reconcile::legs::BreakKind;
use std::io::Read;
use std::path::{Path, PathBuf};

pub use report::report;
pub use statements::StatementHead;

/// What became of an inbound file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ingested {
    /// The bank's name for it.
    pub name: String,
    /// Our copy.
    pub object: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// What it is.
    pub kind: String,
    /// What was done with it.
    pub outcome: Outcome,
    /// Table parts made from it.
    pub parts: Vec<Part>,
    /// Records in it, and their cents.
    pub records: Sum,
    /// Records of it that were quarantined, and their cents.
    pub quarantined: Sum,
    /// Records of it that are not for these books: other accounts, intraday reports.
    pub left_out: Sum,
    /// Its statements, where it is one.
    pub statements: Vec<StatementHead>,
    /// Files of ours that it rejects.
    pub rejected: Vec<String>,
    /// Events of it that a payment's list of steps refused: payment, trace, event, state.
    pub refused: Vec<Refused>,
    /// Entries of it that were put aside: line, cents, why.
    pub aside: Vec<(u64, SignedCents, String)>,
    /// The kind of break that a quarantined file is.
    pub break_kind: Option<String>,
    /// Why it is in quarantine.
    pub reason: Option<String>,
    /// What is wrong with it: rule, line, column, field, reason.
    pub findings: Vec<String>,
}

/// An event that could not happen to its payment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// The payment.
    pub payment: String,
    /// What names the event: an original trace, a file.
    pub about: String,
    /// The event.
    pub event: String,
    /// The state that refused it.
    pub state: String,
    /// What is at stake on our account.
    pub cents: SignedCents,
}

/// What was done with a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Its events are durable and its rows are written.
    Taken,
    /// The same content came before under the name given: nothing was changed.
    Duplicate {
        /// The first file with this content.
        of: String,
    },
    /// It cannot be trusted: nothing of it was taken.
    Quarantined,
}

/// Where a content was first seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Registered {
    name: String,
    received: Date,
    size: u64,
}

/// Findings recorded of one file, at most; a file with more says so. The same for what is put
/// aside of it.
const MAX_FINDINGS: usize = 100;

/// Times that a content is looked at again after it was quarantined.
const MOST_TIMES: u32 = 100;

/// A file that waits: at the bank, or here under a path.
struct Waiting {
    name: String,
    path: Option<PathBuf>,
}

impl Waiting {
    async fn body(&self, desk: &Desk) -> Result<Bytes> {
        match &self.path {
            None => Ok(desk.ports.bank.fetch(&self.name).await?),
            Some(path) => {
                let body = std::fs::read(path).map_err(|e| unreadable(path, &e))?;
                Ok(body.into())
            }
        }
    }

    async fn take(&self, desk: &Desk, date: Date, body: Bytes) -> Result<()> {
        one(desk, date, &self.name, body).await?;
        if self.path.is_none() {
            desk.ports.bank.remove(&self.name).await?;
        }
        Ok(())
    }
}

/// Takes what waits, statements last: which comes first is for their days to say.
async fn take_all(desk: &Desk, date: Date, waiting: Vec<Waiting>) -> Result<()> {
    let mut statements = Vec::new();
    for file in waiting {
        let body = file.body(desk).await?;
        match statements::first_day(&body) {
            Some(day) => statements.push((day, file)),
            None => file.take(desk, date, body).await?,
        }
    }
    statements.sort_by_key(|(day, _)| *day);
    for (_, file) in statements {
        let body = file.body(desk).await?;
        file.take(desk, date, body).await?;
    }
    Ok(())
}

/// Takes everything the bank has put out, as received on `date`. It may run as often as the bank
/// puts something out; the posting writes its report.
///
/// # Errors
/// Where the bank or a store does not answer, or the books of the date are closed.
pub async fn run(desk: &Desk, date: Date) -> Result<Tally> {
    banking_day(date)?;
    let waiting = desk.ports.bank.list().await?;
    if !waiting.is_empty() {
        open_books(desk, date, "ingest").await?;
        in_order(desk, date).await?;
    }
    let mut names: Vec<String> = waiting.into_iter().map(|remote| remote.name).collect();
    names.sort();
    let waiting = names.into_iter().map(|name| Waiting { name, path: None });
    take_all(desk, date, waiting.collect()).await?;
    report(desk, date).await?.check()
}

/// Takes local files as if the bank had put them out.
///
/// # Errors
/// As [`run`], and where a file cannot be read.
pub async fn files(desk: &Desk, date: Date, paths: &[PathBuf]) -> Result<Tally> {
    banking_day(date)?;
    open_books(desk, date, "ingest").await?;
    in_order(desk, date).await?;
    for path in paths {
        let mut first = [0; 1];
        let opened = std::fs::File::open(path);
        opened
            .and_then(|mut file| file.read(&mut first))
            .map_err(|e| unreadable(path, &e))?;
    }
    let waiting = paths.iter().map(|path| Waiting {
        name: path
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default(),
        path: Some(path.clone()),
    });
    take_all(desk, date, waiting.collect()).await?;
    report(desk, date).await?.check()
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("{}: {error}", path.display())).remedy("name a file that can be read")
}

async fn one(desk: &Desk, date: Date, name: &str, body: Bytes) -> Result<()> {
    let objects = &*desk.ports.objects;
    let sha256 = settlement::archive::sha256(&body).to_string();
    let recorded = names::ingested(date, name, &sha256);
    if objects.head(&recorded).await?.is_some() {
        return Ok(());
    }
    let kind = detect::detect(&body);
    let mut file = Ingested {
        name: name.to_owned(),
        object: names::inbound(date, name, &sha256),
        sha256,
        kind: kind.as_str().to_owned(),
        outcome: Outcome::Taken,
        parts: Vec::new(),
        records: Sum::default(),
        quarantined: Sum::default(),
        left_out: Sum::default(),
        statements: Vec::new(),
        rejected: Vec::new(),
        refused: Vec::new(),
        aside: Vec::new(),
        break_kind: None,
        reason: None,
        findings: Vec::new(),
    };
    objects.put_new(&file.object, body.clone()).await?;
    let first = register(desk, date, &file, body.len() as u64).await?;
    if first.name != name || first.received != date {
        file.outcome = Outcome::Duplicate { of: first.name };
    } else {
        take(desk, date, kind, &mut file, &body).await?;
    }
    if file.findings.len() > MAX_FINDINGS {
        let more = file.findings.len().saturating_sub(MAX_FINDINGS);
        file.findings.truncate(MAX_FINDINGS);
        file.findings.push(format!("and {more} more findings"));
    }
    record::put(objects, &recorded, &file).await?;
    Ok(())
}

/// Who has this content: this file, or the one it repeats. One that was quarantined each time it
/// came is nobody's yet.
async fn register(desk: &Desk, date: Date, file: &Ingested, size: u64) -> Result<Registered> {
    let objects = &*desk.ports.objects;
    let ours = Registered {
        name: file.name.clone(),
        received: date,
        size,
    };
    let mut nth = 1;
    loop {
        let name = names::registered(&file.sha256, nth);
        let Some(first) = record::get::<Registered>(objects, &name).await? else {
            record::put(objects, &name, &ours).await?;
            return Ok(ours);
        };
        if first == ours || nth >= MOST_TIMES {
            return Ok(first);
        }
        if finished(desk, &first, file).await?.outcome != Outcome::Quarantined {
            return Ok(first);
        }
        nth = nth.saturating_add(1);
    }
}

/// A content that was registered and not finished is no duplicate: its run died.
async fn finished(desk: &Desk, first: &Registered, file: &Ingested) -> Result<Ingested> {
    let Registered { name, received, .. } = first;
    let done = names::ingested(*received, name, &file.sha256);
    let done = record::get::<Ingested>(&*desk.ports.objects, &done).await?;
    done.ok_or_else(|| {
        let name = names::shown(name);
        Failure::usage(format!("{name} was begun on {received} and not finished"))
            .remedy(format!("run tieout ingest --date {received} first"))
    })
}

async fn take(
    desk: &Desk,
    date: Date,
    kind: Kind,
    file: &mut Ingested,
    body: &Bytes,
) -> Result<()> {
    match kind {
        Kind::Ack => acks::take(desk, date, file, body).await,
        Kind::Nacha => returns::take(desk, date, file, body).await,
        Kind::Bai2 | Kind::Camt053 => statements::take(desk, date, kind, file, body).await,
        Kind::Camt052 | Kind::Camt054 => {
            file.findings.push(format!(
                "{}: an intraday report, not a statement: kept, not booked",
                file.kind
            ));
            Ok(())
        }
        Kind::Unknown => {
            file.quarantine("neither NACHA, BAI2, camt.053 nor an acknowledgement: ask the bank");
            Ok(())
        }
    }
}

impl Ingested {
    /// Takes nothing of the file.
    fn quarantine(&mut self, why: &str) {
        self.outcome = Outcome::Quarantined;
        self.aside.clear(); // the whole file is
        self.reason = Some(why.to_owned());
        self.findings.push(why.to_owned());
    }

    /// Takes the file without one record of it, which becomes a break with its line.
    fn put_aside(&mut self, line: u64, cents: SignedCents, why: String) {
        self.quarantined.add(cents);
        self.findings.push(why.clone());
        if self.aside.len() < MAX_FINDINGS {
            self.aside.push((line, cents, why));
        }
    }

    /// As [`Ingested::quarantine`], as a break of another kind than a wrong total.
    fn quarantine_as(&mut self, kind: BreakKind, why: &str) {
        self.break_kind = Some(kind.as_str().to_owned());
        self.quarantine(why);
    }

    /// Whether the file was read and believed.
    pub fn taken(&self) -> bool {
        self.outcome == Outcome::Taken
    }
}
