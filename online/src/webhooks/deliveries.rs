//! What became of events at an endpoint, a page of them a document.
//!
//! A page is what was read from the feed at once: so the one write that makes it durable is shared
//! by all of its events. While any of them waits it is in [`WAITING`], of which an endpoint has
//! only so many; then it is in [`DONE`], by day and the newest first, until it is old.

use super::endpoints::{Replay, Standing};
use crate::events::cursor::Cursor;
use crate::kept::{self, Seen};
use crate::wire::problem::Result;
use connectors::Documents;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde::{Deserialize, Serialize};

/// Pages of which something waits.
pub const WAITING: &str = "webhook-waiting";

/// Pages of which nothing waits.
pub const DONE: &str = "webhook-deliveries";

/// How far the endpoints are.
pub const PLACES: &str = "webhook-places";

/// Events of a page: with ten attempts each, and what was answered, it still is a document.
pub const EVENTS: usize = 32;

/// Days for which pages are kept, and those with something that was given up.
pub const KEPT_DAYS: i64 = 7;
/// See [`KEPT_DAYS`].
pub const KEPT_FAILED_DAYS: i64 = 30;

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is attempted again.
    Waiting,
    /// The endpoint took it.
    Delivered,
    /// It was given up.
    Failed,
}

/// An attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attempt {
    /// When.
    pub at: Timestamp,
    /// What was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<String>,
    /// Milliseconds that it took.
    pub ms: u64,
}

/// An event on its way to an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// The event's id, which is the webhook's.
    pub event: String,
    /// Its type.
    pub kind: String,
    /// Where it stands.
    pub outcome: Outcome,
    /// The attempts, the oldest first.
    pub attempts: Vec<Attempt>,
    /// The first bytes of what was answered last, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// When it is attempted again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
}

/// Deliveries that were first attempted together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// When.
    pub made_at: Timestamp,
    /// They.
    pub deliveries: Vec<Delivery>,
}

impl Delivery {
    /// An event that was not attempted yet.
    pub fn new(event: String, kind: &str, now: Timestamp) -> Delivery {
        Delivery {
            event,
            kind: kind.to_owned(),
            outcome: Outcome::Waiting,
            attempts: Vec::new(),
            answer: None,
            due: Some(now),
        }
    }
}

impl Page {
    /// When something of it is attempted next; `None` where nothing waits.
    pub fn due(&self) -> Option<Timestamp> {
        let waiting = self.deliveries.iter();
        let waiting = waiting.filter(|one| one.outcome == Outcome::Waiting);
        waiting.filter_map(|one| one.due).min()
    }

    /// How much of it waits.
    pub fn waiting(&self) -> usize {
        let all = self.deliveries.iter();
        all.filter(|one| one.outcome == Outcome::Waiting).count()
    }

    /// Whether something of it was given up.
    pub fn has_failed(&self) -> bool {
        let mut all = self.deliveries.iter();
        all.any(|one| one.outcome == Outcome::Failed)
    }
}

/// How far an endpoint's pump is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// Everything before this cursor was attempted, and what became of it is kept.
    pub cursor: PlaceOf,
    /// The replay that was begun last, and the page behind which it goes on; none once it is done.
    #[serde(default)]
    pub replayed: Option<(u64, Option<String>)>,
}

/// A cursor as it is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceOf {
    place: u64,
    given: u32,
}

impl From<Cursor> for PlaceOf {
    fn from(Cursor { place, given }: Cursor) -> PlaceOf {
        PlaceOf { place, given }
    }
}

impl From<PlaceOf> for Cursor {
    fn from(PlaceOf { place, given }: PlaceOf) -> Cursor {
        Cursor { place, given }
    }
}

/// The day of a moment, in UTC: pages are kept by it.
pub fn day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}

/// What a page is kept as: by day, and there the newest first.
pub fn kept_as(endpoint: &str, made_at: Timestamp) -> String {
    // saturates: no moment is after the last one
    let before_end = Timestamp::MAX
        .as_microsecond()
        .saturating_sub(made_at.as_microsecond());
    format!("{endpoint}/{}/{before_end:020}", day(made_at))
}

/// The days of which something may be kept, the newest first.
pub fn days(now: Timestamp) -> impl Iterator<Item = Date> {
    let today = day(now);
    // A day more on either side: clocks of two servers may differ.
    let from = today.tomorrow().unwrap_or(today);
    (0..=KEPT_FAILED_DAYS.saturating_add(2))
        .filter_map(move |back| from.checked_sub(Span::new().try_days(back).ok()?).ok())
}

