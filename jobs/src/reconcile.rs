//! Reconcile: hold payments, files, bank and books against each other, and name every difference.
//!
//! The legs are rules (`settlement::reconcile::legs`); this job brings them their rows and carries
//! breaks from one day to the next. It changes nothing but its own record and tables: what belongs
//! together was decided by `allocate`, and what the books say of it by `post`. A break that is
//! found no more has closed by itself, and says so.

mod inputs;
mod legs;
mod outputs;

use crate::catalog;
use crate::order::banking_day;
use crate::post;
use crate::records;
use crate::records::reconciled::Reconciled;
use crate::stage;
use crate::start;
use crate::tally::Tally;
use desk::failure::Result;
use desk::{Desk, names};
use inputs::Inputs;
use jiff::civil::Date;
use legs::Legs;

/// Reconciles `date`.
///
/// # Errors
/// Where the books of the date are not posted, or an input cannot be read.
pub async fn run(desk: &Desk, date: Date) -> Result<Tally> {
    banking_day(date)?;
    let objects = &*desk.ports.objects;
    if let Some(done) = records::get::<Reconciled>(objects, &names::reconciled(date)).await? {
        return close(desk, &done).await;
    }
    let posted = start::posted(desk, date).await?;
    post::finished(desk, date).await?;
    let before =
        records::newest_before::<Reconciled>(objects, names::RECONCILED_PREFIX, date).await?;
    let sources = start::sources([Some(&posted.source), before.as_ref().map(|r| &r.source)]);
    let before = before.map_or_else(|| Reconciled::first(date), |read| read.record);
    stage::next("read", None);
    let inputs = Inputs::read(desk, &posted, before).await?;
    let day = Legs::run(&inputs)?;
    stage::next("write", None);
    let mut done = outputs::write(desk, inputs, day).await?;
    done.started_from = sources;
    records::put(objects, &names::reconciled(date), &done).await?;
    close(desk, &done).await
}

async fn close(desk: &Desk, done: &Reconciled) -> Result<Tally> {
    catalog::list(desk, done.date, &names::reconciled(done.date), done).await?;
    tally(done)?.close(desk).await
}

fn tally(done: &Reconciled) -> Result<Tally> {
    let mut tally = Tally::new("reconcile", done.date);
    for leg in &done.legs {
        tally.take(leg.taken.records, leg.taken.cents)?;
        for (name, sum) in [
            ("matched", leg.matched),
            ("in breaks", leg.broken),
            ("open", leg.open),
            ("nothing to match", leg.idle),
        ] {
            tally.give(name, sum.records, sum.cents)?;
        }
    }
    tally.proofs = done.legs.iter().map(|leg| leg.text.clone()).collect();
    let new = done
        .breaks
        .iter()
        .filter(|b| b.first_seen == done.date)
        .count();
    tally.note("breaks", done.breaks.len());
    tally.note("new", new);
    let open = done.breaks.iter().filter(|b| b.is_open());
    let new_open = open.clone().filter(|b| b.first_seen == done.date).count();
    tally.note("open", open.count());
    tally.findings = new_open as u64;
    Ok(tally)
}
