//! The payments in the store against the cuts that carried them and the days that took their
//! events.

use crate::allocate;
use crate::check::store::StoreProof;
use crate::check::verdict::{Check, Scope};
use crate::deliver::no_cut_is_lost;
use crate::events::{AllEvents, SingleEvents};
use crate::parts::{self, Entries};
use crate::post;
use crate::records;
use crate::records::allocated::Allocated;
use crate::records::frozen::FrozenCut;
use crate::records::posted::PostedDay;
use crate::records::reconciled::Reconciled;
use connectors::{ArchiveId, Telling};
use desk::failure::{Failure, Result};
use desk::{CHUNK, Desk, names};
use formats::tables::PaymentEvents;
use jiff::civil::Date;
use settlement::calendar::next_banking_day;
use settlement::ids::PaymentId;
use settlement::payment::{Event, Numbered, PaymentEvent, Side, SideFact};
use std::collections::{BTreeMap, BTreeSet};

/// What to do where the store and the objects are not of one moment.
const ONE_MOMENT: &str = "put the store and the objects back from one moment (docs/operations.md, \
                          \"Restore\"), then run tieout check";

/// Proves that the store has what the objects say happened, and the objects what the store says.
pub async fn prove(desk: &Desk, scope: Scope, check: &mut Check) -> Result<()> {
    let oldest = match scope {
        Scope::All => Date::MIN,
        Scope::Date(date) => date,
    };
    let cuts = parts::frozen_since(&*desk.ports.objects, desk.bank.odfi, oldest).await;
    let Ok(cuts) = cuts else {
        return Ok(()); // the chain of cuts is a finding already
    };
    let mut frozen = BTreeSet::new();
    let dates: BTreeSet<Date> = cuts.iter().map(|cut| cut.date).collect();
    for date in dates.into_iter().filter(|date| inside(scope, *date)) {
        let of_day = parts::frozen_on(desk, date).await?;
        check.take(no_cut_is_lost(desk, date, &of_day).await);
    }
    if scope == Scope::All {
        let newer = newer_than(desk, cuts.first().map(|cut| cut.date)).await;
        check.take(newer);
    }
    for cut in cuts.iter().filter(|cut| inside(scope, cut.date)) {
        let proved = carried(desk, cut).await;
        if let Some(count) = check.take(proved) {
            check.count("entries whose payments are in the store", count);
        }
        frozen.insert(cut.cut.0.clone());
    }
    let days = records::all::<Reconciled>(&*desk.ports.objects, names::RECONCILED_PREFIX).await;
    for day in days
        .into_iter()
        .flatten()
        .filter(|day| inside(scope, day.date))
    {
        if let Some(count) = check.take(facts(desk, day.date).await) {
            check.count("facts of sides that the records say too", count);
        }
        let proved = events(desk, &day, &frozen).await;
        if let Some(count) = check.take(proved) {
            check.count("events that the tables have too", count);
        }
    }
    Ok(())
}

/// Banking days after the newest cut in which what is of a later moment is looked for.
const DAYS_AHEAD: usize = 15;

/// Neither the store nor the archive knows of days after the newest cut.
async fn newer_than(desk: &Desk, newest: Option<Date>) -> Result<()> {
    let Some(mut date) = newest else {
        return Ok(());
    };
    for _ in 0..DAYS_AHEAD {
        date = next_banking_day(date);
        let package = ArchiveId(names::package(date));
        if desk.ports.archive.head(&package).await?.is_some() {
            let name = package.0;
            return Err(Failure::findings(format!(
                "{name}: in the archive, and {date} is not cut here"
            ))
            .remedy(ONE_MOMENT));
        }
        let mut pages = SingleEvents::new(&desk.ports.payments, date);
        while let Some(page) = pages.next().await? {
            let sent = |event: &&PaymentEvent| matches!(event.event, Event::Sent { .. });
            if let Some(PaymentEvent { payment, .. }) = page.iter().find(sent) {
                return Err(Failure::findings(format!(
                    "payment {payment}: sent on {date} says the store, and {date} is not cut here"
                ))
                .remedy(ONE_MOMENT));
            }
        }
    }
    Ok(())
}

fn inside(scope: Scope, date: Date) -> bool {
    scope == Scope::All || scope == Scope::Date(date)
}

