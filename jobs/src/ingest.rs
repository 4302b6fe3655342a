//! Ingest: from what the bank has put out to registered copies, events and rows.
//!
//! For each file that is whole and of this day or an earlier one (`ingest/door.rs`), in the order
//! of what they say (`ingest/meaning.rs`) and of names, statements last and in the order of their
//! days: copy it and hash it, register its
//! content, read it by what it is (its name says nothing), apply its events, write its rows,
//! record what became of it, and only then remove it at the bank, where it still has the bytes
//! that were taken. What has a record is done: a run after a crash only removes it, so that what
//! a file is decided by is always what was recorded before it.
//!
//! A content taken before under another name is noted and changes nothing; one that was
//! quarantined is looked at again, so that what came too early, or before a profile was
//! corrected, has a way in. A file with errors in its totals is quarantined whole; a bad entry in
//! a good file is put aside alone, with its line and reason.

mod acks;
mod door;
mod kept;
mod meaning;
mod report;
mod returns;
mod statements;

use crate::catalog;
use crate::order::{Over, banking_day, in_order, over};
use crate::parts;
use crate::records;
use crate::records::allocated::Allocated;
use crate::records::ingested::{Ingested, MAX_FINDINGS, Outcome, Registered};
use crate::records::sum::Sum;
use crate::registry;
use crate::start;
use crate::tally::Tally;
use bytes::Bytes;
use desk::Desk;
use desk::failure::{Failure, Result};
use desk::names;
use door::{Door, Waiting, is_recorded};
use formats::detect::{self, Kind};
use jiff::civil::Date;
use meaning::meaning;
use settlement::allocate::Kind as Sided;
use settlement::foreign;
use settlement::ids::BatchKey;
use std::collections::BTreeSet;
use std::path::PathBuf;

pub use report::{report, ties_out};

/// Takes everything the bank has put out, as received on `date`. It may run as often as the bank
/// puts something out; the posting writes its report.
///
/// # Errors
/// Where the bank or a store does not answer, the books of the date are closed, or work on a later
/// date has begun.
pub async fn run(desk: &Desk, date: Date) -> Result<Tally> {
    banking_day(date)?;
    let (mut door, waiting) = Door::open(desk, date).await?;
    if !waiting.is_empty() {
        may_take(desk, date).await?;
    }
    take_all(desk, date, &mut door, waiting).await?;
    take_lost(desk, date, &mut door).await?;
    told(desk, date, door).await
}

/// Takes again what was taken and of which the record is lost, as long as the date is open.
async fn take_lost(desk: &Desk, date: Date, door: &mut Door) -> Result<()> {
    if over(desk, date).await?.is_some() {
        return Ok(());
    }
    let lost = kept::without_record(desk, date).await?;
    if !lost.is_empty() {
        in_order(desk, date).await?;
    }
    for (name, body) in lost {
        door.find(
            &name,
            "the record of what became of it was lost: our copy was read again",
        );
        ingest_content(desk, date, &name, body).await?;
    }
    Ok(())
}

/// Takes local files as if the bank had put them out.
///
/// # Errors
/// As [`run`], and where a file cannot be read.
pub async fn files(desk: &Desk, date: Date, paths: &[PathBuf]) -> Result<Tally> {
    banking_day(date)?;
    may_take(desk, date).await?;
    let (mut door, waiting) = (Door::default(), Door::here(paths)?);
    take_all(desk, date, &mut door, waiting).await?;
    told(desk, date, door).await
}

/// The tally of a date for which nothing more is taken, and why.
///
/// # Errors
/// Where a record cannot be read.
pub async fn nothing_more(desk: &Desk, date: Date, over: &Over) -> Result<Tally> {
    let mut tally = report(desk, date).await?;
    tally.note("nothing more is taken", &over.why);
    tally.check()
}

async fn may_take(desk: &Desk, date: Date) -> Result<()> {
    match over(desk, date).await? {
        Some(over) => Err(over.refused()),
        None => in_order(desk, date).await,
    }
}

