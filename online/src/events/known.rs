//! What is known of the feed: where it ends, and who stands in the batches that it tells of.

use crate::wire::problem::Result;
use connectors::{PaymentStore, Result as PortResult};
use desk::Desk;
use desk::members::{self, Listed, Member};
use jiff::civil::Date;
use settlement::ids::BatchKey;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// How often the store is asked whether something was added, whoever waits for it: a tenth of what
/// a person notices.
pub const LOOK: Duration = Duration::from_millis(100);

/// Requests that wait for an event at a time; one more is answered at once.
const WAITING: usize = 256;

/// Dates of which the batches are remembered: those on which something is open, and more.
const MOST_DATES: usize = 64;

/// Lists that are remembered: of 2,500 payments each, some 200 kB.
const MOST_LISTS: usize = 8;

type Batches = Arc<BTreeMap<BatchKey, Listed>>;

/// What is known of the feed by now.
pub struct Feed {
    end: tokio::sync::Mutex<(u64, Option<Instant>)>,
    /// A turn for each request that waits.
    pub turns: Semaphore,
    dates: Mutex<BTreeMap<(String, Date), Batches>>,
    lists: Mutex<BTreeMap<String, Arc<Vec<Member>>>>,
}

impl Default for Feed {
    fn default() -> Feed {
        Feed {
            end: tokio::sync::Mutex::default(),
            turns: Semaphore::new(WAITING),
            dates: Mutex::default(),
            lists: Mutex::default(),
        }
    }
}

impl Feed {
    /// Whether there is something behind a place. The answer may be [`LOOK`] old.
    ///
    /// # Errors
    /// Where the store does not answer.
    pub async fn goes_on(&self, store: &dyn PaymentStore, place: u64) -> PortResult<bool> {
        let mut end = self.end.lock().await;
        let now = Instant::now();
        let young = |at: Instant| now.saturating_duration_since(at) < LOOK;
        if end.0 <= place && !end.1.is_some_and(young) {
            *end = (end_of(store, end.0).await?, Some(now));
        }
        Ok(end.0 > place)
    }

    /// The batches of the date of `key` at a desk, that one among them if any cut has frozen it.
    ///
    /// # Errors
    /// Where the cuts cannot be read.
    pub async fn batch(&self, desk: &Desk, key: BatchKey) -> Result<Option<Listed>> {
        let of = (desk.place.clone(), key.date());
        let known = lock(&self.dates).get(&of).cloned();
        if let Some(found) = known.and_then(|known| known.get(&key).cloned()) {
            return Ok(Some(found));
        }
        // Another window of the date may have been cut since.
        let read = Arc::new(members::batches_of(desk, key.date()).await?);
        let found = read.get(&key).cloned();
        let mut dates = lock(&self.dates);
        if dates.len() >= MOST_DATES {
            dates.clear();
        }
        dates.insert(of, read);
        Ok(found)
    }

    /// The members of a batch whose cut has a list, in the order of their traces.
    ///
    /// # Errors
    /// Where the list is gone or another.
    pub async fn members(&self, desk: &Desk, listed: &Listed) -> Result<Arc<Vec<Member>>> {
        let Some(list) = &listed.list else {
            return Ok(Arc::default());
        };
        // The hash is part of the name.
        let name = list.name.to_string();
        if let Some(known) = lock(&self.lists).get(&name) {
            return Ok(Arc::clone(known));
        }
        let read = Arc::new(members::listed(&*desk.ports.objects, list).await?);
        let mut lists = lock(&self.lists);
        if lists.len() >= MOST_LISTS {
            lists.clear();
        }
        lists.insert(name, Arc::clone(&read));
        Ok(read)
    }
}

fn lock<T>(of: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The last place of the feed at or behind `from`: doubled steps until nothing is behind one, then
/// halves; some twenty reads of one row.
///
/// # Errors
/// Where the store does not answer.
pub async fn end_of(store: &dyn PaymentStore, from: u64) -> PortResult<u64> {
    let after = async |place: u64| PortResult::Ok(store.feed(place, 1).await?.pop());
    let (mut low, mut step) = (from, 1);
    let mut high = loop {
        let high = low.saturating_add(step);
        match after(high).await? {
            None => break high,
            Some((place, _)) => low = place,
        }
        step = step.saturating_mul(2);
    };
    while low < high {
        // saturates: both are places of one feed
        let middle = low.saturating_add(high.saturating_sub(low) / 2);
        match after(middle).await? {
            None => high = middle,
            Some((place, _)) => low = place,
        }
    }
    Ok(low)
}
