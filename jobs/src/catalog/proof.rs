//! No record may be gone unseen: what a record started from, and what a sealed day's manifest has,
//! must be there, to the hash. All of it was read anyway, so the proof costs next to nothing.
//!
//! The days after the last one that was sealed have no manifest yet; there the tally of a job,
//! which is written after the job's record, says that the record was there.

use crate::chain;
use crate::records::Read;
use crate::records::named::Names;
use connectors::Name;
use desk::failure::{Failure, Result};
use desk::records::{RESTORE, Record, Source};
use desk::{Desk, names};
use jiff::civil::Date;
use settlement::archive::{Hash256, Manifest};
use std::collections::{BTreeMap, BTreeSet};

/// Where the records are that name parts of tables.
const PREFIXES: &[&str] = &[
    "cuts/",
    names::INGESTED_PREFIX,
    names::ALLOCATED_PREFIX,
    names::POSTED_PREFIX,
    names::RECONCILED_PREFIX,
    names::SAVED_PREFIX,
];

/// A job that writes one record a day, and how it is called.
type Daily = (&'static str, fn(Date) -> Name);

const DAILY: &[Daily] = &[
    ("allocate", names::allocated),
    ("post", names::posted),
    ("reconcile", names::reconciled),
    ("savings", names::saved),
];

/// What was read, and what it says must be there.
#[derive(Default)]
pub(super) struct Proof {
    there: BTreeMap<Name, Hash256>,
    /// What is named, and by whom.
    wanted: Vec<(Source, Name)>,
    sealed: BTreeSet<Date>,
    begun: BTreeSet<Date>,
}

impl Proof {
    /// A record was read.
    pub(super) fn record<T: Record + Names>(&mut self, read: &Read<T>) {
        let by = &read.source.name;
        self.there.insert(by.clone(), read.source.sha256);
        for source in read.record.started_from() {
            self.want(source.clone(), by);
        }
    }

    /// The manifest of a sealed day was read.
    pub(super) fn manifest(&mut self, read: &Read<Manifest>) -> Result<()> {
        let by = &read.source.name;
        self.there.insert(by.clone(), read.source.sha256);
        self.sealed.insert(read.date);
        for member in &read.members {
            let name = Name::parse(member.name.as_str())?;
            let sha256 = member.sha256;
            self.want(Source { name, sha256 }, by);
        }
        Ok(())
    }

    /// The package of a day is in the archive; its manifest comes after it.
    pub(super) fn begun(&mut self, date: Date) {
        self.begun.insert(date);
    }

    fn want(&mut self, source: Source, by: &Name) {
        let is_ours = |prefix: &&str| source.name.starts_with(*prefix);
        if PREFIXES.iter().any(is_ours) {
            self.wanted.push((source, by.clone()));
        }
    }

    /// Holds what was read up to `until` against what it says of itself.
    ///
    /// # Errors
    /// With the first record that is gone, or another than others name.
    pub(super) async fn hold(&self, desk: &Desk, until: Option<Date>) -> Result<()> {
        let objects = &*desk.ports.objects;
        for (source, by) in &self.wanted {
            let found = match self.there.get(&source.name) {
                Some(found) => Some(*found),
                // A cut of another number of ours is below another prefix.
                None => match objects.head(&source.name).await? {
                    Some(meta) => Some(Hash256::from_bytes(meta.sha256)),
                    None => None,
                },
            };
            match found {
                Some(found) => source.hold(found, by)?,
                None => return Err(gone(&source.name, by)),
            }
        }
        self.manifests(desk, until).await?;
        self.unsealed(desk).await
    }

    /// No manifest is gone, whose table of runs nothing else names.
    async fn manifests(&self, desk: &Desk, until: Option<Date>) -> Result<()> {
        let Some(at) = chain::head(&*desk.ports.objects).await? else {
            return Ok(());
        };
        let newest = at.head.newest.date;
        let within = until.is_none_or(|until| newest <= until);
        let mut named = self.begun.iter().copied().filter(|date| *date <= newest);
        let named = named.find(|date| !self.sealed.contains(date));
        let lost = named.or_else(|| (within && !self.sealed.contains(&newest)).then_some(newest));
        lost.map_or(Ok(()), |date| Err(chain::gone(date)))
    }

    /// The days after the last one that was sealed have what their tallies say.
    async fn unsealed(&self, desk: &Desk) -> Result<()> {
        let sealed = self.sealed.last().copied();
        let dates: BTreeSet<Date> = self
            .there
            .keys()
            .filter_map(|name| names::date_of(name))
            .filter(|date| sealed.is_none_or(|sealed| *date > sealed))
            .collect();
        for date in dates {
            for (job, record) in DAILY {
                let (record, tally) = (record(date), names::run(date, job));
                let is_gone = !self.there.contains_key(&record);
                if is_gone && desk.ports.objects.head(&tally).await?.is_some() {
                    return Err(gone(&record, &tally));
                }
            }
        }
        Ok(())
    }
}

/// Refuses where a date later than `newest` was reconciled and its record is gone.
pub(super) async fn none_later(
    desk: &Desk,
    newest: Option<Date>,
    within: impl Fn(&Date) -> bool,
) -> Result<()> {
    let objects = &*desk.ports.objects;
    let later = |date: &Date| within(date) && newest.is_none_or(|newest| *date > newest);
    for date in chain::sealed_dates(objects).await? {
        if later(&date) {
            return Err(gone(&names::reconciled(date), &names::manifest(date)));
        }
    }
    for date in posted(desk).await? {
        let tally = names::run(date, "reconcile");
        if later(&date) && objects.head(&tally).await?.is_some() {
            return Err(gone(&names::reconciled(date), &tally));
        }
    }
    Ok(())
}

/// The dates of which there is a posting or an allocation.
async fn posted(desk: &Desk) -> Result<BTreeSet<Date>> {
    let mut dates = BTreeSet::new();
    for prefix in [names::POSTED_PREFIX, names::ALLOCATED_PREFIX] {
        let listed = desk.ports.objects.list(prefix).await?;
        dates.extend(listed.iter().filter_map(|name| names::date_of(name)));
    }
    Ok(dates)
}

fn gone(name: &Name, by: &Name) -> Failure {
    Failure::findings(format!("{name}: gone, and {by} names it")).remedy(RESTORE)
}
