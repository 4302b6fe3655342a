//! What an installation says of itself: whose its places are, and in which form they are kept.
//!
//! Store, objects, archive and vault each say which installation they belong to, by a random id
//! and an epoch. Two ids are two installations, mixed. Two epochs are one installation at two
//! moments: a restore raises the epoch everywhere, so what has a lower one was left behind by it.
//! Whoever works on one holds its places against each other first; who gives them an identity is
//! `tieout init` and `tieout upgrade`.

use crate::failure::{Failure, Result, Status};
use crate::records::{Record, from_bytes};
use crate::{Desk, names};
use connectors::{Error, Identity, Index, ObjectStore, Place};
use serde::{Deserialize, Serialize};
use settlement::bank::BankProfile;
use settlement::money::Currency;

/// The form that this program reads and writes. It goes up by one where what an installation holds
/// has to be brought forward before the jobs may go on.
pub const FORM: u32 = 3;

/// An installation. One without this record is of form 1.
///
/// It is the one record that changes: it is written before the first of the other places gets its
/// identity and after the last one has, so that a run that was killed between is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installation {
    /// The form of everything in it: at most this one.
    pub form: u32,
    /// Which one it is; those of version 1 do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// What was begun in the other places and is not yet finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unfinished: Option<Step>,
    /// The currency of the bank whose objects these are: it stays what it was when they were made.
    /// Those that do not say it are in dollars of the United States.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub currency: Currency,
}

fn is_usual(currency: &Currency) -> bool {
    *currency == Currency::default()
}

/// What changes the identity of all places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// It is being made.
    Made,
    /// An older one gets an identity.
    Adopted,
    /// It was restored from copies and gets the next epoch.
    Restored,
}

impl Record for Installation {
    const VERSION: u32 = 2;
    const CHECKED_FROM: u32 = 2;
}

/// The name of the place that says it in a record.
pub const OBJECTS: &str = "objects";

/// What one place says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Name and address, for a person.
    pub place: String,
    /// Whose it says it is.
    pub identity: Option<Identity>,
}

/// The record of the objects, with the tag that changes whenever it does.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    /// The record, where there is one.
    pub installation: Option<Installation>,
    /// Its tag.
    pub tag: Option<String>,
}

impl Recorded {
    /// Whose the objects say they are.
    pub fn identity(&self) -> Option<&Identity> {
        self.installation.as_ref()?.identity.as_ref()
    }

    /// The form of the installation; before there were records of it, 1.
    pub fn form(&self) -> u32 {
        self.installation.as_ref().map_or(1, |one| one.form)
    }

    /// Refuses a profile in another currency than the bank's books are in.
    ///
    /// # Errors
    /// Exit status 2, naming both.
    pub fn in_currency_of(&self, bank: &BankProfile) -> Result<()> {
        let (name, stated) = (&bank.name, bank.currency);
        let books = self.installation.as_ref().map(|one| one.currency);
        let Some(books) = books.filter(|books| *books != stated) else {
            return Ok(());
        };
        let why = format!(
            "the books of the bank {name} are in {books}, and its profile is in {stated}; nothing \
             was changed"
        );
        Err(Failure::usage(why).remedy(
            "put the profile's currency back; an account in another one is another bank, with a \
             name of its own",
        ))
    }

    /// What was begun and is not finished.
    pub fn unfinished(&self) -> Option<Step> {
        self.installation.as_ref()?.unfinished
    }
}

/// Reads the record of the objects.
///
/// # Errors
/// Where it is none, or one of a version that is not known.
pub async fn recorded(objects: &dyn ObjectStore) -> Result<Recorded> {
    let name = names::installation();
    match objects.get(&name).await {
        Ok(object) => Ok(Recorded {
            installation: Some(from_bytes(&name, &object.body).map_err(no_sealed_day)?.0),
            tag: Some(object.etag),
        }),
        Err(Error::NotFound { .. }) => Ok(Recorded::default()),
        Err(error) => Err(error.into()),
    }
}

/// No sealed day has the record of the installation, so none brings it back.
fn no_sealed_day(failure: Failure) -> Failure {
    match failure.status {
        Status::Findings => failure.remedy("restore it from a backup of the same installation"),
        _ => failure,
    }
}

/// What every place says, the objects first.
///
/// # Errors
/// Where a mark cannot be read.
pub async fn said(recorded: &Recorded, places: &[Place]) -> Result<Vec<Said>> {
    let mut all = vec![Said {
        place: OBJECTS.to_owned(),
        identity: recorded.identity().cloned(),
    }];
    for place in places {
        all.push(Said {
            place: place.to_string(),
            identity: place.mark.read().await?,
        });
    }
    Ok(all)
}

