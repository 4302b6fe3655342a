//! Archive: from a finished day to one package with a proof.
//!
//! Everything that belongs to the date goes into one tar: the files sent and received, every
//! part of every table, every record of a job. The members are the ones that the day's records
//! name, not the ones a listing happens to show. Beside the package stands its manifest
//! (`settlement::archive`), chained by hash to the day sealed before. Nothing in either comes
//! from a clock, so a day sealed again is the same day.

use crate::chain::{self, At};
use crate::order::banking_day;
use crate::parts;
use crate::records::archived::Archived;
use crate::records::delivery::Delivery;
use crate::records::ingested::Ingested;
use crate::records::named::{Named, Names};
use crate::records::part::Part;
use crate::records::posted::PostedDay;
use crate::records::reconciled::Reconciled;
use crate::records::saved::Saved;
use crate::records::{self, Read};
use crate::start;
use crate::tally::Tally;
use connectors::ObjectStore;
use desk::failure::{Failure, Result, Status, too_large};
use desk::{Desk, names, proved};
use formats::tables::{JobRun, JobRuns};
use jiff::civil::Date;
use settlement::archive::{Head, Link, Manifest, Retention, SealError, Sealer};
use settlement::money::SignedCents;
use std::io::Write;

/// A tar block: headers and padding come in these.
const TAR_BLOCK: u64 = 512;

/// Seals and stores `date`.
///
/// # Errors
/// Where the day is not finished, a later day is sealed already, or a store does not answer.
pub async fn run(desk: &Desk, date: Date) -> Result<Tally> {
    banking_day(date)?;
    let objects = &*desk.ports.objects;
    if records::get::<Reconciled>(objects, &names::reconciled(date))
        .await?
        .is_none()
    {
        return Err(Failure::usage(format!("{date} is not reconciled yet"))
            .remedy(format!("run tieout day --date {date} first")));
    }
    if records::get::<Saved>(objects, &names::saved(date))
        .await?
        .is_none()
    {
        return Err(Failure::usage(format!("{date} has no savings yet"))
            .remedy(format!("run tieout savings --date {date} first")));
    }
    let head = chain::head_for(objects, date).await?;
    let sealed = match &head {
        Some(At { head, .. }) if head.newest.date >= date => chain::sealed(desk, date).await?,
        _ => seal(desk, date, head.as_ref().map(|at| &at.head)).await?,
    };
    let link = advance(objects, head, &sealed).await?;
    let mut tally = Tally::new("archive", date);
    let members = sealed.members.len() as u64;
    tally.take(members, SignedCents::ZERO)?;
    tally.give("sealed", members, SignedCents::ZERO)?;
    tally.note("bytes", sealed.package.size);
    tally.note("tree hash", sealed.package.tree_hash);
    tally.note("manifest", link.manifest_sha256);
    tally.note("kept until", sealed.retention_until);
    Ok(tally)
}

async fn seal(desk: &Desk, date: Date, head: Option<&Head>) -> Result<Manifest> {
    let objects = &*desk.ports.objects;
    if let Some(newest) = head.map(|h| h.newest.date).filter(|newest| *newest > date) {
        return Err(Failure::usage(format!(
            "{newest} is sealed already: {date} cannot be put into the chain before it"
        ))
        .remedy(format!(
            "leave {date} where it is: its records and tables stay in the store"
        )));
    }
    let before = settlement::calendar::previous_banking_day(date);
    let posted = objects.head(&names::posted(before)).await?.is_some();
    if posted && head.is_none_or(|h| h.newest.date < before) {
        return Err(Failure::usage(format!("{before} is not sealed yet"))
            .remedy(format!("run tieout archive --date {before} first")));
    }
    start::posted(desk, date).await?;
    let members = members(desk, date).await?;
    // Without a name: a kill leaves nothing.
    let packed = tempfile::tempfile().map_err(not_packed)?;
    let sealer = package(objects, &members, packed.try_clone().map_err(not_packed)?).await?;
    let sealed = sealer.finish().map_err(cannot_seal)?;
    let previous = head.map(|head| head.newest);
    let manifest = sealed
        .manifest(date, previous, Retention::default())
        .map_err(cannot_seal)?;
    let until = manifest.retention_until;
    let id = desk
        .ports
        .archive
        .store(&names::package(date), packed, until)
        .await?;
    let (size, members) = (manifest.package.size, manifest.members.len() as u64);
    records::put(
        objects,
        &names::archived(date),
        &Archived {
            id: id.0,
            size,
            members,
        },
    )
    .await?;
    records::put(objects, &names::manifest(date), &manifest).await?;
    Ok(manifest)
}

/// The package is put together in the folder for temporary files.
fn not_packed(error: std::io::Error) -> Failure {
    let kept = "nothing was sealed; make room there or set TMPDIR, then run the same again";
    Failure::of_file(&std::env::temp_dir(), kept)(error)
}

fn cannot_seal(error: SealError) -> Failure {
    let otherwise = "nothing was sealed: keep everything as it is and report it";
    Failure::advised(Status::Findings, error, otherwise)
}

