//! Who the places of an installation come to belong to (`crate::installation` reads it).
//!
//! A change begins and ends in the objects' record, and whatever a kill leaves is finished by the
//! same command again.

use crate::failure::{Failure, Result};
use crate::installation::{
    self, FORM, Installation, OBJECTS, Recorded, Said, Step, recorded, whole,
};
use crate::records::to_bytes;
use crate::{CHUNK, Desk, names};
use connectors::{Identity, Index, Place};
use settlement::money::Currency;

/// Gives every place the identity of a new installation, or of an older one that has none; `id` is
/// drawn for it.
///
/// # Errors
/// Where a place belongs to another, or cannot be written.
pub async fn begin(desk: &Desk, step: Step, id: String) -> Result<Identity> {
    let recorded = recorded(&*desk.ports.objects).await?;
    let identity = Identity { id, epoch: 1 };
    carry_out(desk, recorded, step, identity).await
}

/// Gives an installation that has an identity the form of this program.
///
/// # Errors
/// As [`begin`]; where the places do not agree.
pub async fn bring_forward(desk: &Desk) -> Result<Identity> {
    let recorded = recorded(&*desk.ports.objects).await?;
    let identity = whole(&desk.ports.places, &recorded).await?;
    carry_out(desk, recorded, Step::Adopted, identity).await
}

/// Raises the epoch of every place.
///
/// # Errors
/// As [`begin`]; where the places do not agree.
pub async fn raise(desk: &Desk) -> Result<Identity> {
    let recorded = recorded(&*desk.ports.objects).await?;
    let mut identity = whole(&desk.ports.places, &recorded).await?;
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
    recorded.in_currency_of(&desk.bank)?;
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
            return Err(installation::mixed(&ours, identity, &other, theirs));
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
