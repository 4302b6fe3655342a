//! Cut: from payments that wait to NACHA files.
//!
//! Before it claims anything, the store is held against the newest cut that took anything, and what
//! waits against all cuts that can have it: a store that was put back alone sends nothing twice.
//!
//! 1. *Claim.* Every waiting payment that this window takes goes from INIT to BATCHED under the
//!    cut's id, each by a conditional write: of two cuts that reach for a payment, one gets it.
//! 2. *Freeze.* The claimed payments are planned into files, batches and traces, and the files are
//!    rendered from the plan alone, without a name yet. Plan and the files' hashes become one
//!    object at the next place of the bank's chain of cuts, written if absent. That write is the
//!    commit point: it takes the membership, the trace range and every byte to be sent at once.
//! 3. *Name.* The files get their names. One that is missing after a crash is rendered again from
//!    the frozen plan, and must come to the hash that was frozen.
//!
//! A crash before the freeze leaves claimed payments, which the next run finds by the cut's id;
//! a crash after it leaves files to render, which come out the same. Membership ends at the
//! window's cutoff, so a run that comes late takes what an early one would have taken.

mod chain;
mod plan;
mod reading;
pub mod render;

pub use plan::{Preview, PreviewBatch, preview};

use crate::catalog;
use crate::changes::apply_all;
use crate::members;
use crate::order::banking_day;
use crate::parts;
use crate::records;
use crate::records::frozen::{
    Company, FrozenBatch, FrozenCut, FrozenFile, FrozenHeader, FrozenOffset, Stuck,
};
use crate::sent_before::{Back, SentBefore, not_again};
use crate::stage;
use crate::tally::Tally;
use chain::{Chain, ONE_MOMENT, cut_id};
use connectors::{Change, Index};
use desk::Desk;
use desk::failure::{Failure, Result, too_large};
use desk::names;
use formats::tables::AchEntries;
use jiff::civil::Date;
use reading::ready;
use settlement::cut::{self, Held, Plan, PlannedBatch, PlannedFile, Slot};
use settlement::ids::{CutId, PaymentId};
use settlement::money::{Cents, SignedCents};
use settlement::payment::{Event, Payment, Speed};
use settlement::windows::Window;
use std::collections::{BTreeMap, BTreeSet};

/// Runs the cut of one window.
///
/// # Errors
/// Where the date is not a banking day, or a store does not answer.
pub async fn run(desk: &Desk, date: Date, window: Window) -> Result<Tally> {
    banking_day(date)?;
    let cut = cut_id(desk, date, window);
    let chain = Chain::read(desk, date).await?;
    let frozen = match chain.find(&cut) {
        Some(frozen) => {
            render::missing(desk, frozen).await?;
            frozen.clone()
        }
        None => {
            chain.next(desk, date).await?;
            stage::next("claim", None);
            let claimed = claim(desk, &cut, date, window).await?;
            stage::next("freeze", Some(claimed.payments.len() as u64));
            freeze(desk, chain, cut, date, window, claimed).await?
        }
    };
    let record = names::frozen(desk.bank.odfi, frozen.seq);
    catalog::list(&*desk.ports.objects, date, &record, &frozen).await?;
    tally(&frozen, window)?.close(desk).await
}

fn tally(frozen: &FrozenCut, window: Window) -> Result<Tally> {
    let mut tally = Tally::new(&format!("cut-{window}"), frozen.date);
    if let Some(part) = &frozen.entries {
        tally.take(part.rows, part.cents)?;
    }
    for file in &frozen.files {
        for batch in &file.batches {
            let cents = theirs(batch).ok_or_else(|| too_large(&batch.key.to_string()))?;
            tally.give(&file.at_bank, batch.entries, cents)?;
        }
    }
    for (why, Stuck { payments, cents }) in &frozen.stuck {
        tally.findings += payments;
        tally.note(
            &format!("{payments} payments of {} cents", cents.get()),
            why,
        );
    }
    tally.note("files", frozen.files.len());
    tally.note(
        "batches",
        frozen.files.iter().map(|f| f.batches.len()).sum::<usize>(),
    );
    Ok(tally)
}

/// The money of a batch's payments: what balances them is ours.
fn theirs(batch: &FrozenBatch) -> Option<SignedCents> {
    let both = batch.debits.checked_add(batch.credits)?;
    let own = batch.offset.map_or(Cents::ZERO, |offset| offset.amount);
    both.checked_sub(own)?.signed()
}

/// Claims what waits for this window, and finds what an earlier run of this cut has claimed.
///
/// While one page is being claimed the next is read: the store's writer is another thread.
async fn claim(desk: &Desk, cut: &CutId, date: Date, window: Window) -> Result<Claimed> {
    let slot = Slot {
        date,
        window,
        last_sequence: 0,
        files_so_far: 0,
    };
    let at = desk.cutoff(date, window);
    let mut claimed = Claimed {
        payments: plan::claimed_already(desk, cut, &slot).await?,
        ..Claimed::default()
    };
    let mut before = SentBefore::over(Back::from_newest(desk).await?);
    not_again(desk, &mut before, &claimed.payments, ONE_MOMENT).await?;
    // Only what asked for it ever goes in a same-day window.
    let index = Index::Ready {
        speed: (window != Window::Standard).then_some(Speed::SameDay),
        until: Some(PaymentId::last_of(at)?),
    };
    let mut page = ready(desk, &index, None).await?;
    while let Some(last) = page.last() {
        let next = ready(desk, &index, Some(last.id));
        let mut ours = Vec::with_capacity(page.len());
        for payment in page.into_iter().filter(|p| p.created_at <= at) {
            if claimed.takes(desk, &payment, &slot)? {
                ours.push(payment);
            }
        }
        not_again(desk, &mut before, &ours, ONE_MOMENT).await?;
        let (won, next) = tokio::join!(claim_page(desk, cut, date, at, ours), next);
        claimed.payments.extend(won?);
        page = next?;
    }
    claimed.payments.sort_unstable_by_key(|payment| payment.id);
    Ok(claimed)
}

