//! Upgrade: an installation of an older version, brought forward.
//!
//! What was written is never rewritten: sealed days hold the hashes of their records, and a chain
//! that proves them must still prove them in seven years. An older record is brought forward in
//! memory by whoever reads it (`desk::records`). So an upgrade proves first that every record can
//! be read by this program, and then gives the places of the installation their identity, where
//! they have none. Killed anywhere, it is run again: it proves again and finishes what was begun.
//!
//! Nothing of it opens the store to write: it is looked at like a check, and what is written are
//! the hashes and the records that say whose the places are.
//!
//! The other commands refuse an installation that was not brought forward: what they would write
//! next to records that they cannot read would be wrong. What only proves or brings back (check,
//! verify, retrieve) runs before it, too: what an upgrade finds wrong must be mended first, for
//! the hash that it takes of a record is what that record is held against from then on.

mod foreseen;

use crate::check::{self, Check, Finding, Scope};
use crate::kinds::{KINDS, Kind};
use crate::open;
use connectors::{Name, ObjectStore};
use desk::Desk;
use desk::config::Config;
use desk::failure::{Failure, Result};
use desk::identity;
use desk::installation::{self, FORM, Step};
use desk::records::{version_of, witness};
use foreseen::Foreseen;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// How an upgrade is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct How {
    /// Nothing is changed.
    pub dry_run: bool,
    /// What cannot be mended does not keep it from going on: no hash is taken of what is
    /// known to be changed.
    pub despite_findings: bool,
}

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
    /// What is missing, changed or foreign, and was left as it is.
    pub findings: Vec<Finding>,
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

/// Brings an installation forward, or says what that would be.
///
/// # Errors
/// Where a record cannot be read by this program, or something is not as it was written: it is
/// named, and nothing was changed.
pub async fn run(desk: &Desk, how: How) -> Result<Upgrade> {
    let objects = &*desk.ports.objects;
    let recorded = installation::recorded(objects).await?;
    let from = recorded.form();
    installation::is_not_newer(&recorded)?;
    installation::together(&desk.ports.places, &recorded).await?;
    let records = readable(desk).await?;
    let whole = recorded.identity().is_some() && recorded.unfinished().is_none();
    let check = sound(desk, how.despite_findings).await?;
    if !how.dry_run {
        witnessed(objects, &check).await?;
        if identity::finish(desk).await?.is_none() {
            match recorded.identity() {
                None => drop(identity::begin(desk, Step::Adopted, open::draw_id(None)?).await?),
                Some(_) if from < FORM => drop(identity::bring_forward(desk).await?),
                Some(_) => {}
            }
        }
    }
    Ok(Upgrade {
        from,
        to: FORM,
        dry_run: how.dry_run,
        adopted: !whole,
        findings: check.findings,
        records,
    })
}

/// Proves an installation as it will be once the hashes are taken.
async fn sound(desk: &Desk, despite_findings: bool) -> Result<Check> {
    let check = check::run(&foreseen(desk), Scope::All, None).await?;
    if let Some(Finding {
        message,
        what_to_do,
    }) = &check.foreign
    {
        let why = format!("two installations are mixed, and nothing was changed: {message}");
        return Err(Failure::findings(why).remedy(what_to_do));
    }
    let Some(first) = check.findings.first().filter(|_| !despite_findings) else {
        return Ok(check);
    };
    let count = check.findings.len() as u64 + check.more_findings;
    let more = match count {
        1 => String::new(),
        count => format!(", and {} more findings", count - 1),
    };
    Err(Failure::findings(format!(
        "not as it was written, and nothing was changed: {}{more}",
        first.message
    ))
    .remedy(
        "run tieout check, mend what it names and run tieout upgrade again; where something is \
         gone for good, tieout upgrade --despite-findings leaves it as it is",
    ))
}

/// Takes the hashes that an installation of an older form lacks, once all of it is proved.
///
/// # Errors
/// As [`run`].
pub async fn adopt(desk: &Desk) -> Result<()> {
    let check = adoptable(desk).await?;
    witnessed(&*desk.ports.objects, &check).await
}

/// Proves an installation of an older form, and changes nothing.
///
/// # Errors
/// As [`run`].
pub async fn adoptable(desk: &Desk) -> Result<Check> {
    readable(desk).await?;
    sound(desk, false).await
}

/// The desk for a command that only proves or brings back: of an installation that was not brought
/// forward, as it will be after that.
///
/// # Errors
/// As [`installation::current`], but for an older form.
pub async fn to_prove(desk: &Desk) -> Result<Desk> {
    let recorded = installation::recorded(&*desk.ports.objects).await?;
    if recorded.form() < FORM {
        installation::together(&desk.ports.places, &recorded).await?;
        return Ok(foreseen(desk));
    }
    installation::current(desk).await?;
    Ok(desk.clone())
}

fn foreseen(desk: &Desk) -> Desk {
    let mut desk = desk.clone();
    desk.ports.objects = Arc::new(Foreseen::over(desk.ports.objects));
    desk
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

/// The records that carry no checksum and of which no hash was taken yet.
async fn unwitnessed(objects: &dyn ObjectStore) -> Result<Vec<Name>> {
    let mut all = Vec::new();
    for kind in KINDS.iter().filter(|kind| kind.checked) {
        let names = objects.list(kind.prefix).await?;
        for name in names.into_iter().filter(|name| kind.has(name)) {
            if witness::is_missing(objects, &name).await? {
                all.push(name);
            }
        }
    }
    Ok(all)
}

/// Takes the hash of each of those, unless a record says that its bytes were others: what is put
/// back in its place has another.
async fn witnessed(objects: &dyn ObjectStore, check: &Check) -> Result<()> {
    for name in unwitnessed(objects).await? {
        if !check.contradicts(&name) {
            let body = objects.get(&name).await?.body;
            witness::take(objects, &name, &body).await?;
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

/// Whom an installation is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum For {
    /// Who works on it, which needs this program's form.
    Work,
    /// Who proves it or brings it forward, of whatever older form it is.
    Proof,
}

/// What must hold before anything of an installation is opened, since who opens the store changes
/// it: what a newer program keeps there may not be looked into by this one, what an older one keeps
/// is brought forward first, and its places are all of one installation.
///
/// # Errors
/// As [`installation::is_not_newer`] and [`installation::current`]; where there is no installation,
/// or its record cannot be read.
pub async fn before_opening(config: &Config, whom: For) -> Result<()> {
    for one in [config].into_iter().chain(&config.others) {
        let (objects, _) = open::before(&one.addresses)?;
        installation::before_opening(&objects).await?;
    }
    open::is_there(&config.addresses)?;
    let (objects, places) = open::before(&config.addresses)?;
    match whom {
        For::Work => installation::current_at(&objects, &places, &config.bank).await,
        For::Proof => {
            let recorded = installation::recorded(&objects).await?;
            installation::together(&places, &recorded).await
        }
    }
}

/// The versions for a person to read.
impl fmt::Display for Upgrade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Upgrade { from, to, .. } = self;
        match (from == to, self.dry_run) {
            (true, true) if self.adopted => writeln!(f, "can be given an identity, of form {to}")?,
            (true, false) if self.adopted => writeln!(f, "has an identity now, of form {to}")?,
            (true, _) if self.findings.is_empty() => {
                writeln!(f, "nothing to do: this installation is of form {to}")?;
            }
            (true, _) => writeln!(f, "this installation is of form {to}")?,
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
        for Finding { message, .. } in &self.findings {
            writeln!(f, "  left as it is: {message}")?;
        }
        write!(f, "  every record can be read; none was rewritten")
    }
}
