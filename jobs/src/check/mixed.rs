//! Store, objects and archive of several installations, where nothing says whose they are: each
//! may be whole, and none of them has anything of another. What is lost of one installation leaves
//! something that agrees.

use crate::chain;
use crate::check::verdict::{Check, Finding};
use crate::parts::{self, Entries};
use crate::records;
use crate::sealed;
use connectors::{ArchiveId, Index};
use desk::failure::Result;
use desk::{Desk, names};
use jiff::civil::Date;
use settlement::archive::Manifest;
use settlement::ids::PaymentId;

/// What to do about them.
const APART: &str = "name the folders of one installation in [addresses]; nothing was changed";

/// Says so where nothing of the store or of the archive is of these objects.
///
/// # Errors
/// Where a store does not answer.
pub async fn prove(desk: &Desk, check: &mut Check) -> Result<()> {
    if check.ok() || check.foreign.is_some() {
        return Ok(());
    }
    let why = match store(desk).await? {
        Some(why) => Some(why),
        None => archive(desk).await?,
    };
    check.foreign = why.map(|message| Finding {
        message,
        what_to_do: APART.to_owned(),
    });
    Ok(())
}

/// Whether the store has payments, and none that any cut has carried.
async fn store(desk: &Desk) -> Result<Option<String>> {
    let (objects, payments) = (&*desk.ports.objects, &*desk.ports.payments);
    let Ok(cuts) = parts::frozen_since(objects, desk.bank.odfi, Date::MIN).await else {
        return Ok(None); // a finding already
    };
    let mut carried = 0_u64;
    for cut in &cuts {
        // An entry that cannot be read is a finding already.
        let entries = Entries::of(desk, cut).await;
        let first = entries.ok().and_then(|mut rows| rows.next()?.ok());
        let Some(id) = first.and_then(|row| PaymentId::from_key(row.payment_key).ok()) else {
            continue;
        };
        carried += 1;
        if payments.get(&[id]).await?.iter().any(Option::is_some) {
            return Ok(None);
        }
    }
    let there = payments.page(Index::All, None, 1).await?;
    let Some(payment) = there.first().filter(|_| carried > 0) else {
        return Ok(None);
    };
    Ok(Some(format!(
        "the store has payments ({} is one), and none that any of the {carried} cuts in the \
         objects has carried",
        payment.id
    )))
}

/// Whether every day that was sealed has a package, and none of them is the one that was sealed.
async fn archive(desk: &Desk) -> Result<Option<String>> {
    let objects = &*desk.ports.objects;
    let mut others = 0_u64;
    for date in chain::sealed_dates(objects).await? {
        let package = ArchiveId(names::package(date));
        let there = desk.ports.archive.head(&package).await?.is_some();
        let manifest = records::get::<Manifest>(objects, &names::manifest(date)).await;
        let Ok(Some(manifest)) = manifest else {
            return Ok(None); // a finding already
        };
        if !there || sealed::package(desk, &manifest).await.is_ok() {
            return Ok(None);
        }
        others += 1;
    }
    Ok((others > 0).then(|| {
        format!(
            "none of the {others} packages in the archive is one of those that were sealed here"
        )
    }))
}