/// The identity that all places say; `None` where none says any.
///
/// # Errors
/// Exit status 2, naming the places, where they do not agree.
pub fn agreed(said: &[Said]) -> Result<Option<Identity>> {
    let known: Vec<(&Said, &Identity)> = said
        .iter()
        .filter_map(|said| Some((said, said.identity.as_ref()?)))
        .collect();
    let Some((first, identity)) = known.first() else {
        return Ok(None);
    };
    if let Some((other, theirs)) = known.iter().find(|(_, theirs)| theirs.id != identity.id) {
        return Err(mixed(first, identity, other, theirs));
    }
    let epoch = |(_, identity): &&(&Said, &Identity)| identity.epoch;
    let (oldest, newest) = (
        known.iter().min_by_key(epoch),
        known.iter().max_by_key(epoch),
    );
    if let (Some(old), Some(new)) = (oldest, newest)
        && old.1.epoch != new.1.epoch
    {
        return Err(left_behind(old.0, old.1, new.0, new.1));
    }
    match said.iter().find(|said| said.identity.is_none()) {
        None => Ok(Some((*identity).clone())),
        Some(silent) => Err(nameless(silent, first, identity)),
    }
}

/// Two installations in one.
pub fn mixed(one: &Said, is: &Identity, other: &Said, theirs: &Identity) -> Failure {
    Failure::usage(format!(
        "two installations are mixed: {} is of {is}, and {} of {theirs}",
        one.place, other.place
    ))
    .remedy("name the folders of one of them in [addresses]; nothing was changed")
}

fn left_behind(old: &Said, was: &Identity, new: &Said, is: &Identity) -> Failure {
    Failure::usage(format!(
        "{} is of epoch {}, and {} of epoch {}: it is from before a restore",
        old.place, was.epoch, new.place, is.epoch
    ))
    .remedy(
        "bring back store, objects, archive and vault of one and the same moment; nothing was \
         changed",
    )
}

fn nameless(silent: &Said, other: &Said, identity: &Identity) -> Failure {
    Failure::usage(format!(
        "{} does not say whose it is, and {} is of {identity}",
        silent.place, other.place
    ))
    .remedy(
        "mount or restore what belongs there, or name the right folder in [addresses]; tieout \
         init takes an archive in that holds nothing yet; nothing was changed",
    )
}

/// Refuses objects that do not say whose they are beside a place that does: their record is lost,
/// and a new identity would be another installation's.
///
/// # Errors
/// Exit status 1, naming the place.
pub async fn not_lost(places: &[Place], recorded: &Recorded) -> Result<()> {
    if recorded.identity().is_some() {
        return Ok(());
    }
    for place in places {
        if let Some(theirs) = place.mark.read().await? {
            let name = names::installation();
            return Err(Failure::findings(format!(
                "{name}: does not say whose the objects are, and {place} is of {theirs}: it is lost"
            ))
            .remedy(format!(
                "restore {name} from a backup of the same installation; nothing was changed"
            )));
        }
    }
    Ok(())
}

/// Refuses an installation whose places do not agree, or whose making was not finished.
///
/// # Errors
/// Exit status 2 with what to do.
pub async fn whole(places: &[Place], recorded: &Recorded) -> Result<Identity> {
    if let Some(step) = recorded.unfinished() {
        let (what, again) = match step {
            Step::Made => ("made", "tieout init"),
            Step::Adopted => ("brought forward", "tieout upgrade"),
            Step::Restored => ("restored", "tieout init --restored"),
        };
        return Err(
            Failure::usage(format!("this installation is not yet {what} to the end"))
                .remedy(format!("run {again} again: it finishes what was begun")),
        );
    }
    let all = said(recorded, places).await?;
    agreed(&all)?.ok_or_else(|| {
        Failure::usage("this installation is of an older tieout, and has no identity yet")
            .remedy("run tieout init or tieout upgrade, which give it one and rewrite nothing")
    })
}

/// Refuses an installation of another form than this program's, and one whose places do not agree
/// whose they are. Nothing is written.
///
/// # Errors
/// Exit status 2 with what to do.
pub async fn current(desk: &Desk) -> Result<()> {
    current_at(&*desk.ports.objects, &desk.ports.places, &desk.bank).await
}

/// The same by what the places say, before anything of them is opened: who opens the store changes
/// it.
///
/// # Errors
/// As [`current`].
pub async fn current_at(
    objects: &dyn ObjectStore,
    places: &[Place],
    bank: &BankProfile,
) -> Result<()> {
    let recorded = recorded(objects).await?;
    let form = recorded.form();
    if form <= FORM {
        not_lost(places, &recorded).await?;
    }
    recorded.in_currency_of(bank)?;
    match form {
        FORM => whole(places, &recorded).await.map(drop),
        newer_form if newer_form > FORM => Err(newer(newer_form)),
        older => Err(Failure::usage(format!(
            "this installation is of form {older}, and this program goes on with form {FORM}: run \
             tieout upgrade --dry-run to see what is there, then tieout upgrade; nothing was \
             changed"
        ))),
    }
}

