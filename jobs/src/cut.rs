//! Cut: from payments that wait to NACHA files.
//!
//! 1. *Claim.* Every waiting payment that this window takes goes from INIT to BATCHED under the
//!    cut's id, each by a conditional write: of two cuts that reach for a payment, one gets it.
//! 2. *Freeze.* The claimed payments are planned into files, batches and traces. The plan becomes
//!    one object at the next place of the bank's chain of cuts, written if absent. That write is
//!    the commit point: it takes the membership and the trace range at once.
//! 3. *Render.* The files are made from the frozen plan alone.
//!
//! A crash before the freeze leaves claimed payments, which the next run finds by the cut's id;
//! a crash after it leaves files to render, which come out the same. Membership ends at the
//! window's cutoff, so a run that comes late takes what an early one would have taken.

mod plan;
mod render;

pub use plan::{Preview, preview};

use crate::desk::{CHUNK, Desk, banking_day};
use crate::entries::{self, FrozenBatch, FrozenCut, FrozenFile, FrozenOffset};
use crate::failure::{Failure, Result};
use crate::tally::Tally;
use crate::{names, record};
use connectors::{Applied, Change, Index};
use formats::tables::AchEntries;
use jiff::civil::Date;
use settlement::cut::{self, Plan, PlannedBatch, PlannedFile, Slot};
use settlement::ids::{CutId, PaymentId};
use settlement::money::SignedCents;
use settlement::payment::{Event, Payment};
use settlement::windows::Window;
use std::collections::BTreeMap;

/// Runs the cut of one window.
///
/// # Errors
/// Where the date is not a banking day, or a store does not answer.
pub async fn run(desk: &Desk, date: Date, window: Window) -> Result<Tally> {
    banking_day(date)?;
    let cut = CutId(format!("{date}/{window}/{}", desk.bank.odfi));
    let chain = Chain::read(desk, date).await?;
    let frozen = match chain.find(&cut) {
        Some(frozen) => frozen.clone(),
        None => {
            let claimed = claim(desk, &cut, date, window).await?;
            freeze(desk, chain, cut, date, window, claimed).await?
        }
    };
    render::files(desk, &frozen).await?;
    tally(&frozen, window).close(desk).await
}

fn tally(frozen: &FrozenCut, window: Window) -> Tally {
    let mut tally = Tally::new(&format!("cut-{window}"), frozen.date);
    if let Some(part) = &frozen.entries {
        tally.taken.add_many(part.rows, part.cents);
    }
    for file in &frozen.files {
        let heap = tally.heap(&file.at_bank);
        for batch in &file.batches {
            let both = batch.debits.get().saturating_add(batch.credits.get());
            let own = batch.offset.map_or(0, |o| o.amount.get());
            let cents = i64::try_from(both.saturating_sub(own)).unwrap_or(i64::MAX);
            heap.add_many(batch.entries, SignedCents::new(cents));
        }
    }
    tally.note("files", frozen.files.len());
    tally.note(
        "batches",
        frozen.files.iter().map(|f| f.batches.len()).sum::<usize>(),
    );
    tally
}

/// The recent end of a bank's chain of cuts.
struct Chain {
    recent: Vec<FrozenCut>,
    next_seq: u64,
    last_sequence: u32,
}

impl Chain {
    async fn read(desk: &Desk, date: Date) -> Result<Chain> {
        let (objects, odfi) = (&*desk.ports.objects, desk.bank.odfi);
        let all = objects.list(&names::frozen_prefix(odfi)).await?;
        let newest = match all.last() {
            Some(name) => record::get::<FrozenCut>(objects, name).await?,
            None => None,
        };
        let oldest = newest.as_ref().map_or(date, |cut| cut.date.min(date));
        let recent = entries::frozen_since(objects, odfi, oldest).await?;
        let (seq, last) = newest.map_or((0, 0), |cut| (cut.seq, cut.last_sequence));
        Ok(Chain {
            recent,
            next_seq: seq.saturating_add(1),
            last_sequence: last,
        })
    }

    fn find(&self, cut: &CutId) -> Option<&FrozenCut> {
        self.recent.iter().find(|frozen| frozen.cut == *cut)
    }

    fn slot(&self, date: Date, window: Window) -> Slot {
        let of_day = self.recent.iter().filter(|cut| cut.date == date);
        let files = of_day.map(|cut| cut.files.len()).sum::<usize>();
        let files_so_far = u32::try_from(files).unwrap_or(u32::MAX);
        Slot {
            date,
            window,
            last_sequence: self.last_sequence,
            files_so_far,
        }
    }
}

