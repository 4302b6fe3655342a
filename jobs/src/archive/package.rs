//! What is packed of a day, and the package with its manifest.
//!
//! The members are the ones that the day's records name, not the ones a listing happens to show.
//! Nothing in the package or the manifest comes from a clock or from the machine, so a day that is
//! packed again is the same day, byte for byte.

use crate::parts;
use crate::records::allocated::Allocated;
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
use settlement::archive::{Link, Manifest, Retention, SealError, Sealer};
use settlement::money::Currency;
use std::fs::File;
use std::io::Write;

/// A tar block: headers and padding come in these.
const TAR_BLOCK: u64 = 512;

/// A day that is packed, and stored nowhere yet.
pub struct Packed {
    /// What it holds.
    pub manifest: Manifest,
    /// The link that the chain gets for it.
    pub link: Link,
    file: File,
}

/// Packs `date`, on top of the day that `previous` names. Nothing is stored but the table of the
/// day's runs, which every packing of the day makes.
///
/// # Errors
/// Where the day is not finished, or something that its records name is not as they say.
pub async fn pack(desk: &Desk, date: Date, previous: Option<Link>) -> Result<Packed> {
    let objects = &*desk.ports.objects;
    start::posted(desk, date).await?;
    let members = members(desk, date).await?;
    // Without a name: a kill leaves nothing.
    let file = tempfile::tempfile().map_err(not_packed)?;
    let sealer = package(objects, &members, file.try_clone().map_err(not_packed)?).await?;
    let sealed = sealer.finish().map_err(cannot_seal)?;
    let manifest = sealed
        .manifest(date, previous, Retention::default())
        .map_err(cannot_seal)?;
    let text = desk::records::to_bytes(&names::manifest(date), &manifest)?;
    let link = Link::to(date, &text);
    Ok(Packed {
        manifest,
        link,
        file,
    })
}

/// Stores a packed day: the package, where it went, and the manifest last.
///
/// # Errors
/// Where a store does not take it, or has another of that name.
pub async fn store(desk: &Desk, packed: Packed) -> Result<Manifest> {
    let Packed { manifest, file, .. } = packed;
    let (objects, date) = (&*desk.ports.objects, manifest.date);
    let until = manifest.retention_until;
    let archive = &desk.ports.archive;
    let id = archive.store(&names::package(date), file, until).await?;
    let (size, members) = (manifest.package.size, manifest.members.len() as u64);
    let archived = Archived {
        id: id.0,
        size,
        members,
    };
    records::put(objects, &names::archived(date), &archived).await?;
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
    if let Some(done) = records::read::<Allocated>(objects, &names::allocated(date)).await? {
        let said = done.started_from.iter();
        let said = said.filter(|one| one.name.starts_with(names::FUNDINGS_PREFIX));
        all.extend(said.cloned().map(Named::from));
        with_contents(&mut all, &done)?;
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
    let (runs, table) = job_runs(desk, date).await?;
    all.extend(runs.into_iter().chain(table.map(Named::from)));
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all.dedup_by(|a, b| a.name == b.name);
    Ok(all)
}

/// A record of the day, and what was written for it.
fn with_contents<T: Names>(all: &mut Vec<Named>, read: &Read<T>) -> Result<()> {
    all.push(read.source.clone().into());
    let contents = read.record.contents()?.into_iter();
    all.extend(contents.filter(Named::is_sealed));
    Ok(())
}

/// The tallies of the day, and the table that they become.
async fn job_runs(desk: &Desk, date: Date) -> Result<(Vec<Named>, Option<Part>)> {
    let (objects, currency) = (&*desk.ports.objects, desk.bank.currency);
    let runs = records::all::<Tally>(objects, &names::run_prefix(date)).await?;
    let rows = runs.iter().map(|tally| job_run(date, currency, tally));
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
fn job_run(date: Date, currency: Currency, tally: &Tally) -> Option<JobRun<'_>> {
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
        currency: Some(currency.as_str().into()),
    })
}

/// Writes the tar, and tells the sealer every byte of it. A part of a day of millions is in no
/// memory.
async fn package(
    objects: &dyn ObjectStore,
    members: &[Named],
    into: std::fs::File,
) -> Result<Sealer> {
    let mut file = std::io::BufWriter::new(into);
    let mut sealer = Sealer::new();
    for member in members {
        let gone = || {
            let what = format!("object {}: not found", member.name);
            Failure::findings(format!(
                "{what}: a record of the day names it and it is gone"
            ))
            .remedy("restore it, then run the same again")
        };
        let size = objects.size(&member.name).await?.ok_or_else(gone)?;
        let header = header(&member.name, size)?;
        sealer.between(header.as_bytes());
        file.write_all(header.as_bytes()).map_err(not_packed)?;
        let (rows, cents) = member.counted();
        sealer
            .begin(&member.name, rows, cents)
            .map_err(cannot_seal)?;
        let take = |piece: &[u8]| {
            sealer.content(piece).map_err(cannot_seal)?;
            file.write_all(piece).map_err(not_packed)
        };
        let held = |found| member.hold(found);
        let there = proved::pieces(objects, &member.name, size, held, take).await?;
        there.then_some(()).ok_or_else(gone)?;
        sealer.end().map_err(cannot_seal)?;
        let padding = vec![0; padding(size)];
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
