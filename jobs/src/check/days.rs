//! The days against each other: none is left out, and each names the one before it.

use crate::check::verdict::Check;
use crate::parts;
use crate::records;
use crate::records::allocated::Allocated;
use crate::records::posted::PostedDay;
use crate::records::reconciled::Reconciled;
use desk::failure::{Failure, Result};
use desk::records::RESTORE;
use desk::{Desk, names};
use jiff::civil::Date;
use settlement::calendar::next_banking_day;

/// Proves the chain of cuts and the order of postings and reconciliations.
pub async fn prove(desk: &Desk, check: &mut Check) -> Result<()> {
    let objects = &*desk.ports.objects;
    let cuts = parts::frozen_since(objects, desk.bank.odfi, Date::MIN).await;
    if let Some(cuts) = check.take(cuts) {
        if let Some(first) = cuts.last().filter(|cut| cut.seq != 1) {
            let missing = names::frozen(desk.bank.odfi, 1);
            let (by, seq) = (&first.source.name, first.seq);
            check.found(
                Failure::findings(format!(
                    "{missing}: gone: the chain of cuts begins with {seq}, {by}"
                ))
                .remedy(RESTORE),
            );
        }
        check.count("cuts in their chain", cuts.len() as u64);
    }
    let posted = dates(desk, names::POSTED_PREFIX).await?;
    in_a_row(&posted, names::posted, check);
    let reconciled = dates(desk, names::RECONCILED_PREFIX).await?;
    in_a_row(&reconciled, names::reconciled, check);
    behind(&reconciled, &posted, names::posted, check);
    let allocated = dates(desk, names::ALLOCATED_PREFIX).await?;
    in_a_row(&allocated, names::allocated, check);
    // A version that allocated nothing posted the days before the first one.
    let first = allocated.first().copied().unwrap_or(Date::MAX); // saturates: none is later
    let since: Vec<Date> = posted
        .iter()
        .copied()
        .filter(|date| *date >= first)
        .collect();
    behind(&since, &allocated, names::allocated, check);
    let saved = dates(desk, names::SAVED_PREFIX).await?;
    behind(&saved, &posted, names::posted, check);
    previous(desk, check).await?;
    check.count("days in a row", posted.len() as u64);
    Ok(())
}

async fn dates(desk: &Desk, prefix: &str) -> Result<Vec<Date>> {
    let listed = desk.ports.objects.list(prefix).await?;
    let mut dates: Vec<Date> = listed
        .iter()
        .filter_map(|name| names::date_of(name))
        .collect();
    dates.sort();
    Ok(dates)
}

/// Each date is the banking day after the one before it.
fn in_a_row(dates: &[Date], name: fn(Date) -> connectors::Name, check: &mut Check) {
    for pair in dates.windows(2) {
        let &[before, after] = pair else { continue };
        let expected = next_banking_day(before);
        if expected != after {
            let (missing, after) = (name(expected), name(after));
            check.found(
                Failure::findings(format!("{missing}: gone, and {after} came after it"))
                    .remedy(RESTORE),
            );
        }
    }
}

/// Each of `dates` has the record that must have been there before.
fn behind(dates: &[Date], needed: &[Date], name: fn(Date) -> connectors::Name, check: &mut Check) {
    for date in dates.iter().filter(|date| !needed.contains(date)) {
        let missing = name(*date);
        check.found(
            Failure::findings(format!(
                "{missing}: gone, and later records of {date} are there"
            ))
            .remedy(RESTORE),
        );
    }
}

/// What each posting and reconciliation says was before it.
async fn previous(desk: &Desk, check: &mut Check) -> Result<()> {
    let objects = &*desk.ports.objects;
    let mut before = None;
    for date in dates(desk, names::POSTED_PREFIX).await? {
        let read = records::get::<PostedDay>(objects, &names::posted(date)).await;
        if let Ok(Some(posted)) = read {
            say(&names::posted(date), posted.previous, before, check);
        }
        before = Some(date);
    }
    before = None;
    for date in dates(desk, names::ALLOCATED_PREFIX).await? {
        let read = records::get::<Allocated>(objects, &names::allocated(date)).await;
        if let (Ok(Some(allocated)), Some(_)) = (read, before) {
            say(&names::allocated(date), allocated.previous, before, check);
        }
        before = Some(date);
    }
    before = None;
    for date in dates(desk, names::RECONCILED_PREFIX).await? {
        let read = records::get::<Reconciled>(objects, &names::reconciled(date)).await;
        if let Ok(Some(reconciled)) = read {
            say(&names::reconciled(date), reconciled.previous, before, check);
        }
        before = Some(date);
    }
    Ok(())
}

fn say(name: &str, said: Option<Date>, before: Option<Date>, check: &mut Check) {
    if said == before {
        return;
    }
    let word = |date: Option<Date>| date.map_or("none".to_owned(), |date| date.to_string());
    check.found(
        Failure::findings(format!(
            "{name}: goes on from {}, and the day before it here is {}",
            word(said),
            word(before)
        ))
        .remedy(RESTORE),
    );
}