/// Every entry of a cut has its payment, which says that this batch carried it last.
async fn carried(desk: &Desk, cut: &FrozenCut) -> Result<u64> {
    let mut rows = Entries::of(desk, cut).await?;
    let mut count = 0u64;
    loop {
        let chunk = rows.by_ref().take(CHUNK).collect::<Result<Vec<_>>>()?;
        if chunk.is_empty() {
            return Ok(count);
        }
        let ids = chunk.iter().map(|row| PaymentId::from_key(row.payment_key));
        let ids = ids.collect::<std::result::Result<Vec<_>, _>>()?;
        for (row, payment) in chunk.iter().zip(desk.ports.payments.get(&ids).await?) {
            let payment = payment.ok_or_else(|| {
                let (id, batch) = (&row.payment_id, &row.batch);
                Failure::findings(format!(
                    "payment {id}: not in the store, and {batch} carries it"
                ))
                .remedy(ONE_MOMENT)
            })?;
            if payment.version < 2 {
                let (id, state, batch) = (&row.payment_id, payment.state, &row.batch);
                return Err(Failure::findings(format!(
                    "payment {id}: {state} in the store, and {batch} carries it"
                ))
                .remedy(ONE_MOMENT));
            }
            count += 1;
        }
    }
}

/// A reconciled day's events in the store are those that its table has; and each claim is of a
/// cut that is frozen.
async fn events(desk: &Desk, day: &Reconciled, frozen: &BTreeSet<String>) -> Result<u64> {
    let (date, mut count) = (day.date, 0u64);
    let mut pages = AllEvents::new(desk, date);
    while let Some(page) = pages.next().await? {
        for event in &page {
            if let Event::Claimed { cut } = &event.event
                && !frozen.contains(&cut.0)
            {
                return Err(lost_cut(&cut.0, event.payment));
            }
        }
        count += page.len() as u64;
    }
    let tables = parts::of_table::<PaymentEvents>(&day.parts);
    let told: u64 = tables.map(|part| part.rows).sum();
    if told == count {
        return Ok(count);
    }
    Err(Failure::findings(format!(
        "the store has {count} events of {date}, and its table {told}"
    ))
    .remedy(ONE_MOMENT))
}

/// A cut that claimed payments and is not there.
fn lost_cut(cut: &str, payment: PaymentId) -> Failure {
    Failure::findings(format!(
        "cut {cut}: its record is gone, and it claimed payments, {payment} one of them"
    ))
    .remedy(desk::records::RESTORE)
}

/// What was told of sides on a date is what the records of the date say, and nothing more.
async fn facts(desk: &Desk, date: Date) -> Result<u64> {
    let objects = &*desk.ports.objects;
    let mut said = Vec::new();
    let allocated = records::get::<Allocated>(objects, &names::allocated(date)).await?;
    let Some(allocated) = allocated.filter(|one| one.of_sides) else {
        return Ok(0); // a version before made events of it
    };
    said.extend(allocate::told_by(desk, &allocated)?);
    if let Some(posted) = records::get::<PostedDay>(objects, &names::posted(date)).await? {
        said.extend(post::told_by(desk, &posted)?);
    }
    let mut said: BTreeMap<(Side, String), SideFact> = said
        .into_iter()
        .map(|Telling { side, fact }| ((side, fact.sameness()), fact))
        .collect();
    let mut count = 0u64;
    for (side, Numbered { number, fact }) in desk.ports.payments.facts_of(date).await? {
        let of_bank = matches!(
            fact.event,
            Event::Acknowledged { .. } | Event::Rejected { .. }
        );
        let known = said.remove(&(side, fact.sameness()));
        if !of_bank && known.as_ref() != Some(&fact) {
            return Err(Failure::findings(format!(
                "fact {number} of {side}, told on {date}: the records of the date do not say it"
            ))
            .remedy(ONE_MOMENT));
        }
        count += 1;
    }
    match said.into_keys().next() {
        None => Ok(count),
        Some((side, what)) => Err(Failure::findings(format!(
            "{side}: the records of {date} say {what}, and the store was not told"
        ))
        .remedy(format!(
            "run tieout allocate --date {date} and tieout post --date {date} again; where that \
             changes nothing, {ONE_MOMENT}"
        ))),
    }
}

/// What the store says of itself: each payment is what its events make of it.
pub fn replayed(proof: StoreProof, check: &mut Check) {
    check.count("payments, each what its events make of it", proof.payments);
    check.count("events in the store", proof.events);
    check.count("facts of sides of batches in the store", proof.facts);
    for finding in proof.findings {
        check.found(Failure::findings(finding).remedy(ONE_MOMENT));
    }
    check.more_findings += proof.left_out;
}
