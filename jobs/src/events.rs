//! The events of one business date, a page at a time: the one place that knows where the next
//! page begins, and that what was said of a side of a batch happened to each of its payments.

use crate::members::Batches;
use crate::sides::{self, SideOf};
use connectors::{Error, PaymentStore};
use desk::failure::Result;
use desk::{CHUNK, Desk};
use jiff::civil::Date;
use settlement::ids::PaymentId;
use settlement::payment::{PaymentEvent, Side};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::task::JoinHandle;

/// Goes through the events of single payments, by payment and version. While one page is worked on
/// the next is read, on another thread.
pub struct SingleEvents {
    store: Arc<dyn PaymentStore>,
    date: Date,
    /// Whether *created*, *claimed* and *sent* are left out.
    unusual: bool,
    reading: Option<JoinHandle<connectors::Result<Vec<PaymentEvent>>>>,
}

impl SingleEvents {
    /// All of `date`, before the first page.
    pub fn new(store: &Arc<dyn PaymentStore>, date: Date) -> SingleEvents {
        SingleEvents {
            store: Arc::clone(store),
            date,
            unusual: false,
            reading: None,
        }
    }

    /// Those that are no step of every payment's way ([`PaymentStore::unusual_events`]).
    pub fn unusual(store: &Arc<dyn PaymentStore>, date: Date) -> SingleEvents {
        SingleEvents {
            unusual: true,
            ..SingleEvents::new(store, date)
        }
    }

    /// The next page; none after the last.
    ///
    /// # Errors
    /// Where the store does not answer, or what it reads is damaged.
    pub async fn next(&mut self) -> connectors::Result<Option<Vec<PaymentEvent>>> {
        let reading = self.reading.take().unwrap_or_else(|| self.read(None));
        let stopped = |e| Error::unavailable("events of a date", e);
        let page = reading.await.map_err(stopped)??;
        let Some(last) = page.last() else {
            self.reading = Some(tokio::spawn(async { Ok(Vec::new()) }));
            return Ok(None);
        };
        self.reading = Some(self.read(Some((last.payment, last.version))));
        Ok(Some(page))
    }

    fn read(
        &self,
        after: Option<(PaymentId, u32)>,
    ) -> JoinHandle<connectors::Result<Vec<PaymentEvent>>> {
        let (store, date, unusual) = (Arc::clone(&self.store), self.date, self.unusual);
        tokio::spawn(async move {
            match unusual {
                true => store.unusual_events(date, after, CHUNK).await,
                false => store.events(date, after, CHUNK).await,
            }
        })
    }
}

/// Goes through all that happened to payments: first what happened to single ones, then side by
/// side and in the order of traces what was said of sides.
pub struct AllEvents<'a> {
    desk: &'a Desk,
    single: SingleEvents,
    /// Of what was said of sides, which payments it is asked of.
    of: Asked,
    sides: Option<Sides>,
}

/// Of which payments what was said of sides is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Everybody,
    /// Of those with a history of their own; of the others where the bank has rejected any.
    WhereBooksMove,
}

/// The sides of which something was said, and which of their facts that is.
struct Sides {
    left: BTreeMap<Side, BTreeSet<u32>>,
    batches: Batches,
}

impl<'a> AllEvents<'a> {
    /// Before the first page of `date`.
    pub fn new(desk: &'a Desk, date: Date) -> AllEvents<'a> {
        AllEvents {
            desk,
            single: SingleEvents::new(&desk.ports.payments, date),
            of: Asked::Everybody,
            sides: None,
        }
    }

    /// Those that can move the books: single ones that are no step of every payment's way, and
    /// what was said of sides where it is about a payment with a history of its own, or a side of
    /// which the bank has rejected entries. All else that is said of a side moves money by lines of
    /// a statement, and of all of its payments alike.
    pub fn that_move_books(desk: &'a Desk, date: Date) -> AllEvents<'a> {
        AllEvents {
            desk,
            single: SingleEvents::unusual(&desk.ports.payments, date),
            of: Asked::WhereBooksMove,
            sides: None,
        }
    }

    /// The next page; none after the last.
    ///
    /// # Errors
    /// Where the store or a cut's list cannot be read.
    pub async fn next(&mut self) -> Result<Option<Vec<PaymentEvent>>> {
        let store = &*self.desk.ports.payments;
        if self.sides.is_none() {
            if let Some(page) = self.single.next().await? {
                return Ok(Some(page));
            }
            let mut left: BTreeMap<Side, BTreeSet<u32>> = BTreeMap::new();
            for (side, fact) in store.facts_of(self.single.date).await? {
                left.entry(side).or_default().insert(fact.number);
            }
            let batches = Batches::of(self.desk, left.keys().map(|side| side.batch)).await?;
            self.sides = Some(Sides { left, batches });
        }
        let Some(left) = &mut self.sides else {
            return Ok(None);
        };
        while let Some((side, numbers)) = left.left.pop_first() {
            let page = match self.of {
                Asked::Everybody => {
                    let read = SideOf::read(self.desk, &mut left.batches, side).await?;
                    read.events(store, &numbers).await?
                }
                Asked::WhereBooksMove => {
                    sides::moving(self.desk, &mut left.batches, side, &numbers).await?
                }
            };
            if !page.is_empty() {
                return Ok(Some(page));
            }
        }
        Ok(None)
    }
}
