//! What waits at one endpoint: when, and how much. The pages themselves stay in the store, and are
//! read once they are due.

use super::deliveries::{EVENTS, Page, WAITING};
use crate::kept::{self, Seen};
use crate::wire::problem::Result;
use connectors::Documents;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Events of an endpoint that may wait; where as many do, the cursor stands still. What an endpoint
/// never takes is attempted for three days: under a bound that is small, a few such events would
/// hold back everything.
const MOST: usize = 1 << 16;

/// Pages that are read at a time when a server starts.
const AT_A_TIME: usize = 64;

/// Pages by the moment at which something of them is due, and how much of each waits.
#[derive(Debug, Default)]
pub struct Waiting {
    pages: BTreeMap<(Timestamp, String), usize>,
    events: usize,
}

impl Waiting {
    /// What waits at an endpoint.
    ///
    /// # Errors
    /// Where the store does not answer.
    pub async fn open(documents: &dyn Documents, endpoint: &str) -> Result<Waiting> {
        let (mut waiting, prefix) = (Waiting::default(), format!("{endpoint}/"));
        let mut after: Option<String> = None;
        loop {
            let pages: Vec<Seen<Page>> =
                kept::list(documents, WAITING, &prefix, after.as_deref(), AT_A_TIME).await?;
            for page in &pages {
                // One of which nothing is due was to be removed: it is, once it is looked at.
                let due = page.value.due().unwrap_or(Timestamp::MIN);
                waiting.keep(due, &page.name, page.value.waiting());
            }
            match pages.last().filter(|_| pages.len() == AT_A_TIME) {
                Some(last) => after = Some(last.name.clone()),
                None => return Ok(waiting),
            }
        }
    }

    /// Whether more may come to wait.
    pub fn has_room(&self) -> bool {
        self.events < MOST
    }

    /// A page of which `events` wait, the next of them until `due`.
    pub fn keep(&mut self, due: Timestamp, page: &str, events: usize) {
        debug_assert!(events <= EVENTS);
        let before = self.pages.insert((due, page.to_owned()), events);
        debug_assert!(before.is_none(), "a page waits once");
        self.events = self.events.saturating_add(events); // saturates: far above every bound
    }

    /// Takes out the page that has been due for longest, by its name.
    pub fn due(&mut self, now: Timestamp) -> Option<String> {
        let first = self.pages.first_entry()?;
        if first.key().0 > now {
            return None;
        }
        let ((_, page), events) = first.remove_entry();
        self.events = self.events.saturating_sub(events); // saturates: each was added
        Some(page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn what_has_been_due_for_longest_comes_first_and_is_counted_no_more() {
        let mut waiting = Waiting::default();
        waiting.keep(at(30), "b", 2);
        waiting.keep(at(10), "c", 1);
        waiting.keep(at(20), "a", 3);
        assert_eq!(waiting.events, 6);
        assert_eq!(waiting.due(at(9)), None);
        assert_eq!(waiting.due(at(25)), Some("c".to_owned()));
        assert_eq!(waiting.due(at(25)), Some("a".to_owned()));
        assert_eq!(waiting.due(at(25)), None);
        assert_eq!(waiting.events, 2);
    }

    #[test]
    fn what_waits_is_bounded() {
        let mut waiting = Waiting::default();
        for page in 0..MOST / EVENTS {
            assert!(waiting.has_room());
            waiting.keep(at(2), &page.to_string(), EVENTS);
        }
        assert!(!waiting.has_room());
        waiting.due(at(2));
        assert!(waiting.has_room());
    }
}