/// What the date's records say, and what the door does.
async fn told(desk: &Desk, date: Date, door: Door) -> Result<Tally> {
    let mut tally = report(desk, date).await?;
    if door.bare {
        tally.proofs.extend(unanswered(desk, date).await?);
    }
    door.tell(&mut tally);
    tally.check()
}

/// What is said where nothing came on `date` and nothing lies there, while payments wait for the
/// bank: it may be early, or the folder may be another one than the bank writes to.
async fn unanswered(desk: &Desk, date: Date) -> Result<Option<String>> {
    let came = desk
        .ports
        .objects
        .list(&names::ingested_prefix(date))
        .await?;
    if !came.is_empty() {
        return Ok(None);
    }
    let waiting = waiting(desk, date).await?;
    let batches = if waiting == 1 {
        "batch waits"
    } else {
        "batches wait"
    };
    Ok((waiting > 0).then(|| {
        format!(
            "nothing came and nothing lies in from-bank, while {waiting} {batches} for the \
             bank's answer: where that is late, ask whether the bank writes to this folder"
        )
    }))
}

/// How many batches have not settled: those that the last allocation left open, and those that
/// were cut since.
async fn waiting(desk: &Desk, date: Date) -> Result<usize> {
    let objects = &*desk.ports.objects;
    let last = records::newest_before::<Allocated>(objects, names::ALLOCATED_PREFIX, date).await?;
    let open = last.iter().flat_map(|last| last.open());
    let mut batches: BTreeSet<BatchKey> = open
        .filter_map(|one| match one.one.kind {
            Sided::Side(batch, _) => Some(batch),
            _ => None,
        })
        .collect();
    let oldest = last.as_ref().map_or(date, |last| last.date);
    for cut in parts::frozen_since(objects, desk.bank.odfi, oldest).await? {
        let files = cut
            .files
            .iter()
            .filter(|_| cut.date > oldest || last.is_none());
        batches.extend(files.flat_map(|file| &file.batches).map(|batch| batch.key));
    }
    Ok(batches.len())
}

/// Takes what waits, in the order of what it says: statements last, and which of these comes first
/// is for their days to say. What came back is held while the files before it are taken: a
/// morning's returns are few beside the day's entries.
async fn take_all(desk: &Desk, date: Date, door: &mut Door, waiting: Vec<Waiting>) -> Result<()> {
    let (mut answers, mut statements) = (Vec::new(), Vec::new());
    for file in waiting {
        let Some(body) = door.body(desk, &file).await? else {
            continue;
        };
        if !door.is_its_day(desk, date, &file, &body).await?
            || waits_for_delivery(desk, date, door, &file, &body).await?
        {
            continue;
        }
        match (statements::first_day(&body), meaning(&body)) {
            (Some(day), _) => statements.push((day, file)),
            (None, Some(meaning)) => answers.push((meaning, file, body)),
            (None, None) => take_one(desk, date, door, &file, body).await?,
        }
    }
    answers.sort_by_key(|(meaning, _, _)| *meaning);
    for (_, file, body) in answers {
        take_one(desk, date, door, &file, body).await?;
    }
    statements.sort_by_key(|(day, _)| *day);
    for (_, file) in statements {
        if let Some(body) = door.body(desk, &file).await? {
            take_one(desk, date, door, &file, body).await?;
        }
    }
    Ok(())
}

/// Whether a file answers what is not recorded as delivered: it is taken once that is.
async fn waits_for_delivery(
    desk: &Desk,
    date: Date,
    door: &mut Door,
    file: &Waiting,
    body: &[u8],
) -> Result<bool> {
    if detect::detect(body) != Kind::Ack || is_recorded(desk, date, &file.name, body).await? {
        return Ok(false);
    }
    let Some((answered, of)) = acks::undelivered(desk, date, body).await? else {
        return Ok(false);
    };
    door.wait(
        &file.name,
        &format!("it answers {answered}, whose delivery is not recorded: deliver --date {of}"),
    );
    Ok(true)
}