/// At most `limit` pages in which nothing waits, the newest first, after the one kept as `after`,
/// first attempted on a day from `first` to `last`.
///
/// # Errors
/// Where the store does not answer.
pub async fn done(
    documents: &dyn Documents,
    endpoint: &str,
    now: Timestamp,
    (first, last): (Date, Date),
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<Seen<Page>>> {
    let mut found: Vec<Seen<Page>> = Vec::new();
    let within = |day: &Date| (first..=last).contains(day);
    for day in days(now).filter(within) {
        let prefix = format!("{endpoint}/{day}/");
        // Days go down: what is before the page's own is done.
        if after.is_some_and(|after| !after.starts_with(&prefix) && *after < *prefix) {
            continue;
        }
        let after = after.filter(|after| after.starts_with(&prefix));
        let left = limit.saturating_sub(found.len()); // saturates: then the list is full
        found.extend(kept::list(documents, DONE, &prefix, after, left).await?);
        if found.len() >= limit {
            break;
        }
    }
    Ok(found)
}

/// What of a page is to be made once more.
pub fn wanted(replay: &Replay, page: &Page, now: Timestamp) -> Vec<Delivery> {
    if !(replay.from..replay.to).contains(&page.made_at) {
        return Vec::new();
    }
    let all = page.deliveries.iter();
    let wanted = all.filter(|one| !replay.failed || one.outcome == Outcome::Failed);
    wanted
        .map(|one| Delivery::new(one.event.clone(), &one.kind, now))
        .collect()
}

/// Whether a page that is this old is still kept.
pub fn is_kept(page: &Page, now: Timestamp, standing: Standing) -> bool {
    let days = match page.has_failed() {
        true => KEPT_FAILED_DAYS,
        false => KEPT_DAYS,
    };
    let span = Span::new().hours(days.saturating_mul(24));
    let end = page.made_at.checked_add(span).unwrap_or(Timestamp::MAX);
    standing != Standing::Removed && now < end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhooks::schedule::DELAYS;
    use crate::webhooks::sender::KEPT_BYTES;
    use connectors::DOCUMENT_BYTES;

    #[test]
    fn the_largest_page_is_a_document() {
        let at: Timestamp = "2026-11-27T01:02:03.123456789Z".parse().unwrap();
        let attempt = Attempt {
            at,
            status: None,
            fault: Some("connection_broken".to_owned()),
            ms: 15_000,
        };
        let delivery = Delivery {
            event: "0CNGE8NHR5R80-4294967295".to_owned(),
            kind: "payment.settlement_undone".to_owned(),
            outcome: Outcome::Waiting,
            attempts: vec![attempt; DELAYS.len()],
            // Quotes take two bytes each in JSON.
            answer: Some("\"".repeat(KEPT_BYTES)),
            due: Some(at),
        };
        let page = Page {
            made_at: at,
            deliveries: vec![delivery; EVENTS],
        };
        let bytes = serde_json::to_vec(&page).unwrap().len();
        assert!(bytes < DOCUMENT_BYTES, "{bytes}");
    }

    #[test]
    fn pages_are_listed_the_newest_first() {
        let at = |text: &str| kept_as("e", text.parse().unwrap());
        assert!(at("2026-11-27T02:00:00Z") < at("2026-11-27T01:59:59.999999Z"));
        let all: Vec<Date> = days("2026-11-27T02:00:00Z".parse().unwrap()).collect();
        assert!(all.windows(2).all(|two| two[0] > two[1]));
        assert_eq!(
            all.first().map(Date::to_string),
            Some("2026-11-28".to_owned())
        );
    }

    #[test]
    fn what_was_given_up_is_kept_longer() {
        let made_at: Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
        let mut page = Page {
            made_at,
            deliveries: vec![Delivery::new("e-1".to_owned(), "payment.created", made_at)],
        };
        let after = |days: i64| made_at + Span::new().hours(days * 24);
        assert!(is_kept(&page, after(6), Standing::Enabled));
        assert!(!is_kept(&page, after(7), Standing::Enabled));
        page.deliveries[0].outcome = Outcome::Failed;
        assert!(is_kept(&page, after(29), Standing::Disabled));
        assert!(!is_kept(&page, after(30), Standing::Enabled));
        assert!(!is_kept(&page, after(1), Standing::Removed));
    }
}
