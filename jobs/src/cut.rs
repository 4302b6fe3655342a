//! Cut: from payments that wait to NACHA files.
//!
//! What gives back a payment that has come back by itself is denied and does not go.
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
mod file;
mod given_back;
mod plan;
mod reading;
pub mod render;
mod taken;
mod written;

pub use plan::{Preview, PreviewBatch, preview};

use crate::catalog;
use crate::changes::{all_taken, apply_all};
use crate::order::banking_day;
use crate::parts::Entries;
use crate::records;
use crate::records::frozen::{
    Company, FrozenBatch, FrozenCut, FrozenFile, FrozenHeader, FrozenOffset, Stuck,
};
use crate::sent_before::{Back, SentBefore, not_again};
use crate::stage;
use crate::tally::Tally;
use chain::{Chain, ONE_MOMENT, cut_id};
use connectors::{Change, Index};
use desk::failure::{Result, too_large};
use desk::{CHUNK, Desk, names};
use jiff::civil::Date;
use reading::ready;
use settlement::cut::{self, Held, Intake, PlannedBatch, PlannedFile, Slot};
use taken::Claimed;

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
            let left = left_over(desk, frozen).await?;
            release(desk, frozen, left).await?;
            frozen.clone()
        }
        None => {
            chain.next(desk, date).await?;
            stage::next("claim", None);
            let claims = claim(desk, &cut, chain.slot(date, window)).await?;
            stage::next("freeze", Some(claims.payments.len() as u64));
            // What a cut freezes is large; on the heap it weighs on no caller's stack.
            Box::pin(freeze(desk, chain, cut, claims)).await?
        }
    };
    let record = names::frozen(desk.bank.odfi, frozen.seq);
    catalog::list(desk, date, &record, &frozen).await?;
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
async fn claim<'a>(desk: &'a Desk, cut: &CutId, slot: Slot) -> Result<Claims<'a>> {
    let at = desk.cutoff(slot.date, slot.window);
    let mut claims = Claims::new(desk, slot)?;
    let mut before = SentBefore::over(Back::from_newest(desk).await?);
    for ids in plan::claimed_already(desk, cut, &slot).await?.chunks(CHUNK) {
        let payments = desk.ports.payments.get(ids).await?;
        let payments: Vec<Payment> = payments.into_iter().flatten().collect();
        not_again(desk, &mut before, &payments, ONE_MOMENT).await?;
        claims.take(payments)?;
    }
    // Only what asked for it ever goes in a same-day window.
    let index = Index::Ready {
        speed: (slot.window != Window::Standard).then_some(Speed::SameDay),
        until: Some(PaymentId::last_of(at)?),
    };
    let mut page = ready(desk, &index, None).await?;
    while let Some(last) = page.last() {
        let next = ready(desk, &index, Some(last.id));
        let mut ours = Vec::with_capacity(page.len());
        let waiting = page.into_iter().filter(|p| p.created_at <= at).collect();
        for payment in given_back::leave_out(desk, cut, (slot.date, at), waiting).await? {
            if claims.are_for(desk, &payment)? {
                ours.push(payment);
            }
        }
        not_again(desk, &mut before, &ours, ONE_MOMENT).await?;
        let (won, next) = tokio::join!(claim_page(desk, cut, slot.date, at, ours), next);
        claims.take(won?)?;
        page = next?;
    }
    claims.payments.sort()?;
    Ok(claims)
}

/// What a cut has claimed, and what waits in vain.
struct Claims<'a> {
    payments: Claimed,
    intake: Intake<'a>,
    slot: Slot,
    /// By reason.
    stuck: BTreeMap<String, Stuck>,
}

impl<'a> Claims<'a> {
    fn new(desk: &'a Desk, slot: Slot) -> Result<Claims<'a>> {
        Ok(Claims {
            payments: Claimed::new()?,
            intake: Intake::new(&desk.bank, slot),
            slot,
            stuck: BTreeMap::new(),
        })
    }

    fn take(&mut self, payments: Vec<Payment>) -> Result<()> {
        for payment in payments {
            self.intake.take(&plan::waiting(&payment));
            self.payments.push(payment)?;
        }
        Ok(())
    }

    /// Whether the window takes the payment; one that no window ever takes is counted.
    fn are_for(&mut self, desk: &Desk, payment: &Payment) -> Result<bool> {
        let why = match cut::lane_of(&plan::waiting(payment), &desk.bank, &self.slot) {
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
    Claims {
        payments: claimed,
        intake,
        slot,
        stuck,
    }: Claims<'_>,
) -> Result<FrozenCut> {
    let (objects, date, window) = (&*desk.ports.objects, slot.date, slot.window);
    let plan = intake.plan()?;
    let files = plan.files.iter();
    let mut frozen = FrozenCut {
        seq: chain.next_seq,
        cut,
        date,
        window,
        first_after: slot.last_sequence,
        last_sequence: plan.last_sequence,
        header: frozen_header(desk, date, window),
        stuck,
        entries: None,
        names: None,
        files: files.map(|file| frozen_file(desk, &slot, file)).collect(),
        previous: chain.newest,
    };
    let rendered = written::all(desk, &slot, &plan, &claimed, &mut frozen).await?;
    drop(claimed);
    render::agrees_with_what_is_there(desk, &frozen).await?;
    records::put(objects, &names::frozen(desk.bank.odfi, frozen.seq), &frozen).await?;
    render::put(desk, &frozen, rendered).await?;
    let held = plan.held.iter().map(|(payment, _)| *payment).collect();
    release(desk, &frozen, held).await?;
    Ok(frozen)
}

/// What a frozen cut has claimed and does not carry: the profile was changed while a run of it
/// stood still, or somebody else claimed in its name.
async fn left_over(desk: &Desk, frozen: &FrozenCut) -> Result<Vec<PaymentId>> {
    let (mut claimed, mut after) = (BTreeSet::new(), None);
    loop {
        let index = Index::Claimed(Some(frozen.cut.clone()));
        let page = desk.ports.payments.page(index, after, CHUNK).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        claimed.extend(page.iter().map(|payment| payment.id));
    }
    if !claimed.is_empty() {
        for row in Entries::of(desk, frozen).await? {
            claimed.remove(&PaymentId::from_key(row?.payment_key)?);
        }
    }
    Ok(claimed.into_iter().collect())
}

/// Lets payments go that a frozen cut does not carry: they wait for another window.
async fn release(desk: &Desk, frozen: &FrozenCut, left: Vec<PaymentId>) -> Result<()> {
    let at = desk.cutoff(frozen.date, frozen.window);
    let change = |payment: PaymentId| Change {
        payment,
        expected_version: None,
        event: Event::Released {
            cut: frozen.cut.clone(),
        },
        date: frozen.date,
        at,
    };
    let about = &frozen.cut.0;
    let not_taken = apply_all(desk, about, left.into_iter().map(change).map(Ok)).await?;
    all_taken(about, &not_taken)
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
