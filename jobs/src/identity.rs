//! Whose the places of an installation are.
//!
//! Store, objects, archive and vault each say which installation they belong to, by a random id
//! and an epoch. Two ids are two installations, mixed. Two epochs are one installation at two
//! moments: a restore raises the epoch everywhere, so what has a lower one was left behind by it.
//! A change begins and ends in the objects' record, and whatever a kill leaves is finished by the
//! same command again.

use crate::open;
use crate::records::installation::{FORM, Installation, Step};
use connectors::{Error, Identity, Index, ObjectStore, Place};
use desk::failure::{Failure, Result};
use desk::records::{from_bytes, to_bytes};
use desk::{CHUNK, Desk, names};
use settlement::money::Currency;

/// The name of the place that says it in a record.
const OBJECTS: &str = "objects";

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
    tag: Option<String>,
}

impl Recorded {
    /// Whose the objects say they are.
    pub fn identity(&self) -> Option<&Identity> {
        self.installation.as_ref()?.identity.as_ref()
    }

    /// Refuses a profile in another currency than the bank's books are in.
    ///
    /// # Errors
    /// Exit status 2, naming both.
    pub fn in_currency_of(&self, desk: &Desk) -> Result<()> {
        let (name, stated) = (&desk.bank.name, desk.bank.currency);
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
            installation: Some(from_bytes(&name, &object.body)?.0),
            tag: Some(object.etag),
        }),
        Err(Error::NotFound { .. }) => Ok(Recorded::default()),
        Err(error) => Err(error.into()),
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

