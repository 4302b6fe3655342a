//! The table `parts`: which files the tables are made of, as the records of jobs say.
//!
//! An engine that lists folders counts whatever lies there, also a part of a run that crashed and
//! that no record came to name. So each record that names parts gets one file of this table, with
//! a row for each of them. It is a pure function of the record, stands under one name, and is
//! written after it: a job that is run again writes it again, to the same bytes. What a query
//! here reads is taken from the records themselves, which are proved; the files are for engines
//! that cannot read those, and `check` holds one against the other.

mod proof;

use crate::parts;
use crate::records::allocated::Allocated;
use crate::records::ingested::Ingested;
use crate::records::named::{Expected, Named, Names};
use crate::records::part::Part;
use crate::records::posted::PostedDay;
use crate::records::reconciled::Reconciled;
use crate::records::saved::Saved;
use crate::records::{self, Read};
use connectors::{Name, ObjectStore};
use desk::failure::{Failure, Result, too_large};
use desk::records::Record;
use desk::{Desk, names};
use formats::tables::{self, JobRuns, PartRow, Parts, Table};
use jiff::civil::Date;
use proof::Proof;
use settlement::archive::Manifest;
use settlement::money::Currency;

/// The parts that one record names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The date of the record: the day in whose package the parts are sealed.
    pub date: Date,
    /// The record.
    pub record: Name,
    /// The parts.
    pub parts: Vec<Part>,
    /// The currency of their amounts.
    pub currency: Currency,
}

impl Listed {
    /// The parts that `said` names.
    ///
    /// # Errors
    /// Where a hash in it is none.
    pub fn of<T: Names>(desk: &Desk, date: Date, record: &Name, said: &T) -> Result<Listed> {
        let contents = said.contents()?.into_iter();
        let parts = contents.filter_map(|Named { bytes, .. }| match bytes {
            Expected::Part(part) | Expected::Names(part) => Some(part),
            Expected::Hash(_) | Expected::Anything => None,
        });
        Ok(Listed {
            date,
            record: record.clone(),
            parts: parts.collect(),
            currency: desk.bank.currency,
        })
    }

    /// The table of the day's runs, which the manifest of the day names.
    fn of_manifest(desk: &Desk, manifest: &Manifest) -> Result<Listed> {
        let mut parts = Vec::new();
        for member in &manifest.members {
            let table = member.name.split('/').next();
            if let (Some(rows), Some(cents), Some(JOB_RUNS)) = (member.rows, member.cents, table) {
                parts.push(Part {
                    table: JOB_RUNS.to_owned(),
                    name: Name::parse(member.name.clone())?,
                    rows,
                    cents,
                    sha256: Some(member.sha256),
                });
            }
        }
        Ok(Listed {
            date: manifest.date,
            record: names::manifest(manifest.date),
            parts,
            currency: desk.bank.currency,
        })
    }

    /// What the table's file for this record is called.
    pub fn name(&self) -> Name {
        names::listed_parts(self.date, &self.record)
    }

    /// The table's file for this record; `None` where it names no part.
    ///
    /// # Errors
    /// Where a part has no date in its name, or a figure does not fit.
    pub fn bytes(&self) -> Result<Option<Vec<u8>>> {
        if self.parts.is_empty() {
            return Ok(None);
        }
        let rows: Vec<PartRow<'_>> = self
            .parts
            .iter()
            .map(|part| self.row(part))
            .collect::<Result<_>>()?;
        let (bytes, _) = tables::to_bytes::<Parts>(rows).map_err(parts::torn)?;
        Ok(Some(bytes))
    }

    fn row<'p>(&'p self, part: &'p Part) -> Result<PartRow<'p>> {
        let day = names::date_within(&part.name);
        let none = || Failure::damaged(format!("{}: its name has no date", part.name));
        Ok(PartRow {
            sealed_in: self.date,
            table_name: part.table.as_str().into(),
            partition_date: day.ok_or_else(none)?,
            path: part.name.as_str().into(),
            row_count: i64::try_from(part.rows).map_err(|_| too_large(&part.name))?,
            amount: part.cents,
            written_by: writer(&self.record).into(),
            record: self.record.as_str().into(),
            sha256: part
                .sha256
                .map(|hash| hash.to_string())
                .unwrap_or_default()
                .into(),
            currency: Some(self.currency.as_str().into()),
        })
    }

    /// Writes the table's file for this record.
    ///
    /// # Errors
    /// Where the store does not take it, or has another of that name.
    pub async fn write(&self, objects: &dyn ObjectStore) -> Result<()> {
        if let Some(bytes) = self.bytes()? {
            objects.put_new(&self.name(), bytes.into()).await?;
        }
        Ok(())
    }
}

const JOB_RUNS: &str = JobRuns::INFO.name;

/// The job that writes such records.
fn writer(record: &Name) -> &'static str {
    match record.split('/').next() {
        Some("cuts") => "cut",
        Some("ingested") => "ingest",
        Some("allocated") => "allocate",
        Some("posted") => "post",
        Some("reconciled") => "reconcile",
        Some("saved") => "savings",
        _ => "archive",
    }
}

