//! From stored payments to what the rule of cutting sees, and what it would plan.

use super::chain::{Chain, cut_id};
use super::given_back;
use crate::events::SingleEvents;
use crate::order::banking_day;
use connectors::Index;
use desk::failure::{Result, too_large};
use desk::{CHUNK, Desk, names};
use jiff::civil::Date;
use serde::Serialize;
use settlement::cut::{self, Held, Plan, PlannedBatch, Slot, Waiting};
use settlement::ids::{CutId, PaymentId};
use settlement::payment::{Event, Payment};
use settlement::windows::Window;
use std::collections::BTreeMap;

/// What the rule of cutting may see of a payment.
pub fn waiting(payment: &Payment) -> Waiting {
    Waiting {
        id: payment.id,
        order: payment.order.clone(),
        account: payment.receiver.account,
    }
}

/// The payments that an earlier run of this cut has claimed. Where its files are there it was
/// frozen, and its record is lost: then what it claimed may have gone on since, and the events
/// still say what that was.
pub async fn claimed_already(desk: &Desk, cut: &CutId, slot: &Slot) -> Result<Vec<PaymentId>> {
    let files = names::outbound_prefix(desk.bank.odfi, slot.date, slot.window);
    if !desk.ports.objects.list(&files).await?.is_empty() {
        return claimed_by_events(desk, cut, slot.date).await;
    }
    let (mut claimed, mut after) = (Vec::new(), None);
    loop {
        let index = Index::Claimed(Some(cut.clone()));
        let page = desk.ports.payments.page(index, after, CHUNK).await?;
        let Some(last) = page.last() else {
            return Ok(claimed);
        };
        after = Some(last.id);
        claimed.extend(page.iter().map(|payment| payment.id));
    }
}

async fn claimed_by_events(desk: &Desk, cut: &CutId, date: Date) -> Result<Vec<PaymentId>> {
    let mut claimed = Vec::new();
    let mut pages = SingleEvents::new(&desk.ports.payments, date);
    while let Some(page) = pages.next().await? {
        let ours = page
            .iter()
            .filter(|one| matches!(&one.event, Event::Claimed { cut: by } if by == cut));
        claimed.extend(ours.map(|event| event.payment));
    }
    Ok(claimed)
}

/// What a cut would do now: nothing is claimed, nothing is written.
#[derive(Debug, Serialize)]
pub struct Preview {
    /// The business date.
    pub date: Date,
    /// The window.
    pub window: Window,
    /// Whether it has been cut: then nothing more would go with it.
    pub cut_already: bool,
    /// One line per batch that would be cut.
    pub batches: Vec<PreviewBatch>,
    /// Payments that would stay, by reason: count and cents.
    pub held: BTreeMap<String, (u64, u64)>,
    /// What the bank would charge, in millionths of a dollar.
    pub cost_micros: i64,
}

impl Preview {
    const fn nothing(date: Date, window: Window) -> Preview {
        Preview {
            date,
            window,
            cut_already: false,
            batches: Vec::new(),
            held: BTreeMap::new(),
            cost_micros: 0,
        }
    }
}

/// One batch that would be cut.
#[derive(Debug, Serialize)]
pub struct PreviewBatch {
    /// Its name, as it would be if nothing else were cut first.
    pub key: String,
    /// Its originator, entry class and description.
    pub lane: String,
    /// Credits, debits or both.
    pub side: &'static str,
    /// When it would settle.
    pub settles_on: Date,
    /// Its entries.
    pub entries: usize,
    /// Its debits in cents.
    pub debit_cents: u64,
    /// Its credits in cents.
    pub credit_cents: u64,
}

/// Plans a cut without claiming anything.
///
/// # Errors
/// As the cut itself.
pub async fn preview(desk: &Desk, date: Date, window: Window) -> Result<Preview> {
    banking_day(date)?;
    let chain = Chain::read(desk, date).await?;
    if chain.find(&cut_id(desk, date, window)).is_some() {
        return Ok(Preview {
            cut_already: true,
            ..Preview::nothing(date, window)
        });
    }
    chain.next(desk, date).await?;
    let at = desk.cutoff(date, window);
    let slot = chain.slot(date, window);
    let mut intake = cut::Intake::new(&desk.bank, slot);
    let (mut amounts, mut after) = (BTreeMap::new(), None);
    let mut held: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    let until = Some(PaymentId::last_of(at)?);
    loop {
        let index = Index::Ready { speed: None, until };
        let page = desk.ports.payments.page(index, after, CHUNK).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        let back = given_back::of(desk, &page, date).await?;
        for payment in page.iter().filter(|payment| payment.created_at <= at) {
            if back.contains_key(&payment.id) {
                let why = "gives back what has not stayed settled".to_owned();
                add(held.entry(why).or_default(), payment.order.amount.get())?;
                continue;
            }
            let waiting = waiting(payment);
            if cut::lane_of(&waiting, &desk.bank, &slot).is_err() {
                amounts.insert(payment.id, payment.order.amount.get());
            }
            intake.take(&waiting);
        }
    }
    let plan = intake.plan()?;
    for (payment, why) in &plan.held {
        let cents = amounts.get(payment).copied().unwrap_or(0);
        add(held.entry(reason(*why)).or_default(), cents)?;
    }
    let cost_micros =
        price(desk, &plan, window).ok_or_else(|| too_large("what the bank charges"))?;
    let batches = plan
        .files
        .iter()
        .flat_map(|f| &f.batches)
        .map(preview_batch)
        .collect();
    Ok(Preview {
        batches,
        held,
        cost_micros,
        ..Preview::nothing(date, window)
    })
}

/// One more payment of these cents.
fn add(sum: &mut (u64, u64), cents: u64) -> Result<()> {
    let cents = sum.1.checked_add(cents);
    *sum = (
        sum.0 + 1,
        cents.ok_or_else(|| too_large("payments that stay"))?,
    );
    Ok(())
}

fn preview_batch(batch: &PlannedBatch) -> PreviewBatch {
    let lane = &batch.lane;
    PreviewBatch {
        key: batch.key.to_string(),
        lane: format!("{} {} {}", lane.originator, lane.sec, lane.description),
        side: lane.side.map_or("mixed", |side| side.as_str()),
        settles_on: batch.settles_on,
        entries: batch.entries.len(),
        debit_cents: batch.debits.get(),
        credit_cents: batch.credits.get(),
    }
}

/// Why a payment stays, in words.
pub fn reason(why: Held) -> String {
    match why {
        Held::OtherWindow => "belongs to another window".to_owned(),
        Held::TooEarly(until) => format!("wished for later: waits until {until}"),
        Held::OverEntryLimit => "over the bank's limit for one entry".to_owned(),
        Held::NotAgreed => "originator or entry class is not in the bank profile".to_owned(),
    }
}

/// What a plan costs at the bank, in micro-dollars, and how many of its entries are same-day.
fn price(desk: &Desk, plan: &Plan, window: Window) -> Option<i64> {
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
