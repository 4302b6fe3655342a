//! Archive: from a finished day to one package with a proof.
//!
//! Everything that belongs to the date goes into one tar: the files sent and received, every
//! part of every table, every record of a job (`archive/package.rs`). Beside the package stands
//! its manifest (`settlement::archive`), chained by hash to the day sealed before. Nothing in
//! either comes from a clock, so a day sealed again is the same day.
//!
//! A day is sealed on top of another only where that one stands as it was sealed
//! (`crate::sealed`); what is lost of a sealed day's own proof is made again
//! (`archive/again.rs`).

mod again;
mod package;

use crate::catalog;
use crate::chain::{self, At};
use crate::order::banking_day;
use crate::records;
use crate::records::reconciled::Reconciled;
use crate::records::saved::Saved;
use crate::registry;
use crate::sealed;
use crate::tally::Tally;
use connectors::ObjectStore;
use desk::Desk;
use desk::failure::{Failure, Result};
use desk::names;
use jiff::civil::Date;
use settlement::archive::{Head, Link, Manifest};
use settlement::money::SignedCents;

/// Seals and stores `date`.
///
/// # Errors
/// Where the day is not finished, a later day is sealed already, or a store does not answer.
pub async fn run(desk: &Desk, date: Date) -> Result<Tally> {
    banking_day(date)?;
    let objects = &*desk.ports.objects;
    if records::get::<Reconciled>(objects, &names::reconciled(date))
        .await?
        .is_none()
    {
        return Err(Failure::usage(format!("{date} is not reconciled yet"))
            .remedy(format!("run tieout day --date {date} first")));
    }
    if records::get::<Saved>(objects, &names::saved(date))
        .await?
        .is_none()
    {
        return Err(Failure::usage(format!("{date} has no savings yet"))
            .remedy(format!("run tieout savings --date {date} first")));
    }
    let head = chain::head_for(objects, date).await?;
    let sealed = match &head {
        Some(At { head, .. }) if head.newest.date >= date => again::sealed(desk, date).await?,
        _ => seal(desk, date, head.as_ref().map(|at| &at.head)).await?,
    };
    let link = advance(objects, head, &sealed).await?;
    catalog::list_sealed(desk, &sealed).await?;
    let mut tally = Tally::new("archive", date);
    let members = sealed.members.len() as u64;
    tally.take(members, SignedCents::ZERO)?;
    tally.give("sealed", members, SignedCents::ZERO)?;
    tally.note("bytes", sealed.package.size);
    tally.note("tree hash", sealed.package.tree_hash);
    tally.note("manifest", link.manifest_sha256);
    tally.note("kept until", sealed.retention_until);
    Ok(tally)
}

async fn seal(desk: &Desk, date: Date, head: Option<&Head>) -> Result<Manifest> {
    let objects = &*desk.ports.objects;
    if let Some(newest) = head.map(|h| h.newest.date).filter(|newest| *newest > date) {
        return Err(Failure::usage(format!(
            "{newest} is sealed already: {date} cannot be put into the chain before it"
        ))
        .remedy(format!(
            "leave {date} where it is: its records and tables stay in the store"
        )));
    }
    let before = settlement::calendar::previous_banking_day(date);
    let posted = objects.head(&names::posted(before)).await?.is_some();
    if posted && head.is_none_or(|h| h.newest.date < before) {
        return Err(Failure::usage(format!("{before} is not sealed yet"))
            .remedy(format!("run tieout archive --date {before} first")));
    }
    if let Some(head) = head {
        sealed::stands(desk, head).await?;
    }
    let packed = package::pack(desk, date, head.map(|head| head.newest)).await?;
    registry::of_day(objects, &packed.manifest).await?;
    package::store(desk, packed).await
}

/// Lets the chain end in a sealed day, and answers with that day's link.
async fn advance(objects: &dyn ObjectStore, head: Option<At>, sealed: &Manifest) -> Result<Link> {
    let text = objects.get(&names::manifest(sealed.date)).await?.body;
    let link = Link::to(sealed.date, &text);
    let before = head.as_ref().map(|at| at.head);
    if before.is_some_and(|head| head.newest.date >= sealed.date) {
        return Ok(link);
    }
    let newest = before.as_ref().map(|head| &head.newest);
    sealed
        .follows(newest)
        .map_err(|fault| Failure::damaged(fault.to_string()))?;
    let Some(after) = Head::after(before.as_ref(), link) else {
        return Err(Failure::impossible("the chain of sealed days is full"));
    };
    let name = names::archive_head();
    let body = desk::records::to_bytes(&name, &after)?;
    let tag = head.and_then(|at| at.tag);
    objects
        .put_if_match(&name, tag.as_deref(), body.into())
        .await?;
    Ok(link)
}
