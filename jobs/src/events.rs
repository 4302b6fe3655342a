//! The events of one business date, a page at a time: the one place that knows where the next
//! page begins.

use connectors::PaymentStore;
use desk::CHUNK;
use jiff::civil::Date;
use settlement::ids::PaymentId;
use settlement::payment::PaymentEvent;

/// Goes through the events of a date, by payment and version.
pub struct EventsOf<'a> {
    store: &'a dyn PaymentStore,
    date: Date,
    after: Option<(PaymentId, u32)>,
}

impl<'a> EventsOf<'a> {
    /// Before the first page of `date`.
    pub fn new(store: &'a dyn PaymentStore, date: Date) -> EventsOf<'a> {
        EventsOf {
            store,
            date,
            after: None,
        }
    }

    /// The next page; none after the last.
    ///
    /// # Errors
    /// Where the store does not answer, or what it reads is damaged.
    pub async fn next(&mut self) -> connectors::Result<Option<Vec<PaymentEvent>>> {
        let page = self.store.events(self.date, self.after, CHUNK).await?;
        let Some(last) = page.last() else {
            return Ok(None);
        };
        self.after = Some((last.payment, last.version));
        Ok(Some(page))
    }
}