/// Lets the chain end in a sealed day, and answers with that day's link.
async fn advance(objects: &dyn ObjectStore, head: Option<At>, sealed: &Manifest) -> Result<Link> {
    let text = objects.get(&names::manifest(sealed.date)).await?.body;
    let link = Link::to(sealed.date, &text);
    let before = head.as_ref().map(|at| at.head);
    if before.is_some_and(|head| head.newest.date >= sealed.date) {
        return Ok(link);
    }
    let newest = before.as_ref().map(|head| &head.newest);
    sealed
        .follows(newest)
        .map_err(|fault| Failure::damaged(fault.to_string()))?;
    let Some(after) = Head::after(before.as_ref(), link) else {
        return Err(Failure::impossible("the chain of sealed days is full"));
    };
    let name = names::archive_head();
    let body = desk::records::to_bytes(&name, &after)?;
    let tag = head.and_then(|at| at.tag);
    objects
        .put_if_match(&name, tag.as_deref(), body.into())
        .await?;
    Ok(link)
}

/// Everything that the records of `date` name, sorted by name, with the bytes that each must have.
async fn members(desk: &Desk, date: Date) -> Result<Vec<Named>> {
    let objects = &*desk.ports.objects;
    let mut all = Vec::new();
    for sent in records::all::<Delivery>(objects, &names::delivery_prefix(date)).await? {
        with_contents(&mut all, &sent)?; // first: it knows the hash of a file that no cut fixed
    }
    for cut in parts::frozen_on(desk, date).await? {
        with_contents(&mut all, &cut)?;
    }
    for came in records::all::<Ingested>(objects, &names::ingested_prefix(date)).await? {
        with_contents(&mut all, &came)?;
    }
    if let Some(posted) = records::read::<PostedDay>(objects, &names::posted(date)).await? {
        with_contents(&mut all, &posted)?;
    }
    if let Some(done) = records::read::<Reconciled>(objects, &names::reconciled(date)).await? {
        start::stands(objects, &done.source.name, done.started_from()).await?;
        with_contents(&mut all, &done)?;
    }
    if let Some(saved) = records::read::<Saved>(objects, &names::saved(date)).await? {
        start::stands(objects, &saved.source.name, saved.started_from()).await?;
        with_contents(&mut all, &saved)?;
    }
    let (runs, table) = job_runs(objects, date).await?;
    all.extend(runs.into_iter().chain(table.map(Named::from)));
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all.dedup_by(|a, b| a.name == b.name);
    Ok(all)
}

/// A record of the day, and what was written for it.
fn with_contents<T: Names>(all: &mut Vec<Named>, read: &Read<T>) -> Result<()> {
    all.push(read.source.clone().into());
    all.extend(read.record.contents()?);
    Ok(())
}

/// The tallies of the day, and the table that they become.
async fn job_runs(objects: &dyn ObjectStore, date: Date) -> Result<(Vec<Named>, Option<Part>)> {
    let runs = records::all::<Tally>(objects, &names::run_prefix(date)).await?;
    let rows = runs.iter().map(|tally| job_run(date, tally));
    let rows: Vec<_> = rows
        .collect::<Option<_>>()
        .ok_or_else(|| too_large("a tally"))?;
    let part = parts::put_part::<JobRuns>(objects, date, "runs", rows).await?;
    Ok((
        runs.into_iter().map(|run| run.source.into()).collect(),
        part,
    ))
}

/// A row of the table; `None` where a figure does not fit.
fn job_run(date: Date, tally: &Tally) -> Option<JobRun<'_>> {
    let out = tally.out()?;
    Some(JobRun {
        run_date: date,
        job: tally.job.as_str().into(),
        part: "".into(),
        records_in: i64::try_from(tally.taken.records).ok()?,
        records_out: i64::try_from(out.records).ok()?,
        amount_in: tally.taken.cents,
        amount_out: out.cents,
        tied_out: tally.ties_out(),
        detail: tally.to_string().into(),
    })
}

/// Writes the tar, and tells the sealer every byte of it.
async fn package(
    objects: &dyn ObjectStore,
    members: &[Named],
    into: std::fs::File,
) -> Result<Sealer> {
    let mut file = std::io::BufWriter::new(into);
    let mut sealer = Sealer::new();
    for member in members {
        let body = proved::whole(objects, &member.name, |found| member.hold(found)).await?;
        let Some(body) = body else {
            let what = format!("object {}: not found", member.name);
            return Err(Failure::findings(format!(
                "{what}: a record of the day names it and it is gone"
            ))
            .remedy("restore it, then run the same again"));
        };
        let header = header(&member.name, body.len() as u64)?;
        sealer.between(header.as_bytes());
        file.write_all(header.as_bytes()).map_err(not_packed)?;
        let (rows, cents) = member.counted();
        sealer
            .begin(&member.name, rows, cents)
            .map_err(cannot_seal)?;
        sealer.content(&body).map_err(cannot_seal)?;
        sealer.end().map_err(cannot_seal)?;
        file.write_all(&body).map_err(not_packed)?;
        let padding = vec![0; padding(body.len() as u64)];
        sealer.between(&padding);
        file.write_all(&padding).map_err(not_packed)?;
    }
    let end = [0; 2 * TAR_BLOCK as usize];
    sealer.between(&end);
    file.write_all(&end).map_err(not_packed)?;
    let file = file.into_inner().map_err(|e| not_packed(e.into_error()))?;
    file.sync_all().map_err(not_packed)?;
    Ok(sealer)
}

fn padding(size: u64) -> usize {
    usize::try_from((TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK).unwrap_or(0)
}

/// A header without owner, time or anything else that is not of the day.
fn header(name: &str, size: u64) -> Result<tar::Header> {
    let mut header = tar::Header::new_ustar();
    header
        .set_path(name)
        .map_err(|e| Failure::impossible(format!("{name}: no name of a package's member: {e}")))?;
    header.set_size(size);
    header.set_mode(0o444);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header.set_entry_type(tar::EntryType::Regular);
    header.set_cksum();
    Ok(header)
}
