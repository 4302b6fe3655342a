//! The payments' events of a day as a table, written while they are read.

use crate::new_part::NewPart;
use crate::records::part::Part;
use crate::stage::did;
use desk::Desk;
use desk::failure::{Result, too_large};
use formats::tables::{PaymentEvent as EventRow, PaymentEvents};
use jiff::civil::Date;
use settlement::money::Currency;
use settlement::payment::PaymentEvent;

/// The day's events on their way from the store into the table: a day has millions, and they are
/// read once.
pub struct EventRows {
    rows: NewPart<PaymentEvents>,
    currency: Currency,
}

impl EventRows {
    /// None yet.
    pub fn new(desk: &Desk) -> Result<EventRows> {
        Ok(EventRows {
            rows: NewPart::begin()?,
            currency: desk.bank.currency,
        })
    }

    /// Takes a page of them.
    pub fn take(&mut self, page: &[PaymentEvent]) -> Result<()> {
        did(page.len());
        for event in page {
            let row = event_row(event, self.currency);
            let row = row.ok_or_else(|| too_large(&event.payment.to_string()))?;
            self.rows.push(&row)?;
        }
        Ok(())
    }

    /// Writes them as a part; `None` where there are none.
    pub async fn part(self, desk: &Desk, date: Date) -> Result<Option<Part>> {
        self.rows.put(&*desk.ports.objects, date, "events").await
    }
}

/// The row of an event; `None` where a figure does not fit its column.
fn event_row(event: &PaymentEvent, currency: Currency) -> Option<EventRow<'_>> {
    Some(EventRow {
        event_date: event.date,
        at: event.at,
        payment_id: event.payment.to_string().into(),
        payment_key: event.payment.key(),
        version: i32::try_from(event.version).ok()?,
        event: event.event.kind().as_str().into(),
        from_state: event.from.as_str().into(),
        to_state: event.to.as_str().into(),
        direction: event.direction.as_str().into(),
        amount: event.amount.signed()?,
        originator: event.originator.as_str().into(),
        trace: event.entry.map(|entry| entry.trace.key()),
        batch: event.entry.map(|entry| entry.batch.to_string().into()),
        detail: event.event.sameness().into(),
        currency: Some(currency.as_str().into()),
        reference: event.reference.as_deref().map(Into::into),
    })
}
