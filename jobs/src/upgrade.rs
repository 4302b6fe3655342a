//! Upgrade: an installation of an older version, brought forward.
//!
//! What was written is never rewritten: sealed days hold the hashes of their records, and a chain
//! that proves them must still prove them in seven years. An older record is brought forward in
//! memory by whoever reads it (`desk::records`). So an upgrade proves first that every record can
//! be read by this program, and then writes one thing, [`Installation`], which says that it was
//! proved. Killed anywhere it has either written that or nothing; run again it proves again.
//!
//! The other commands refuse an installation that was not brought forward: what they would write
//! next to records that they cannot read would be wrong.

use crate::kinds::{KINDS, Kind};
use crate::records::installation::{FORM, Installation};
use connectors::{Error, ObjectStore};
use desk::failure::{Failure, Result};
use desk::records::{from_bytes, to_bytes, version_of, witness};
use desk::{Desk, names};
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
    let from = form(objects).await?.unwrap_or(FORM);
    if from > FORM {
        return Err(newer(from));
    }
    let mut records = Vec::new();
    for kind in KINDS {
        records.extend(look(objects, kind, dry_run).await?);
    }
    if !dry_run {
        begin(objects).await?;
    }
    Ok(Upgrade {
        from,
        to: FORM,
        dry_run,
        records,
    })
}

/// Reads every record of a kind.
async fn look(objects: &dyn ObjectStore, kind: &'static Kind, dry_run: bool) -> Result<Vec<Found>> {
    let mut versions: BTreeMap<u32, u64> = BTreeMap::new();
    let names = objects.list(kind.prefix).await?;
    for name in names.iter().filter(|name| name.ends_with(kind.ending)) {
        let body = objects.get(name).await?.body;
        (kind.read)(name, &body)?;
        if kind.checked && !dry_run {
            witness::take(objects, name, &body).await?;
        }
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

/// The form of what is there; none where there is nothing yet.
async fn form(objects: &dyn ObjectStore) -> Result<Option<u32>> {
    let name = names::installation();
    match objects.get(&name).await {
        // One of before form 3 carries no checksum.
        Ok(object) => {
            let (installation, _) = from_bytes::<Installation>(&name, &object.body)?;
            return Ok(Some(installation.form));
        }
        Err(Error::NotFound { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    for kind in KINDS {
        if !objects.list(kind.prefix).await?.is_empty() {
            return Ok(Some(1));
        }
    }
    Ok(None)
}

/// Says of an installation that it has this program's form.
async fn begin(objects: &dyn ObjectStore) -> Result<()> {
    let (name, installation) = (names::installation(), Installation { form: FORM });
    let older = objects.head(&name).await?.map(|meta| meta.etag);
    let body = to_bytes(&name, &installation)?;
    objects
        .put_if_match(&name, older.as_deref(), body.into())
        .await?;
    Ok(())
}

/// Refuses an installation of another form than this program's; one in which nothing was written
/// yet begins with it, unless `look_only`.
///
/// # Errors
/// Exit status 2 with what to do.
pub async fn current(desk: &Desk, look_only: bool) -> Result<()> {
    let objects = &*desk.ports.objects;
    match form(objects).await? {
        Some(FORM) => Ok(()),
        Some(newer_form) if newer_form > FORM => Err(newer(newer_form)),
        Some(older) => Err(Failure::usage(format!(
            "this installation is of form {older}, and this program goes on with form {FORM}; \
             nothing was changed"
        ))
        .remedy("run tieout upgrade --dry-run to see what is there, then tieout upgrade")),
        None if look_only => Ok(()),
        None => begin(objects).await,
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
            (true, _) if self.records.is_empty() => {
                writeln!(f, "nothing to do: nothing was written here yet")?
            }
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
