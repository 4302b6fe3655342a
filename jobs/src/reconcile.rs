//! Reconcile: hold payments, files, bank and books against each other, and name every difference.
//!
//! The four legs are rules (`settlement::reconcile::legs`); this job brings them their rows and
//! carries what is open from one day to the next: batches and returns whose money has not come,
//! lines seen before, breaks that nobody has resolved. What it carries is in its record, so the
//! run of a day is a function of that record, the day's inputs and the bank profile.
//!
//! A batch that met its line makes its payments SUCCESS, except an entry that the bank lost. A
//! difference that explains itself (a netted fee, rounding) is handed to the next posting, and so
//! is a line that named no batch and was found to be one's: posting had put it into suspense.

mod inputs;
mod legs;
mod outputs;

use crate::changes::apply_all;
use crate::order::banking_day;
use crate::records;
use crate::records::reconciled::Reconciled;
use crate::stage;
use crate::start;
use crate::tally::Tally;
use connectors::{Change, Index};
use desk::failure::Result;
use desk::{CHUNK, Desk, names};
use inputs::Inputs;
use jiff::civil::Date;
use legs::{Legs, settled_on, settled_today};
use settlement::ids::{BatchKey, PaymentId};
use settlement::payment::{Event, Payment};
use settlement::reconcile::legs::BreakKind;

/// Reconciles `date`.
///
/// # Errors
/// Where the books of the date are not posted, or an input cannot be read.
pub async fn run(desk: &Desk, date: Date) -> Result<Tally> {
    banking_day(date)?;
    let objects = &*desk.ports.objects;
    if let Some(done) = records::get::<Reconciled>(objects, &names::reconciled(date)).await? {
        return tally(&done)?.close(desk).await;
    }
    let posted = start::posted(desk, date).await?;
    let before =
        records::newest_before::<Reconciled>(objects, names::RECONCILED_PREFIX, date).await?;
    let sources = start::sources([Some(&posted.source), before.as_ref().map(|r| &r.source)]);
    let before = before.map_or_else(|| Reconciled::first(date), |read| read.record);
    stage::next("read", None);
    let inputs = Inputs::read(desk, &posted, before).await?;
    let day = Legs::run(desk, &inputs)?;
    let lost = lost_entries(&inputs, &day);
    stage::next("settle", None);
    settle(desk, date, &inputs, &day, &lost).await?;
    stage::next("write", None);
    let mut done = outputs::write(desk, inputs, day).await?;
    done.started_from = sources;
    records::put(objects, &names::reconciled(date), &done).await?;
    tally(&done)?.close(desk).await
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
    let open = done.breaks.iter().filter(|b| b.is_open()).count();
    tally.findings = open as u64;
    Ok(tally)
}

/// Entries that the bank lost: the break names each by its trace.
fn lost_entries(inputs: &Inputs, day: &Legs) -> Vec<PaymentId> {
    let missing = day
        .l3
        .breaks
        .iter()
        .filter(|b| b.kind == BreakKind::MissingAtBank);
    missing
        .filter_map(|b| inputs.l3.payment_of(&b.key))
        .collect()
}

/// Makes the payments of settled batches SUCCESS, and closes those whose every window is over.
async fn settle(
    desk: &Desk,
    date: Date,
    inputs: &Inputs,
    day: &Legs,
    lost: &[PaymentId],
) -> Result<()> {
    for (key, side, at) in settled_today(inputs, &day.l3) {
        let bank_reference = inputs.l3.lines[at].reference.clone();
        let on = settled_on(inputs, (key, side, at)).on;
        let event = |payment: &Payment| {
            let bank_reference = bank_reference.clone();
            let ours = payment.order.direction == side && !lost.contains(&payment.id);
            ours.then_some(Event::Settled { bank_reference, on })
        };
        apply_to_batch(desk, date, key, event).await?;
    }
    for batch in inputs
        .before
        .settled
        .iter()
        .filter(|batch| batch.closes <= date)
    {
        apply_to_batch(desk, date, batch.key, |_| Some(Event::Closed)).await?;
    }
    Ok(())
}

/// Applies an event to every payment of a batch; a payment whose state refuses it stays.
async fn apply_to_batch(
    desk: &Desk,
    date: Date,
    batch: BatchKey,
    event: impl Fn(&Payment) -> Option<Event>,
) -> Result<()> {
    let (mut after, at) = (None, desk.moment(date));
    loop {
        let page = desk
            .ports
            .payments
            .page(Index::Batch(batch), after, CHUNK)
            .await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = Some(last.id);
        let change = |(payment, event)| Change {
            payment,
            expected_version: None,
            event,
            date,
            at,
        };
        let events = page.iter().filter_map(|p| Some((p.id, event(p)?)));
        let about = format!("batch {batch}");
        // Those that came back, were undone or are final already do not take it, and stay.
        apply_all(desk, &about, events.map(change).map(Ok)).await?;
    }
}