/// The tally of the job that has listed these parts when it wrote it; the archive writes none.
pub fn tally_after(listed: &Listed) -> Option<Name> {
    let job = match writer(&listed.record) {
        "archive" => return None,
        // The posting closes what comes in the course of a day.
        "cut" | "ingest" => "post",
        job => job,
    };
    Some(names::run(listed.date, job))
}

/// Lists the parts of a record that was just written, or found written.
///
/// # Errors
/// As [`Listed::write`].
pub async fn list<T: Names>(desk: &Desk, date: Date, record: &Name, said: &T) -> Result<()> {
    let listed = Listed::of(desk, date, record, said)?;
    listed.write(&*desk.ports.objects).await
}

/// Lists the parts that the manifest of a sealed day names beside those of its records.
///
/// # Errors
/// As [`Listed::write`].
pub async fn list_sealed(desk: &Desk, manifest: &Manifest) -> Result<()> {
    let listed = Listed::of_manifest(desk, manifest)?;
    listed.write(&*desk.ports.objects).await
}

/// What every record up to `until` names, in the order of dates and jobs; all of them without it.
/// Records name each other, so one that is gone is missed: an answer without its parts would be a
/// wrong one.
///
/// # Errors
/// Where a record is gone, cannot be read or is not as it was written.
pub async fn known(desk: &Desk, until: Option<Date>) -> Result<Vec<Listed>> {
    let (all, proof) = read(desk, until).await?;
    proof.hold(desk, until).await?;
    Ok(all)
}

/// What the records that are there name, whether or not others are gone: for `check`, which finds
/// those itself.
///
/// # Errors
/// Where a record cannot be read or is not as it was written.
pub async fn there(desk: &Desk) -> Result<Vec<Listed>> {
    Ok(read(desk, None).await?.0)
}

async fn read(desk: &Desk, until: Option<Date>) -> Result<(Vec<Listed>, Proof)> {
    let objects = &*desk.ports.objects;
    let within = |date: Date| until.is_none_or(|until| date <= until);
    let (mut all, mut proof) = (Vec::new(), Proof::default());
    for cut in parts::frozen_since(objects, desk.bank.odfi, Date::MIN).await? {
        if within(cut.date) {
            all.push(Listed::of(desk, cut.date, &cut.source.name, &cut.record)?);
            proof.record(&cut);
        }
    }
    let dated = |name: &str| names::date_of(name).or_else(|| names::date_within(name));
    let dated = |name: &str| dated(name).filter(|date| within(*date));
    let (into, proof_of) = (&mut all, &mut proof);
    below::<Ingested>(desk, names::INGESTED_PREFIX, dated, into, proof_of).await?;
    below::<Allocated>(desk, names::ALLOCATED_PREFIX, dated, into, proof_of).await?;
    below::<PostedDay>(desk, names::POSTED_PREFIX, dated, into, proof_of).await?;
    below::<Reconciled>(desk, names::RECONCILED_PREFIX, dated, into, proof_of).await?;
    below::<Saved>(desk, names::SAVED_PREFIX, dated, into, proof_of).await?;
    for name in objects.list(names::SEALED_PREFIX).await? {
        let Some(date) = names::date_within(&name).filter(|date| within(*date)) else {
            continue;
        };
        if name.ends_with("/archived.json") {
            proof.begun(date);
        }
        if !name.ends_with("/manifest.json") {
            continue;
        }
        if let Some(manifest) = records::read::<Manifest>(objects, &name).await? {
            all.push(Listed::of_manifest(desk, &manifest)?);
            proof.manifest(&manifest)?;
        }
    }
    all.sort_by(|one, other| (one.date, &one.record).cmp(&(other.date, &other.record)));
    Ok((all, proof))
}

async fn below<T: Record + Names>(
    desk: &Desk,
    prefix: &str,
    date: impl Fn(&str) -> Option<Date>,
    all: &mut Vec<Listed>,
    proof: &mut Proof,
) -> Result<()> {
    let objects = &*desk.ports.objects;
    for name in objects.list(prefix).await? {
        let Some(date) = date(&name) else { continue };
        let found: Option<Read<T>> = records::read(objects, &name).await?;
        if let Some(found) = found {
            all.push(Listed::of(desk, date, &name, &found.record)?);
            proof.record(&found);
        }
    }
    Ok(())
}

/// The newest date that is reconciled, not after `until`.
///
/// # Errors
/// Where the store does not answer, and where something else says of a later date that it was
/// reconciled, and the record of it is gone.
pub async fn closed(desk: &Desk, until: Option<Date>) -> Result<Option<Date>> {
    let objects = &*desk.ports.objects;
    let within = |date: &Date| until.is_none_or(|until| *date <= until);
    let listed = objects.list(names::RECONCILED_PREFIX).await?;
    let dates = listed.iter().filter_map(|name| names::date_of(name));
    let newest = dates.filter(within).max();
    proof::none_later(desk, newest, within).await?;
    Ok(newest)
}
