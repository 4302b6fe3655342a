//! Init: an installation is made, an older one gets an identity, a restored one its next epoch.
//!
//! It is the only command that makes one; the others refuse a folder that is none. What would take
//! the place of something lost is never made: no store beside records, no keys beside payments.
//! Killed anywhere, the same command again finishes what was begun.

use crate::check::Scope;
use crate::{check, open, upgrade};
use connectors::{Identity, Index, ObjectStore, Place};
use desk::config::Config;
use desk::failure::{Failure, Result};
use desk::identity;
use desk::installation::{self, Recorded, Step};
use desk::{Desk, House};
use serde::Serialize;
use std::fmt;

/// Below this the objects name the days that are in the archive.
const SEALED_PREFIX: &str = "archive/";

/// What became of an installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Became {
    /// It was made.
    Made,
    /// It was there, and got an identity.
    Adopted,
    /// It was there and whole; nothing was changed.
    There,
    /// It has the next epoch.
    Restored,
}

/// What there is now.
#[derive(Debug, Serialize)]
pub struct Init {
    /// What was done.
    pub became: Became,
    /// Whose the places are.
    pub id: String,
    /// The epoch: one more than the restores.
    pub epoch: u32,
    /// The name of the bank profile.
    pub bank: String,
    /// Those of the other banks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<String>,
    /// Of these, those whose place was made now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub added: Vec<String>,
    /// Where everything is.
    pub places: Vec<At>,
}

/// One part of an installation.
#[derive(Debug, Serialize)]
pub struct At {
    /// What it is.
    pub name: &'static str,
    /// Its folder.
    pub folder: String,
}

/// What a place holds, and whose it says it is.
struct Found {
    name: &'static str,
    at: String,
    identity: Option<Identity>,
    holds: bool,
}

/// What stands where an installation is to be.
struct Before {
    recorded: Recorded,
    objects_hold: bool,
    places: Vec<Found>,
}

/// Makes an installation, or finishes, adopts or, where it is told so, raises one that is there.
///
/// # Errors
/// Exit status 2 where what is there must not be added to, naming it; then nothing was made.
pub async fn run(config: Config, seed: Option<u64>, restored: bool) -> Result<(House, Init)> {
    let places = open::folders(&config.addresses)?;
    let places = places.into_iter().map(|(name, folder)| At { name, folder });
    open::is_place(&config.addresses)?;
    let (objects, marks) = open::before(&config.addresses)?;
    let before = Before::of(&objects, &marks).await?;
    installation::is_not_newer(&before.recorded)?;
    before.allows(restored)?;
    // The demo has made its folder, and marked it as its own.
    if before.is_nothing() && seed.is_none() {
        open::is_free(&config.addresses)?;
    }
    // Who opens the store to write changes it: what cannot be adopted stays as it is.
    let adopts = before.objects_hold && before.recorded.installation.is_none();
    if adopts && open::is_there(&config.addresses).is_ok() {
        upgrade::adoptable(&open::look_alone(config.clone())?.home).await?;
    }
    let bank = config.bank.name.clone();
    let house = open::make_all(config, seed)?;
    let (became, identity) = settle(&house.home, seed, restored).await?;
    let mut added = Vec::new();
    for other in &house.others {
        if identity::beside(other, &identity).await? {
            added.push(other.bank.name.clone());
        }
    }
    let others = house.others.iter().map(|desk| desk.bank.name.clone());
    let init = Init {
        became,
        id: identity.id,
        epoch: identity.epoch,
        bank,
        others: others.collect(),
        added,
        places: places.collect(),
    };
    Ok((house, init))
}

/// Gives an installation whose ports are open its identity, whatever it lacks of that.
///
/// # Errors
/// As [`run`].
pub async fn settle(desk: &Desk, seed: Option<u64>, restored: bool) -> Result<(Became, Identity)> {
    let recorded = installation::recorded(&*desk.ports.objects).await?;
    installation::is_not_newer(&recorded)?;
    recorded.in_currency_of(&desk.bank)?;
    if let Some((step, identity)) = identity::finish(desk).await? {
        return Ok((step.into(), identity));
    }
    let before = Before::of(&*desk.ports.objects, &desk.ports.places).await?;
    before.allows(restored)?;
    if before.recorded.identity().is_none() {
        return begin(desk, &before, seed).await;
    }
    join_empty(desk, &before).await?;
    let identity = installation::whole(&desk.ports.places, &before.recorded).await?;
    if restored {
        before_restored(desk).await?;
        return Ok((Became::Restored, identity::raise(desk).await?));
    }
    Ok((Became::There, identity))
}

/// What must hold before a restore counts as one: what was brought back is proved.
async fn before_restored(desk: &Desk) -> Result<()> {
    let check = check::run(desk, Scope::All, None).await?;
    match check.findings.first() {
        None => Ok(()),
        Some(first) => Err(Failure::findings(format!(
            "what was restored does not agree with itself, in {} places: {}",
            check.findings.len(),
            first.message
        ))
        .remedy("restore store, objects, archive and vault of one and the same moment")),
    }
}

