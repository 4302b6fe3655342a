//! The events of one business date, a page at a time: the one place that knows where the next
//! page begins, and that what was said of a side of a batch happened to each of its payments.

use crate::members::Batches;
use crate::sides::SideOf;
use connectors::PaymentStore;
use desk::failure::Result;
use desk::{CHUNK, Desk};
use jiff::civil::Date;
use settlement::ids::PaymentId;
use settlement::payment::{PaymentEvent, Side};
use std::collections::{BTreeMap, BTreeSet};

/// Goes through the events of single payments, by payment and version.
pub struct SingleEvents<'a> {
    store: &'a dyn PaymentStore,
    date: Date,
    after: Option<(PaymentId, u32)>,
}

impl<'a> SingleEvents<'a> {
    /// Before the first page of `date`.
    pub const fn new(store: &'a dyn PaymentStore, date: Date) -> SingleEvents<'a> {
        SingleEvents {
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

/// Goes through all that happened to payments: first what happened to single ones, then side by
/// side and in the order of traces what was said of sides.
pub struct AllEvents<'a> {
    desk: &'a Desk,
    single: SingleEvents<'a>,
    sides: Option<Sides>,
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
            single: SingleEvents::new(&*desk.ports.payments, date),
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
        let Some(sides) = &mut self.sides else {
            return Ok(None);
        };
        while let Some((side, numbers)) = sides.left.pop_first() {
            let read = SideOf::read(self.desk, &mut sides.batches, side).await?;
            let page = read.events(store, &numbers).await?;
            if !page.is_empty() {
                return Ok(Some(page));
            }
        }
        Ok(None)
    }
}
