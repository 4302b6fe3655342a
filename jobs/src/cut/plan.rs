//! From stored payments to what the rule of cutting sees, and from its plan to rows.

use super::chain::{Chain, cut_id};
use super::taken::{Claimed, Taken};
use crate::events::SingleEvents;
use crate::order::banking_day;
use crate::parts;
use crate::receivers;
use crate::records::part::Part;
use crate::stage::did;
use connectors::Index;
use desk::failure::{Result, too_large};
use desk::{CHUNK, Desk, names};
use formats::tables::{AchEntries, AchEntry, ReceiverName, ReceiverNames, Writer};
use jiff::civil::Date;
use serde::Serialize;
use settlement::cut::{self, Held, Plan, PlannedBatch, PlannedEntry, Slot, Waiting};
use settlement::forgetting::commitment;
use settlement::ids::{CutId, PaymentId};
use settlement::payment::{Event, Payment};
use settlement::windows::{Window, extended_return_deadline};
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
    let mut pages = SingleEvents::new(&*desk.ports.payments, date);
    while let Some(page) = pages.next().await? {
        let ours = page
            .iter()
            .filter(|one| matches!(&one.event, Event::Claimed { cut: by } if by == cut));
        claimed.extend(ours.map(|event| event.payment));
    }
    Ok(claimed)
}

/// The parts of a cut.
pub struct Parts {
    /// Its entries; none where nothing waited.
    pub entries: Option<Part>,
    /// Who receives them.
    pub names: Option<Part>,
}

/// Writes the rows of a plan in file order, and beside them who receives them.
///
/// # Errors
/// Where what was claimed cannot be read back, or the store does not take the part.
pub async fn write_rows(
    desk: &Desk,
    cut: &CutId,
    slot: &Slot,
    plan: &Plan,
    claimed: &Claimed,
) -> Result<Parts> {
    let mut names = Writer::<ReceiverNames, Vec<u8>>::new(Vec::new()).map_err(parts::torn)?;
    let mut writer = Writer::<AchEntries, Vec<u8>>::new(Vec::new()).map_err(parts::torn)?;
    for file in &plan.files {
        let at_bank = names::at_bank(desk.bank.odfi, slot.date, slot.window, file.modifier);
        for batch in &file.batches {
            let place = Place {
                cut,
                slot,
                file: &at_bank,
                batch,
                key: batch.key.to_string(),
            };
            for entry in &batch.entries {
                let payment = claimed.get(entry.payment)?;
                let row = row(desk, &place, entry, &payment);
                writer.push(&row).map_err(parts::torn)?;
                let who = receiver(&row, &payment);
                names.push(&who).map_err(parts::torn)?;
                did(1);
            }
        }
    }
    let (written, bytes) = writer.finish_into().map_err(parts::torn)?;
    if written.rows == 0 {
        let (entries, names) = (None, None);
        return Ok(Parts { entries, names });
    }
    let (objects, window) = (&*desk.ports.objects, slot.window.to_string());
    let (count, who) = names.finish_into().map_err(parts::torn)?;
    let name = names::receivers(desk.bank.odfi, slot.date, slot.window);
    let files = names::outbound_prefix(desk.bank.odfi, slot.date, slot.window);
    let was_frozen = !objects.list(&files).await?.is_empty();
    let names = receivers::put(objects, name, who, count, was_frozen).await?;
    let put = parts::put_bytes::<AchEntries>(objects, slot.date, &window, bytes, written);
    Ok(Parts {
        entries: Some(put.await?),
        names: Some(names),
    })
}

/// Who receives an entry.
fn receiver<'a>(entry: &AchEntry<'a>, payment: &'a Taken) -> ReceiverName<'a> {
    ReceiverName {
        cut_date: entry.cut_date,
        trace: entry.trace,
        payment_id: entry.payment_id.clone(),
        payment_key: entry.payment_key,
        originator: entry.originator.clone(),
        account_token: entry.account_token.clone(),
        individual_name: payment.name.as_str().into(),
        remittance: payment.remittance.as_deref().map(Into::into),
        salt: receivers::hex(&payment.salt).into(),
    }
}

struct Place<'a> {
    cut: &'a CutId,
    slot: &'a Slot,
    file: &'a str,
    batch: &'a PlannedBatch,
    key: String,
}

fn row<'a>(
    desk: &'a Desk,
    place: &'a Place<'a>,
    entry: &PlannedEntry,
    payment: &'a Taken,
) -> AchEntry<'a> {
    let batch = place.batch;
    let company = desk.bank.originators.get(&payment.originator);
    AchEntry {
        cut_date: place.slot.date,
        cut_id: place.cut.0.as_str().into(),
        file: place.file.into(),
        window: place.slot.window.as_str().into(),
        batch: place.key.as_str().into(),
        batch_key: batch.key.key(),
        trace: entry.trace.key(),
        payment_id: entry.payment.to_string().into(),
        payment_key: entry.payment.key(),
        direction: entry.direction.as_str().into(),
        transaction_code: i32::from(entry.code.get()),
        routing: i64::from(payment.routing.get()),
        account_token: payment.token.token.as_str().into(),
        account_last4: payment.token.last4.as_str().into(),
        amount: entry
            .amount
            .signed()
            .expect("a batch is planned to twelve digits"),
        sec: batch.lane.sec.as_str().into(),
        company_id: company.map_or("", |c| c.company_id.as_str()).into(),
        company_name: company.map_or("", |c| c.company_name.as_str()).into(),
        description: batch.lane.description.as_str().into(),
        individual_name: "".into(),
        effective_date: batch.lane.effective,
        settles_on: batch.settles_on,
        originator: payment.originator.as_str().into(),
        remittance: None,
        last_return_day: Some(extended_return_deadline(batch.settles_on)),
        currency: Some(desk.bank.currency.as_str().into()),
        reference: payment.reference.as_deref().map(Into::into),
        name_commitment: Some(committed(entry.payment, payment).into()),
    }
}

/// What commits to the name and the remittance of a payment.
fn committed(id: PaymentId, payment: &Taken) -> String {
    let Taken {
        salt,
        name,
        remittance,
        ..
    } = payment;
    commitment(id, salt, name, remittance.as_deref()).to_string()
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
    let until = Some(PaymentId::last_of(at)?);
    loop {
        let index = Index::Ready { speed: None, until };
        let page = desk.ports.payments.page(index, after, CHUNK).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        for payment in page.iter().filter(|payment| payment.created_at <= at) {
            let waiting = waiting(payment);
            if cut::lane_of(&waiting, &desk.bank, &slot).is_err() {
                amounts.insert(payment.id, payment.order.amount.get());
            }
            intake.take(&waiting);
        }
    }
    let plan = intake.plan()?;
    let mut held: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for (payment, why) in &plan.held {
        let sum = held.entry(reason(*why)).or_default();
        let cents = amounts.get(payment).copied().unwrap_or(0);
        let cents = sum
            .1
            .checked_add(cents)
            .ok_or_else(|| too_large("payments that stay"))?;
        *sum = (sum.0 + 1, cents);
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
