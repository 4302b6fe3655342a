//! From a plan to all that a cut writes before it is frozen, in one pass over what was claimed: the
//! rows of its entries and who receives them, the list of each batch, and the files' bytes. Nothing
//! of it is read back. A file that is rendered again comes from the rows (`render.rs`), and must
//! come to the hash that is frozen here.

use super::file::{OpenFile, Receiving, Rendered};
use super::taken::{Claimed, Taken};
use crate::members::NewList;
use crate::new_part::NewPart;
use crate::receivers;
use crate::records::frozen::{FrozenBatch, FrozenCut};
use crate::stage::did;
use desk::failure::Result;
use desk::{Desk, names};
use formats::tables::{AchEntries, AchEntry, ReceiverName, ReceiverNames};
use jiff::civil::Date;
use settlement::cut::{Plan, PlannedBatch, PlannedEntry, Slot};
use settlement::forgetting::commitment;
use settlement::ids::{CutId, PaymentId};
use settlement::windows::extended_return_deadline;

/// Writes everything of a cut that is about to be frozen, and says so in it. The files that come
/// back have no names yet.
///
/// # Errors
/// Where what was claimed cannot be read back, an account number does not open, or the store does
/// not take something.
pub async fn all(
    desk: &Desk,
    slot: &Slot,
    plan: &Plan,
    claimed: &Claimed,
    frozen: &mut FrozenCut,
) -> Result<Vec<Rendered>> {
    let cut = frozen.cut.clone();
    let mut pass = Pass {
        desk,
        slot,
        claimed,
        entries: NewPart::begin()?,
        names: NewPart::begin()?,
    };
    let mut files = Vec::with_capacity(plan.files.len());
    for (planned, file) in plan.files.iter().zip(&mut frozen.files) {
        let mut open = OpenFile::begin(&frozen.header, slot.date, file.modifier)?;
        for (planned, batch) in planned.batches.iter().zip(&mut file.batches) {
            let place = Place {
                cut: &cut,
                slot,
                file: &file.at_bank,
                batch: planned,
                key: planned.key.to_string(),
                last_return_day: extended_return_deadline(planned.settles_on),
            };
            pass.batch(&place, batch, &mut open).await?;
        }
        let rendered = open.finish()?;
        file.content = Some(rendered.content);
        files.push(rendered);
    }
    pass.put(frozen).await?;
    Ok(files)
}

/// The parts on their way, and what they are made from.
struct Pass<'a> {
    desk: &'a Desk,
    slot: &'a Slot,
    claimed: &'a Claimed,
    entries: NewPart<AchEntries>,
    names: NewPart<ReceiverNames>,
}

impl Pass<'_> {
    /// Writes a batch everywhere.
    async fn batch(
        &mut self,
        place: &Place<'_>,
        batch: &mut FrozenBatch,
        open: &mut OpenFile,
    ) -> Result<()> {
        let mut list = NewList::begin();
        open.begin_batch(self.desk, batch)?;
        for entry in place.batch.entries.iter() {
            let payment = self.claimed.get(entry.payment)?;
            let row = row(self.desk, place, &entry, &payment);
            self.entries.push(&row)?;
            self.names.push(&receiver(&row, &payment))?;
            list.push(&entry, self.claimed.reference(&payment))?;
            let to = Receiving {
                name: &payment.name,
                remittance: payment.remittance.as_deref(),
                sealed: &payment.sealed,
            };
            open.entry(self.desk, &row, to).await?;
        }
        open.end_batch(self.desk, batch)?;
        did(place.batch.entries.len());
        let (objects, odfi) = (&*self.desk.ports.objects, self.desk.bank.odfi);
        let list = list.put(objects, odfi, self.slot.date, batch.key).await?;
        batch.members = Some(list);
        Ok(())
    }

    /// Stores the parts; a cut that took nothing has none.
    async fn put(self, frozen: &mut FrozenCut) -> Result<()> {
        let (desk, slot) = (self.desk, self.slot);
        let (objects, window) = (&*desk.ports.objects, slot.window.to_string());
        frozen.entries = self.entries.put(objects, slot.date, &window).await?;
        let Some(names) = self.names.end()? else {
            return Ok(());
        };
        let name = names::receivers(desk.bank.odfi, slot.date, slot.window);
        let files = names::outbound_prefix(desk.bank.odfi, slot.date, slot.window);
        let was_frozen = !objects.list(&files).await?.is_empty();
        frozen.names = Some(receivers::put(objects, name, names, was_frozen).await?);
        Ok(())
    }
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

/// Where an entry stands, and when its return may last come.
struct Place<'a> {
    cut: &'a CutId,
    slot: &'a Slot,
    file: &'a str,
    batch: &'a PlannedBatch,
    key: String,
    last_return_day: Date,
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
        last_return_day: Some(place.last_return_day),
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
