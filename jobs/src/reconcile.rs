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

mod carry;
mod inputs;
mod outputs;
pub mod waiting;

pub use carry::{
    Applied as AppliedLine, BreakRecord, Difference, OpenBatch, OpenReturn, Reconciled,
    SettledBatch, line_of,
};

use crate::calendar::banking_day;
use crate::desk::{CHUNK, Desk};
use crate::failure::{Failure, Result};
use crate::post::PostedDay;
use crate::tally::{Sum, Tally};
use crate::{names, record};
use connectors::{Applied, Change, Index};
use inputs::Inputs;
use jiff::civil::Date;
use settlement::bank::LineRole;
use settlement::ids::{BatchKey, Direction, PaymentId};
use settlement::money::SignedCents;
use settlement::payment::{Event, Payment};
use settlement::reconcile::legs::{self, BreakKind, Conservation, Leg, Outcome, l1, l2, l3, l4};
use settlement::windows::{extended_return_deadline, ordinary_return_deadline};
use std::collections::{BTreeMap, BTreeSet};

/// Reconciles `date`.
///
/// # Errors
/// Where the books of the date are not posted, or an input cannot be read.
pub async fn run(desk: &Desk, date: Date) -> Result<Tally> {
    banking_day(date)?;
    let objects = &*desk.ports.objects;
    if let Some(done) = record::get::<Reconciled>(objects, &names::reconciled(date)).await? {
        return tally(&done).close(desk).await;
    }
    if record::get::<PostedDay>(objects, &names::posted(date))
        .await?
        .is_none()
    {
        return Err(Failure::usage(format!(
            "{date} is not posted yet: run tieout post --date {date} first"
        )));
    }
    let before: Reconciled = record::newest_before(objects, names::RECONCILED_PREFIX, date)
        .await?
        .unwrap_or_else(|| Reconciled::first(date));
    let inputs = Inputs::read(desk, date, before).await?;
    let day = Legs::run(desk, &inputs)?;
    let lost = lost_entries(&inputs, &day);
    settle(desk, date, &inputs, &day, &lost).await?;
    let done = outputs::write(desk, inputs, day).await?;
    record::put(objects, &names::reconciled(date), &done).await?;
    tally(&done).close(desk).await
}