/// Refuses a store without a payment beside deliveries of some: it was emptied, or is not the one.
/// Days would tie out over nothing, and a request would be paid again.
///
/// # Errors
/// Exit status 1, naming a delivery.
pub async fn has_its_payments(desk: &Desk) -> Result<()> {
    let one = desk.ports.payments.page(Index::All, None, 1).await?;
    if !one.is_empty() {
        return Ok(());
    }
    let delivered = desk.ports.objects.list(names::DELIVERIES_PREFIX).await?;
    match delivered.first() {
        None => Ok(()),
        Some(delivery) => Err(Failure::findings(format!(
            "{delivery}: was delivered, and the store has no payment at all: it is empty, or of an \
             earlier moment"
        ))
        .remedy(
            "put store, objects, archive and vault back from one moment, then run tieout check; \
             nothing was changed",
        )),
    }
}

/// The same before anything of an installation is opened: what a newer program keeps there is not
/// looked into by this one. Where there is no record that could be read, who opens it says why.
///
/// # Errors
/// As [`is_not_newer`]; where the record is none.
pub async fn before_opening(objects: &dyn ObjectStore) -> Result<()> {
    let name = names::installation();
    let Ok(object) = objects.get(&name).await else {
        return Ok(());
    };
    let (installation, _) = from_bytes(&name, &object.body).map_err(no_sealed_day)?;
    is_not_newer(&Recorded {
        installation: Some(installation),
        tag: Some(object.etag),
    })
}

/// Refuses places that do not belong together, whatever their form: no two of them say another
/// installation, and none says nothing where the objects say something. What a killed run has begun
/// may be seen in some of them only.
///
/// # Errors
/// Exit status 2 or 1, naming the places.
pub async fn together(places: &[Place], recorded: &Recorded) -> Result<()> {
    not_lost(places, recorded).await?;
    if recorded.unfinished().is_none() {
        return agreed(&said(recorded, places).await?).map(drop);
    }
    let mut all = said(recorded, places).await?;
    all.retain(|said| said.identity.is_some());
    let known = |said: &Said| Some((said.clone(), said.identity.clone()?));
    let Some((first, ours)) = all.first().and_then(known) else {
        return Ok(());
    };
    let others = all.iter().filter_map(known);
    match others.into_iter().find(|(_, theirs)| theirs.id != ours.id) {
        Some((other, theirs)) => Err(mixed(&first, &ours, &other, &theirs)),
        None => Ok(()),
    }
}

/// Refuses an installation that a newer program has made, or brought forward.
///
/// # Errors
/// Exit status 2 with what to do.
pub fn is_not_newer(recorded: &Recorded) -> Result<()> {
    match recorded.form() {
        form if form > FORM => Err(newer(form)),
        _ => Ok(()),
    }
}

fn newer(form: u32) -> Failure {
    Failure::usage(format!(
        "this installation is of form {form}, and this program knows up to {FORM}; nothing was \
         changed"
    ))
    .remedy("use the newer tieout that made it")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(place: &str, id: &str, epoch: u32) -> Said {
        let identity = (!id.is_empty()).then(|| Identity {
            id: id.repeat(32),
            epoch,
        });
        Said {
            place: place.to_owned(),
            identity,
        }
    }

    fn refused(said: &[Said]) -> String {
        agreed(said).unwrap_err().to_string()
    }

    #[test]
    fn places_that_agree_have_one_identity() {
        assert_eq!(
            agreed(&[said("store", "", 0), said("vault", "", 0)]).unwrap(),
            None
        );
        let both = [said("store", "a", 2), said("vault", "a", 2)];
        assert_eq!(agreed(&both).unwrap(), both[0].identity);
    }

    #[test]
    fn places_that_do_not_are_named() {
        let mixed = refused(&[
            said("objects", "a", 1),
            said("store at x", "a", 1),
            said("vault at y", "b", 2),
        ]);
        assert!(mixed.contains("objects is of aaaaaaaa, epoch 1"), "{mixed}");
        assert!(mixed.contains("vault at y of bbbbbbbb, epoch 2"), "{mixed}");
        let old = refused(&[said("objects", "a", 3), said("store at x", "a", 2)]);
        assert!(old.contains("store at x is of epoch 2"), "{old}");
        assert!(old.contains("before a restore"), "{old}");
        let silent = refused(&[said("objects", "a", 1), said("archive at z", "", 0)]);
        assert!(silent.contains("archive at z does not say"), "{silent}");
    }
}