async fn begin(desk: &Desk, before: &Before, seed: Option<u64>) -> Result<(Became, Identity)> {
    if before.objects_hold {
        upgrade::adopt(desk).await?;
        let identity = identity::begin(desk, Step::Adopted, open::draw_id(seed)?).await?;
        return Ok((Became::Adopted, identity));
    }
    let any = desk.ports.payments.page(Index::All, None, 1).await?;
    if !any.is_empty() {
        return Err(Failure::usage(
            "the store holds payments, and the objects hold nothing: what became of them is gone",
        )
        .remedy("mount or restore the objects, or name their folder in [addresses]"));
    }
    let identity = identity::begin(desk, Step::Made, open::draw_id(seed)?).await?;
    Ok((Became::Made, identity))
}

/// Takes an archive in that is new, while no day is sealed yet.
async fn join_empty(desk: &Desk, before: &Before) -> Result<()> {
    let Some(identity) = before.recorded.identity() else {
        return Ok(());
    };
    let sealed = desk.ports.objects.list(SEALED_PREFIX).await?;
    for (place, found) in desk.ports.places.iter().zip(&before.places) {
        let new = found.name == "archive" && !found.holds && found.identity.is_none();
        if new && sealed.is_empty() {
            identity::join(place, identity).await?;
        }
    }
    Ok(())
}

impl Before {
    async fn of(objects: &dyn ObjectStore, marks: &[Place]) -> Result<Before> {
        let recorded = installation::recorded(objects).await?;
        let mut places = Vec::new();
        for place in marks {
            places.push(Found {
                name: place.name,
                at: place.at.clone(),
                identity: place.mark.read().await?,
                holds: place.mark.holds().await?,
            });
        }
        // Whoever has said whose he is need not be searched.
        let objects_hold = recorded.installation.is_some() || !objects.list("").await?.is_empty();
        Ok(Before {
            recorded,
            objects_hold,
            places,
        })
    }

    /// Whether no part of an installation is there.
    fn is_nothing(&self) -> bool {
        let mut places = self.places.iter();
        !self.objects_hold && places.all(|place| !place.holds && place.identity.is_none())
    }

    /// Refuses to make anything beside what is there already without it.
    fn allows(&self, restored: bool) -> Result<()> {
        if self.recorded.unfinished() == Some(Step::Made) {
            return Ok(());
        }
        let named = self.places.iter().find(|place| place.identity.is_some());
        if let (None, Some(named)) = (self.recorded.identity(), named) {
            return Err(lost(&named.to_string(), "objects"));
        }
        if self.objects_hold {
            let needed = |place: &&Found| place.name != "archive" && !place.holds;
            let gone = self.places.iter().find(needed);
            return gone.map_or(Ok(()), |gone| Err(lost("objects", &gone.to_string())));
        }
        // A store, and keys beside it, may be what a killed run left: it is looked into later.
        let made = self.places.iter().any(|p| p.name == "store" && p.holds);
        let alone = |place: &&Found| place.holds && (place.name == "archive" || !made);
        match self.places.iter().find(alone) {
            Some(held) => Err(lost(&held.to_string(), "objects")),
            None if restored => Err(nothing_restored()),
            None => Ok(()),
        }
    }
}

fn lost(there: &str, gone: &str) -> Failure {
    Failure::usage(format!(
        "{gone}: nothing is there, and {there} belongs to an installation, beside which it is not \
         made anew"
    ))
    .remedy("mount or restore what belongs there, or name the right folder in [addresses]")
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.at)
    }
}

fn nothing_restored() -> Failure {
    Failure::usage("there is nothing here that was restored")
        .remedy("restore store, objects, archive and vault first; tieout init makes a new one")
}

impl From<Step> for Became {
    fn from(step: Step) -> Became {
        match step {
            Step::Made => Became::Made,
            Step::Adopted => Became::Adopted,
            Step::Restored => Became::Restored,
        }
    }
}

/// What there is, for a person to read.
impl fmt::Display for Init {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Init {
            id, epoch, bank, ..
        } = self;
        let what = match self.became {
            Became::Made => "made an installation",
            Became::Adopted => "this installation was there and has an identity now",
            Became::There if !self.added.is_empty() => {
                "this installation was there, and has more banks"
            }
            Became::There => "this installation was there; nothing was changed",
            Became::Restored => "this installation counts as restored",
        };
        writeln!(f, "{what}: {id}, epoch {epoch}")?;
        for At { name, folder } in &self.places {
            writeln!(f, "  {name:<8} {folder}")?;
        }
        write!(f, "  bank profile {bank}, which is sound")?;
        for bank in &self.others {
            write!(f, "\n  bank profile {bank}, which is sound, beside it")?;
            if self.added.contains(bank) {
                write!(f, "; its place was made")?;
            }
        }
        Ok(())
    }
}