fn tally(done: &Reconciled) -> Tally {
    let mut tally = Tally::new("reconcile", done.date);
    for leg in &done.legs {
        tally.taken.add_many(leg.taken.records, leg.taken.cents);
        for (name, sum) in [
            ("matched", leg.matched),
            ("in breaks", leg.broken),
            ("open", leg.open),
            ("nothing to match", leg.idle),
        ] {
            tally.heap(name).add_many(sum.records, sum.cents);
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
    let open = done.breaks.iter().filter(|b| b.status == "OPEN").count();
    tally.findings = open as u64;
    tally
}

/// What the four legs found.
pub(crate) struct Legs {
    l1: Outcome,
    l2: Outcome,
    l3: Outcome,
    l4: Outcome,
}

impl Legs {
    fn run(desk: &Desk, inputs: &Inputs) -> Result<Legs> {
        let kernel = |e: settlement::reconcile::kernel::KernelError| {
            Failure::findings(format!("reconcile: {e}"))
        };
        let l1 = l1::reconcile(&inputs.claimed, &inputs.sent).map_err(kernel)?;
        let l2 = l2::reconcile(&inputs.answers, &inputs.entries, &inputs.ingested);
        let of_batch = |key: BatchKey, direction: Direction| inputs.of_batch(key, direction);
        let returns = inputs.returns_for_money(&l2);
        let l3 = l3::reconcile(&l3::Input {
            today: inputs.date,
            sla_days: inputs.sla_days,
            tolerance: desk.bank.tolerance.rounding_cents,
            fees: &desk.bank.netted_fees,
            batches: &inputs.batches,
            returns: &returns,
            lines: &inputs.lines,
            earlier: &inputs.earlier,
            billed: &inputs.billed,
            entries: &of_batch,
        })
        .map_err(kernel)?;
        let l4 = l4::reconcile(&inputs.bank_cash, &inputs.ledger_cash, &inputs.statements)
            .map_err(kernel)?;
        let legs = Legs { l1, l2, l3, l4 };
        for conservation in legs.all().map(|(_, outcome)| &outcome.conservation) {
            if !conservation.holds() {
                return Err(Failure::findings(format!(
                    "a leg lost a record: {conservation}"
                )));
            }
        }
        Ok(legs)
    }

    /// Every leg with its outcome.
    pub(crate) fn all(&self) -> impl Iterator<Item = (Leg, &Outcome)> {
        [
            (Leg::L1, &self.l1),
            (Leg::L2, &self.l2),
            (Leg::L3, &self.l3),
            (Leg::L4, &self.l4),
        ]
        .into_iter()
    }
}

/// Entries that the bank lost: the break names each by its trace.
fn lost_entries(inputs: &Inputs, day: &Legs) -> Vec<PaymentId> {
    let missing = day
        .l3
        .breaks
        .iter()
        .filter(|b| b.kind == BreakKind::MissingAtBank);
    missing.filter_map(|b| inputs.payment_of(&b.key)).collect()
}

/// Whether an L3 break leaves the batch settled all the same.
fn settles(kind: BreakKind) -> bool {
    matches!(
        kind,
        BreakKind::FeeNetted | BreakKind::Rounding | BreakKind::MissingAtBank
    )
}

/// What met its line today, by the name that breaks give it, whether or not they agree: it waits
/// for no other.
pub(crate) fn answered_today(inputs: &Inputs, l3: &Outcome) -> BTreeSet<String> {
    let batches = l3
        .matches
        .iter()
        .filter_map(|pair| inputs.open.get(pair.left));
    let met = l3.breaks.iter().filter(|b| b.right.is_some());
    let met = met.filter_map(|b| b.left.clone());
    batches.map(OpenBatch::name).chain(met).collect()
}

/// The batches that settled today, with the lines that settled them.
pub(crate) fn settled_today(inputs: &Inputs, l3: &Outcome) -> Vec<(BatchKey, Direction, usize)> {
    let mut settled = Vec::new();
    for pair in &l3.matches {
        if let Some(batch) = inputs.batches.get(pair.left) {
            settled.push((batch.key, batch.direction, pair.right));
        }
    }
    for found in l3.breaks.iter().filter(|b| settles(b.kind)) {
        let line = found.right.as_ref();
        let line = line.and_then(|id| inputs.lines.iter().position(|l| l.id == *id));
        let Some((at, key)) = line.and_then(|at| Some((at, inputs.lines[at].batch?))) else {
            continue;
        };
        let side = inputs.lines[at].role.side();
        settled.extend(side.map(|side| (key, side, at)));
    }
    settled.sort_unstable();
    settled.dedup();
    settled
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
        let line = &inputs.lines[at];
        let (bank_reference, on) = (line.reference.clone(), line.value_date);
        let event = |payment: &Payment| {
            let bank_reference = bank_reference.clone();
            let ours = payment.direction == side && !lost.contains(&payment.id);
            ours.then_some(Event::Settled { bank_reference, on })
        };
        each(desk, date, key, event).await?;
    }
    for batch in inputs
        .before
        .settled
        .iter()
        .filter(|batch| batch.closes <= date)
    {
        each(desk, date, batch.key, |_| Some(Event::Closed)).await?;
    }
    Ok(())
}

/// Applies an event to every payment of a batch; a payment whose state refuses it stays.
async fn each(
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
        let changes: Vec<Change> = events.map(change).collect();
        for answer in desk.ports.payments.apply(changes).await? {
            if let Applied::NotFound | Applied::Stale { .. } = answer {
                return Err(Failure::findings(format!("batch {batch}: {answer:?}")));
            }
        }
    }
}

/// The days on which the holds of a batch end and its payments become final.
fn deadlines(settled_on: Date) -> (Date, Date) {
    (
        ordinary_return_deadline(settled_on),
        extended_return_deadline(settled_on),
    )
}

fn sum(of: (u64, i128)) -> Sum {
    let cents = i64::try_from(of.1).unwrap_or(i64::MAX);
    Sum {
        records: of.0,
        cents: SignedCents::new(cents),
    }
}

/// Both sides of a leg together.
fn both(conservation: &Conservation, part: impl Fn(&legs::SideTotals) -> (u64, i128)) -> Sum {
    let mut total = sum(part(&conservation.left));
    let right = sum(part(&conservation.right));
    total.add_many(right.records, right.cents);
    total
}

/// A direction's batches move our account down, the other's up.
fn account_view(direction: Direction, cents: SignedCents) -> SignedCents {
    match direction {
        Direction::Credit => SignedCents::new(cents.get().saturating_neg()),
        Direction::Debit => cents,
    }
}

/// What a break is keyed by in tables and reports: a line that names nothing of ours goes by the
/// bank's own reference.
fn report_key(found: &legs::Break, references: &BTreeMap<String, String>) -> String {
    let reference = references
        .get(&found.key)
        .filter(|reference| !reference.is_empty());
    match (found.kind, reference) {
        (BreakKind::UnexpectedAtBank, Some(reference)) => reference.clone(),
        _ => found.key.clone(),
    }
}

/// Lines that are looked at again for duplicates: what names a batch or has a reference.
fn worth_remembering(role: LineRole) -> bool {
    role != LineRole::Other
}