/// What a cut has claimed, and what waits in vain.
#[derive(Default)]
struct Claimed {
    payments: Vec<Payment>,
    /// By reason.
    stuck: BTreeMap<String, Stuck>,
}

impl Claimed {
    /// Whether the window takes the payment; one that no window ever takes is counted.
    fn takes(&mut self, desk: &Desk, payment: &Payment, slot: &Slot) -> Result<bool> {
        let why = match cut::lane_of(&plan::waiting(payment), &desk.bank, slot) {
            Ok(_) => return Ok(true),
            Err(Held::OtherWindow | Held::TooEarly(_)) => return Ok(false),
            Err(why) => plan::reason(why),
        };
        self.stuck
            .entry(why)
            .or_default()
            .add(payment.order.amount)?;
        Ok(false)
    }
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
    let not_taken = apply_all(desk, &cut.0, ours.iter().map(change).map(Ok)).await?;
    // What was cancelled or claimed by somebody else since it was read is not ours.
    let lost: BTreeSet<PaymentId> = not_taken.iter().map(|one| one.payment).collect();
    let won = ours
        .into_iter()
        .filter(|payment| !lost.contains(&payment.id));
    Ok(won.collect())
}

async fn freeze(
    desk: &Desk,
    chain: Chain,
    cut: CutId,
    date: Date,
    window: Window,
    Claimed {
        payments: claimed,
        stuck,
    }: Claimed,
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
        let remedy = "put the bank profile back as it was when they were claimed, run the cut \
                      again, and change it afterwards";
        return Err(Failure::findings(message).remedy(remedy));
    }
    let payments: BTreeMap<PaymentId, &Payment> = claimed.iter().map(|p| (p.id, p)).collect();
    let rows = plan::rows(desk, &cut, &slot, &plan, &payments);
    let objects = &*desk.ports.objects;
    let entries = parts::put_part::<AchEntries>(objects, date, &window.to_string(), rows).await?;
    let mut frozen = FrozenCut {
        seq: chain.next_seq,
        cut,
        date,
        window,
        first_after: slot.last_sequence,
        last_sequence: plan.last_sequence,
        header: frozen_header(desk, date, window),
        stuck,
        entries,
        files: plan
            .files
            .iter()
            .map(|file| frozen_file(desk, &slot, file))
            .collect(),
        previous: chain.newest,
    };
    list_members(desk, &plan, &mut frozen).await?;
    let rendered = render::before_the_freeze(desk, &mut frozen).await?;
    render::agrees_with_what_is_there(desk, &frozen).await?;
    records::put(objects, &names::frozen(desk.bank.odfi, frozen.seq), &frozen).await?;
    render::put(desk, &frozen, rendered).await?;
    Ok(frozen)
}

/// Writes the list of each batch, and names it in the cut.
async fn list_members(desk: &Desk, plan: &Plan, frozen: &mut FrozenCut) -> Result<()> {
    let (objects, date) = (&*desk.ports.objects, frozen.date);
    for (planned, file) in plan.files.iter().zip(&mut frozen.files) {
        for (planned, batch) in planned.batches.iter().zip(&mut file.batches) {
            let list = members::put(objects, desk.bank.odfi, date, planned).await?;
            batch.members = Some(list);
        }
    }
    Ok(())
}

fn frozen_file(desk: &Desk, slot: &Slot, file: &PlannedFile) -> FrozenFile {
    let odfi = desk.bank.odfi;
    FrozenFile {
        name: names::outbound(odfi, slot.date, slot.window, file.modifier),
        at_bank: names::at_bank(odfi, slot.date, slot.window, file.modifier),
        modifier: char::from(file.modifier),
        content: None,
        batches: file
            .batches
            .iter()
            .map(|batch| frozen_batch(desk, batch))
            .collect(),
    }
}

fn frozen_header(desk: &Desk, date: Date, window: Window) -> FrozenHeader {
    let bank = &desk.bank;
    FrozenHeader {
        destination: format!(" {}", bank.immediate_destination),
        destination_name: bank.immediate_destination_name.clone(),
        origin: bank.immediate_origin.clone(),
        origin_name: bank.immediate_origin_name.clone(),
        time: settlement::windows::eastern_time(desk.cutoff(date, window)),
        line_end: bank.line_end,
        account: bank.account.described(),
    }
}

fn frozen_batch(desk: &Desk, batch: &PlannedBatch) -> FrozenBatch {
    let company = desk
        .bank
        .originators
        .get(&batch.lane.originator)
        .map(|company| Company {
            name: company.company_name.clone(),
            discretionary: company.discretionary_data.clone(),
            id: company.company_id.clone(),
        });
    FrozenBatch {
        company: company.unwrap_or_default(),
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
        members: None,
    }
}
