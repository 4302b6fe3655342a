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

use crate::order::{banking_day, in_order, open_books};
use crate::records;
use crate::records::ingested::{Ingested, MAX_FINDINGS, Outcome, Registered};
use crate::records::sum::Sum;
use crate::tally::Tally;
use bytes::Bytes;
use desk::Desk;
use desk::failure::{Failure, Result};
use desk::names;
use formats::detect::{self, Kind};
use jiff::civil::Date;
use settlement::foreign;
use std::io::Read;
use std::path::{Path, PathBuf};

pub use report::report;

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
    records::put(objects, &recorded, &file).await?;
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
        let Some(first) = records::get::<Registered>(objects, &name).await? else {
            records::put(objects, &name, &ours).await?;
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
    let done = records::get::<Ingested>(&*desk.ports.objects, &done).await?;
    done.ok_or_else(|| {
        let name = foreign::line(name);
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