/// Claims what waits for this window, and finds what an earlier run of this cut has claimed.
async fn claim(desk: &Desk, cut: &CutId, date: Date, window: Window) -> Result<Vec<Payment>> {
    let slot = Slot {
        date,
        window,
        last_sequence: 0,
        files_so_far: 0,
    };
    let at = desk.cutoff(date, window);
    let mut claimed = plan::claimed_already(desk, cut).await?;
    let mut after = None;
    loop {
        let page = desk.ports.payments.page(Index::Ready, after, CHUNK).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        let past_cutoff = last.created_at > at;
        let ours = page.into_iter().filter(|payment| payment.created_at <= at);
        let ours = ours.filter(|p| cut::lane_of(&plan::waiting(p), &desk.bank, &slot).is_ok());
        claimed.extend(claim_page(desk, cut, date, at, ours.collect()).await?);
        if past_cutoff {
            break;
        }
    }
    claimed.sort_unstable_by_key(|payment| payment.id);
    Ok(claimed)
}

async fn claim_page(
    desk: &Desk,
    cut: &CutId,
    date: Date,
    at: jiff::Timestamp,
    ours: Vec<Payment>,
) -> Result<Vec<Payment>> {
    let change = |payment: &Payment| Change {
        payment: payment.id,
        expected_version: Some(payment.version),
        event: Event::Claimed { cut: cut.clone() },
        date,
        at,
    };
    let answers = desk
        .ports
        .payments
        .apply(ours.iter().map(change).collect())
        .await?;
    let won = |answer: &Applied| matches!(answer, Applied::Done { .. } | Applied::Exists);
    Ok(ours
        .into_iter()
        .zip(answers)
        .filter(|(_, a)| won(a))
        .map(|(p, _)| p)
        .collect())
}

async fn freeze(
    desk: &Desk,
    chain: Chain,
    cut: CutId,
    date: Date,
    window: Window,
    claimed: Vec<Payment>,
) -> Result<FrozenCut> {
    let slot = chain.slot(date, window);
    let plan = cut::plan(
        claimed.iter().map(plan::waiting).collect(),
        &desk.bank,
        &slot,
    )?;
    if let Some((payment, why)) = plan.held.first() {
        let message = format!(
            "payment {payment} was claimed by {} and then held: {why:?}",
            cut.0
        );
        return Err(Failure::findings(message));
    }
    let payments: BTreeMap<PaymentId, &Payment> = claimed.iter().map(|p| (p.id, p)).collect();
    let rows = plan::rows(desk, &cut, &slot, &plan, &payments);
    let objects = &*desk.ports.objects;
    let entries = entries::put_part::<AchEntries>(objects, date, &window.to_string(), rows).await?;
    let frozen = FrozenCut {
        seq: chain.next_seq,
        cut,
        date,
        window,
        first_after: slot.last_sequence,
        last_sequence: plan.last_sequence,
        entries,
        files: plan
            .files
            .iter()
            .map(|file| frozen_file(desk, &slot, file))
            .collect(),
    };
    record::put(objects, &names::frozen(desk.bank.odfi, frozen.seq), &frozen).await?;
    Ok(frozen)
}

fn frozen_file(desk: &Desk, slot: &Slot, file: &PlannedFile) -> FrozenFile {
    let odfi = desk.bank.odfi;
    FrozenFile {
        name: names::outbound(odfi, slot.date, slot.window, file.modifier),
        at_bank: names::at_bank(odfi, slot.date, slot.window, file.modifier),
        modifier: char::from(file.modifier),
        batches: file.batches.iter().map(frozen_batch).collect(),
    }
}

fn frozen_batch(batch: &PlannedBatch) -> FrozenBatch {
    FrozenBatch {
        key: batch.key,
        originator: batch.lane.originator.clone(),
        sec: batch.lane.sec,
        description: batch.lane.description.clone(),
        side: batch.lane.side,
        effective: batch.lane.effective,
        settles_on: batch.settles_on,
        entries: batch.entries.len() as u64,
        debits: batch.debits,
        credits: batch.credits,
        offset: batch.offset.map(|o| FrozenOffset {
            trace: o.trace,
            code: o.code.get(),
            amount: o.amount,
        }),
    }
}

/// What a plan costs at the bank, in micro-dollars, and how many of its entries are same-day.
pub fn price(desk: &Desk, plan: &Plan, window: Window) -> Option<i64> {
    let batches = plan.files.iter().map(|f| f.batches.len() as u64).sum();
    let items = plan
        .files
        .iter()
        .flat_map(|f| &f.batches)
        .map(|b| b.entries.len() as u64)
        .sum();
    let same_day = if window == Window::Standard { 0 } else { items };
    desk.bank
        .prices
        .cost(plan.files.len() as u64, batches, items, same_day)
}