async fn take_one(
    desk: &Desk,
    date: Date,
    door: &mut Door,
    file: &Waiting,
    body: Bytes,
) -> Result<()> {
    ingest_content(desk, date, &file.name, body.clone()).await?;
    door.leave(desk, file, &body).await;
    Ok(())
}

async fn ingest_content(desk: &Desk, date: Date, name: &str, body: Bytes) -> Result<()> {
    let objects = &*desk.ports.objects;
    let sha256 = settlement::archive::sha256(&body).to_string();
    let recorded = names::ingested(date, name, &sha256);
    if let Some(done) = records::get::<Ingested>(objects, &recorded).await? {
        return catalog::list(desk, date, &recorded, &done).await;
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
        waiting: Vec::new(),
        healed: Vec::new(),
        rejected: Vec::new(),
        rejected_batches: Vec::new(),
        held: Vec::new(),
        refused: Vec::new(),
        aside: Vec::new(),
        break_kind: None,
        reason: None,
        findings: Vec::new(),
        about: Vec::new(),
        started_from: start::of_inbound(desk, date).await?,
    };
    objects.put_new(&file.object, body.clone()).await?;
    let first = register(desk, date, &file, body.len() as u64).await?;
    if first.name != name || first.received != date {
        file.outcome = Outcome::Duplicate { of: first.name };
    } else {
        read_as(desk, date, kind, &mut file, &body).await?;
    }
    if file.findings.len() > MAX_FINDINGS {
        let more = file.findings.len() - MAX_FINDINGS;
        file.findings.truncate(MAX_FINDINGS);
        file.findings.push(format!("and {more} more findings"));
    }
    records::put(objects, &recorded, &file).await?;
    catalog::list(desk, date, &recorded, &file).await
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
        if first == ours || nth >= registry::MOST_TIMES {
            return Ok(first);
        }
        match finished(desk, &first, file).await? {
            Some(done) if done.outcome != Outcome::Quarantined => return Ok(first),
            Some(_) => {}
            // Begun for a day that was closed without it: nobody comes back to it there.
            None if over(desk, first.received).await?.is_some() => {}
            None => return Err(unfinished(&first)),
        }
        nth += 1;
    }
}

/// What became of a content that was registered; nothing where its run died.
async fn finished(desk: &Desk, first: &Registered, file: &Ingested) -> Result<Option<Ingested>> {
    let Registered { name, received, .. } = first;
    let done = names::ingested(*received, name, &file.sha256);
    records::get::<Ingested>(&*desk.ports.objects, &done).await
}

/// A content that was registered and not finished is no duplicate.
fn unfinished(first: &Registered) -> Failure {
    let Registered { name, received, .. } = first;
    let name = foreign::line(name);
    Failure::usage(format!("{name} was begun on {received} and not finished"))
        .remedy(format!("run tieout ingest --date {received} first"))
}

/// What a file of answers is about: its header, which a file that is sent again repeats.
fn header(body: &[u8]) -> String {
    let line = body.split(|byte| matches!(byte, b'\r' | b'\n')).next();
    let line = line.unwrap_or_default();
    let line = line.get(..94).unwrap_or(line);
    let sha256 = settlement::archive::sha256(line).to_string();
    format!(
        "file with the header {}",
        sha256.get(..16).unwrap_or(&sha256)
    )
}

async fn read_as(
    desk: &Desk,
    date: Date,
    kind: Kind,
    file: &mut Ingested,
    body: &Bytes,
) -> Result<()> {
    match kind {
        Kind::Ack => acks::ingest(desk, date, file, body).await,
        Kind::Nacha => {
            file.about = vec![header(body)];
            returns::ingest(desk, date, file, body).await
        }
        Kind::Bai2 | Kind::Camt053 => statements::ingest(desk, date, kind, file, body).await,
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
