//! Upgrade: an installation of an older version, brought forward.
//!
//! What was written is never rewritten: sealed days hold the hashes of their records, and a chain
//! that proves them must still prove them in seven years. An older record is brought forward in
//! memory by whoever reads it (`desk::records`). So an upgrade proves first that every record can
//! be read by this program, and then gives the places of the installation their identity, where
//! they have none. Killed anywhere, it is run again: it proves again and finishes what was begun.
//!
//! The other commands refuse an installation that was not brought forward: what they would write
//! next to records that they cannot read would be wrong.

use crate::identity;
use crate::kinds::{KINDS, Kind};
use crate::records::installation::{FORM, Step};
use connectors::ObjectStore;
use desk::Desk;
use desk::failure::{Failure, Result};
use desk::records::{version_of, witness};
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// What an upgrade found, and whether it changed anything.
#[derive(Debug, Serialize)]
pub struct Upgrade {
    /// The form before.
    pub from: u32,
    /// The form of this program.
    pub to: u32,
    /// Whether nothing was to be changed.
    pub dry_run: bool,
    /// Whether it got an identity, or would.
    pub adopted: bool,
    /// The records, all of which can be read.
    pub records: Vec<Found>,
}

/// Records of one kind and version.
#[derive(Debug, Serialize)]
pub struct Found {
    /// What they are.
    pub kind: &'static str,
    /// Their version.
    pub version: u32,
    /// The version that is written now: an older one is brought forward whenever it is read.
    pub now: u32,
    /// How many.
    pub count: u64,
}

/// Brings an installation forward, or with `dry_run` says what that would be.
///
/// # Errors
/// Where a record cannot be read by this program: it is named, and nothing was changed.
pub async fn run(desk: &Desk, dry_run: bool) -> Result<Upgrade> {
    let objects = &*desk.ports.objects;
    let recorded = identity::recorded(objects).await?;
    let from = recorded.installation.as_ref().map_or(1, |i| i.form);
    if from > FORM {
        return Err(newer(from));
    }
    identity::not_lost(desk, &recorded).await?;
    let records = readable(desk).await?;
    let whole = recorded.identity().is_some() && recorded.unfinished().is_none();
    if !dry_run && from < FORM {
        witnessed(desk).await?;
    }
    if !dry_run && !whole && identity::finish(desk).await?.is_none() {
        identity::begin(desk, Step::Adopted, None).await?;
    }
    Ok(Upgrade {
        from,
        to: FORM,
        dry_run,
        adopted: !whole,
        records,
    })
}

/// Reads every record of an installation, and says which there are.
///
/// # Errors
/// Where one cannot be read: it is named.
pub async fn readable(desk: &Desk) -> Result<Vec<Found>> {
    let mut records = Vec::new();
    for kind in KINDS {
        records.extend(look(&*desk.ports.objects, kind).await?);
    }
    Ok(records)
}

/// Takes the hash of every record that carries no checksum, once all of them can be read.
///
/// # Errors
/// As [`readable`], and where a record is another than when its hash was taken.
pub async fn witnessed(desk: &Desk) -> Result<()> {
    readable(desk).await?;
    let objects = &*desk.ports.objects;
    for kind in KINDS.iter().filter(|kind| kind.checked) {
        for name in objects
            .list(kind.prefix)
            .await?
            .iter()
            .filter(|name| kind.has(name))
        {
            let body = objects.get(name).await?.body;
            witness::take(objects, name, &body).await?;
        }
    }
    Ok(())
}

/// Reads every record of a kind.
async fn look(objects: &dyn ObjectStore, kind: &'static Kind) -> Result<Vec<Found>> {
    let mut versions: BTreeMap<u32, u64> = BTreeMap::new();
    let names = objects.list(kind.prefix).await?;
    for name in names.iter().filter(|name| name.ends_with(kind.ending)) {
        let body = objects.get(name).await?.body;
        (kind.read)(name, &body)?;
        *versions.entry(version_of(name, &body)?).or_default() += 1;
    }
    let found = |(version, count)| Found {
        kind: kind.name,
        version,
        now: kind.version,
        count,
    };
    Ok(versions.into_iter().map(found).collect())
}

/// Refuses an installation of another form than this program's, and one whose places do not agree
/// whose they are. Nothing is written.
///
/// # Errors
/// Exit status 2 with what to do.
pub async fn current(desk: &Desk) -> Result<()> {
    let recorded = identity::recorded(&*desk.ports.objects).await?;
    let form = recorded.installation.as_ref().map_or(1, |i| i.form);
    if form <= FORM {
        identity::not_lost(desk, &recorded).await?;
    }
    recorded.in_currency_of(desk)?;
    match form {
        FORM => identity::whole(desk, &recorded).await.map(drop),
        newer_form if newer_form > FORM => Err(newer(newer_form)),
        older => Err(Failure::usage(format!(
            "this installation is of form {older}, and this program goes on with form {FORM}: run \
             tieout upgrade --dry-run to see what is there, then tieout upgrade; nothing was \
             changed"
        ))),
    }
}

fn newer(form: u32) -> Failure {
    Failure::usage(format!(
        "this installation is of form {form}, and this program knows up to {FORM}; nothing was \
         changed"
    ))
    .remedy("use the newer tieout that made it")
}

/// The versions for a person to read.
impl fmt::Display for Upgrade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Upgrade { from, to, .. } = self;
        match (from == to, self.dry_run) {
            (true, true) if self.adopted => writeln!(f, "can be given an identity, of form {to}")?,
            (true, false) if self.adopted => writeln!(f, "has an identity now, of form {to}")?,
            (true, _) => writeln!(f, "nothing to do: this installation is of form {to}")?,
            (false, true) => writeln!(f, "can be brought from form {from} to {to}")?,
            (false, false) => writeln!(f, "brought from form {from} to {to}")?,
        }
        for found in &self.records {
            let Found { kind, count, .. } = found;
            write!(f, "  {count:>6} {kind} of version {}", found.version)?;
            match found.version == found.now {
                true => writeln!(f)?,
                false => writeln!(f, ", read as version {}", found.now)?,
            }
        }
        write!(f, "  every record can be read; none was rewritten")
    }
}