fn mixed(one: &Said, is: &Identity, other: &Said, theirs: &Identity) -> Failure {
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
pub async fn not_lost(desk: &Desk, recorded: &Recorded) -> Result<()> {
    if recorded.identity().is_some() {
        return Ok(());
    }
    for place in &desk.ports.places {
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
pub async fn whole(desk: &Desk, recorded: &Recorded) -> Result<Identity> {
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
    let all = said(recorded, &desk.ports.places).await?;
    agreed(&all)?.ok_or_else(|| {
        Failure::usage("this installation is of an older tieout, and has no identity yet")
            .remedy("run tieout init or tieout upgrade, which give it one and rewrite nothing")
    })
}

/// Gives every place the identity of a new installation, or of an older one that has none.
///
/// # Errors
/// Where a place belongs to another, or cannot be written.
pub async fn begin(desk: &Desk, step: Step, seed: Option<u64>) -> Result<Identity> {
    let recorded = recorded(&*desk.ports.objects).await?;
    let identity = Identity {
        id: open::draw_id(seed)?,
        epoch: 1,
    };
    carry_out(desk, recorded, step, identity).await
}

/// Raises the epoch of every place.
///
/// # Errors
/// As [`begin`]; where the places do not agree.
pub async fn raise(desk: &Desk) -> Result<Identity> {
    let recorded = recorded(&*desk.ports.objects).await?;
    let mut identity = whole(desk, &recorded).await?;
    identity.epoch = identity.epoch.checked_add(1).ok_or_else(|| {
        Failure::could_not("the epoch of this installation cannot be raised any more")
    })?;
    carry_out(desk, recorded, Step::Restored, identity).await
}

/// Gives the objects of a bank beside the home bank the identity of the installation: new ones, and
/// those that a restore brought back with it.
///
/// # Errors
/// Exit status 2 where they are another installation's; as [`begin`].
pub async fn beside(desk: &Desk, identity: &Identity) -> Result<bool> {
    let objects = &*desk.ports.objects;
    let recorded = recorded(objects).await?;
    recorded.in_currency_of(desk)?;
    let step = match recorded.identity() {
        Some(theirs) if theirs == identity && recorded.unfinished().is_none() => {
            return Ok(false);
        }
        Some(theirs) if theirs.id == identity.id => Step::Restored,
        Some(theirs) => {
            let place = |place: String| Said {
                place,
                identity: None,
            };
            let (ours, other) = (
                place(OBJECTS.to_owned()),
                place(format!("{OBJECTS} of the bank {}", desk.bank.name)),
            );
            return Err(mixed(&ours, identity, &other, theirs));
        }
        None if !objects.list("").await?.is_empty() => {
            let (name, bank) = (names::installation(), &desk.bank.name);
            return Err(Failure::usage(format!(
                "{name} of the bank {bank}: is not there, and other objects of that bank are"
            ))
            .remedy("restore it from a backup of the same installation; nothing was changed"));
        }
        None => {
            nothing_is_lost(desk).await?;
            Step::Made
        }
    };
    carry_out(desk, recorded, step, identity.clone()).await?;
    Ok(step == Step::Made)
}

/// Refuses to make the objects of a bank anew beside what is left of them: its chain of cuts would
/// begin again, and the bank would be sent traces and file names that it knows.
async fn nothing_is_lost(desk: &Desk) -> Result<()> {
    let name = &desk.bank.name;
    let lost = |what: &str| {
        let why = format!("the objects of the bank {name} are gone, and {what}");
        let remedy = "mount them, or restore them from a backup; nothing was changed";
        Failure::usage(why).remedy(remedy)
    };
    if !desk.ports.archive.list().await?.is_empty() {
        return Err(lost("packages of its days are in the archive"));
    }
    let mut after = None;
    loop {
        let page = desk.ports.payments.page(Index::All, after, CHUNK).await?;
        if page.iter().any(|payment| payment.bank == desk.place) {
            return Err(lost("payments that go by it are in the store"));
        }
        match page.last() {
            Some(last) => after = Some(last.id),
            None => return Ok(()),
        }
    }
}

/// Finishes what a run that was killed had begun; `None` where there is nothing of the kind.
///
/// # Errors
/// As [`begin`].
pub async fn finish(desk: &Desk) -> Result<Option<(Step, Identity)>> {
    let recorded = recorded(&*desk.ports.objects).await?;
    let begun = recorded.unfinished().zip(recorded.identity().cloned());
    let Some((step, identity)) = begun else {
        return Ok(None);
    };
    let identity = carry_out(desk, recorded, step, identity).await?;
    Ok(Some((step, identity)))
}

/// Gives the places in `step` their identity: the record that says what was begun comes first,
/// and the one that it is finished last.
async fn carry_out(
    desk: &Desk,
    recorded: Recorded,
    step: Step,
    identity: Identity,
) -> Result<Identity> {
    // An older program knew one currency.
    let new = match step {
        Step::Made => desk.bank.currency,
        Step::Adopted | Step::Restored => Currency::default(),
    };
    let before = recorded.installation.as_ref().map(|one| one.currency);
    let currency = before.unwrap_or(new);
    let record = |unfinished| Installation {
        form: FORM,
        currency,
        identity: Some(identity.clone()),
        unfinished,
    };
    let begun = record(Some(step));
    let tag = match recorded.installation == Some(begun.clone()) {
        true => recorded.tag,
        false => Some(write(desk, recorded.tag, &begun).await?),
    };
    for place in &desk.ports.places {
        take(place, step, &identity).await?;
    }
    write(desk, tag, &record(None)).await?;
    Ok(identity)
}

async fn write(desk: &Desk, tag: Option<String>, record: &Installation) -> Result<String> {
    let name = names::installation();
    let body = to_bytes(&name, record)?.into();
    let objects = &*desk.ports.objects;
    Ok(objects.put_if_match(&name, tag.as_deref(), body).await?)
}

/// Gives one place its identity, where what it says lets it.
async fn take(place: &Place, step: Step, identity: &Identity) -> Result<()> {
    let found = place.mark.read().await?;
    if found.as_ref() == Some(identity) {
        return Ok(());
    }
    let before = (step == Step::Restored).then(|| Identity {
        id: identity.id.clone(),
        epoch: identity.epoch - 1,
    });
    if found != before {
        let there = found.map_or("no installation".to_owned(), |found| found.to_string());
        return Err(Failure::usage(format!(
            "{place} is of {there}, and the objects become {identity}"
        ))
        .remedy("put back what belongs there, or name the right folder in [addresses]"));
    }
    Ok(place.mark.write(before.as_ref(), identity).await?)
}

/// Takes a place in that holds nothing and says nothing.
///
/// # Errors
/// Where it cannot be written.
pub async fn join(place: &Place, identity: &Identity) -> Result<()> {
    Ok(place.mark.write(None, identity).await?)
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
