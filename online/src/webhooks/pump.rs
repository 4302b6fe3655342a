//! The task of one endpoint: reads the feed, posts, keeps what became of it, and only then moves
//! the cursor.

use super::deliveries::{self, DONE, Delivery, EVENTS, Outcome, PLACES, Page, Place, WAITING};
use super::endpoints::{ENDPOINTS, Endpoint, Standing};
use super::post::{Attempted, Tried, posted};
use super::sender::Sender;
use super::sign::Secret;
use super::waiting::Waiting;
use super::{address, schedule, sweep};
use crate::app::App;
use crate::events::cursor::Cursor;
use crate::events::expand::{self, Whose};
use crate::events::told::{self, Told};
use crate::kept::{self, Seen};
use crate::wire::problem::{Problem, Result};
use aws_lc_rs::rand;
use http::Uri;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Requests to one endpoint at a time: what one that fails holds, and no more. One that takes
/// everything is sent twice as many the next time, so that a distant one keeps up as well.
const LEAST_AT_A_TIME: usize = 8;

/// The most requests to one endpoint at a time.
pub const MOST_AT_A_TIME: usize = 64;

/// Events that are taken together, for each request at a time: a kill sends as many again.
const TURNS: usize = 4;

/// A page at work: its name, the version that was seen, and it.
type AtWork = (String, u64, Page);

/// How long nobody looks whether something is due.
const PAUSE: Duration = Duration::from_millis(100);

/// For how long a page of which nothing arrived holds the next one back: an endpoint that is down
/// is asked now and then, not for every event. Before a page's worth of events was refused in a
/// row, until they are attempted again: it may be the event.
const HOLD: SignedDuration = SignedDuration::from_secs(60);

/// As [`HOLD`], once [`DOWN`] events in a row were not taken.
const LONG_HOLD: SignedDuration = SignedDuration::from_secs(600);

/// Events that an endpoint does not take before it is asked more seldom: the events of a day at
/// which it is down stay in the feed.
const DOWN: usize = 640;

/// Places of the feed that are passed before the cursor is kept though no event was theirs.
const PASSED: u64 = 1_000;

/// How often what is old is looked for.
const SWEEP: Duration = Duration::from_secs(60);

/// The status of an endpoint that wants nothing any more.
const GONE: u16 = 410;

/// An endpoint at work.
pub struct Pump {
    app: Arc<App>,
    endpoint: Endpoint,
    version: u64,
    url: Uri,
    secrets: Arc<Vec<Secret>>,
    sender: Arc<dyn Sender>,
    whose: Whose,
    place: Place,
    place_version: u64,
    kept_cursor: Cursor,
    waiting: Waiting,
    at_a_time: usize,
    /// Events that were refused at their first attempt since the endpoint took one.
    refused: usize,
    /// Until when no new page is begun.
    held_until: Timestamp,
    /// Until when nothing is sent at all: the endpoint has said that it has too much.
    rests_until: Timestamp,
    last_made: Timestamp,
    swept: Option<Instant>,
}

impl Pump {
    /// The pump of an endpoint as it stands, with what waits there.
    ///
    /// # Errors
    /// Where a store does not answer.
    pub async fn open(
        app: Arc<App>,
        endpoint: Seen<Endpoint>,
        whose: Whose,
        sender: Arc<dyn Sender>,
    ) -> Result<Pump> {
        let (documents, id) = (&*app.ports().documents, &endpoint.value.id);
        let place: Option<Seen<Place>> = kept::get(documents, PLACES, id).await?;
        let (place, place_version) =
            place.map_or_else(Default::default, |seen| (seen.value, seen.version));
        let waiting = Waiting::open(documents, id).await?;
        let url = address::url(&endpoint.value.url, sender.is_local());
        let secrets = endpoint.value.secrets(&app, app.wall()).await?;
        Ok(Pump {
            url: url.unwrap_or_default(),
            secrets: Arc::new(secrets),
            kept_cursor: place.cursor.into(),
            waiting,
            at_a_time: LEAST_AT_A_TIME,
            refused: 0,
            held_until: Timestamp::MIN,
            rests_until: Timestamp::MIN,
            last_made: Timestamp::MIN,
            swept: None,
            app,
            version: endpoint.version,
            endpoint: endpoint.value,
            sender,
            whose,
            place,
            place_version,
        })
    }

    /// Works until it is stopped from outside, or the endpoint is disabled.
    ///
    /// # Errors
    /// Where a store does not answer, or somebody else works for the endpoint.
    pub async fn run(mut self) -> Result<()> {
        let opened = self.app.wall();
        let ends = self.endpoint.secrets.iter();
        let ends: Vec<Timestamp> = ends.filter_map(|one| one.until).collect();
        loop {
            let now = self.app.wall();
            // A secret whose day is over signs no more: the pump is opened anew without it.
            if ends.iter().any(|end| (opened..=now).contains(end)) {
                return Ok(());
            }
            let rests = self.rests_until > now;
            let again = !rests && self.again(now).await?;
            let new = match !rests && self.may_take(now) {
                true => self.replay(now).await? || self.take(now).await?,
                false => false,
            };
            if self.endpoint.standing != Standing::Enabled {
                return Ok(());
            }
            if !again && !new {
                self.sweep(now).await?;
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    fn may_take(&self, now: Timestamp) -> bool {
        self.waiting.has_room() && self.held_until <= now
    }

    /// How many events are taken together.
    fn together(&self) -> usize {
        self.at_a_time.saturating_mul(TURNS) // saturates: at most 64 x 4
    }

    /// Attempts what is due of the pages that have been due for longest; whether there were any.
    async fn again(&mut self, now: Timestamp) -> Result<bool> {
        let app = Arc::clone(&self.app);
        let documents = &*app.ports().documents;
        let (mut pages, mut bodies) = (Vec::new(), BTreeMap::new());
        while pages.len() < self.at_a_time && bodies.len() < self.together() {
            let Some(name) = self.waiting.due(now) else {
                break;
            };
            let Some(Seen { version, value, .. }) = kept::get(documents, WAITING, &name).await?
            else {
                continue;
            };
            let page: Page = value;
            for delivery in page.deliveries.iter().filter(|one| is_due(one, now)) {
                if let Some(told) = self.told(&delivery.event).await? {
                    bodies.insert(delivery.event.clone(), told::body(&told));
                }
            }
            pages.push((name, version, page));
        }
        if pages.is_empty() {
            return Ok(false);
        }
        let tried = self.attempt(pages, &bodies, now).await?;
        // What failed before and fails again tells of nothing but itself.
        if tried.arrived > 0 {
            self.hold(&tried);
        }
        Ok(true)
    }

    /// The event of an id.
    async fn told(&self, id: &str) -> Result<Option<Told>> {
        let Some((payment, version)) = id.rsplit_once('-') else {
            return Ok(None);
        };
        match (payment.parse(), version.parse()) {
            (Ok(payment), Ok(version)) => {
                expand::one(&self.app, &self.whose, payment, version).await
            }
            _ => Ok(None),
        }
    }

    /// Takes the next page of the feed; whether there was something in it.
    async fn take(&mut self, now: Timestamp) -> Result<bool> {
        let app = Arc::clone(&self.app);
        let cursor: Cursor = self.place.cursor.into();
        if !app
            .feed
            .goes_on(&*app.ports().payments, cursor.place)
            .await?
        {
            return Ok(false);
        }
        let found = expand::page(&app, &self.whose, cursor, self.together()).await?;
        let moved = found.next != cursor;
        self.place.cursor = found.next.into();
        if found.events.is_empty() {
            // saturates: a cursor never goes back
            let passed = found.next.place.saturating_sub(self.kept_cursor.place);
            if passed >= PASSED {
                self.keep_place().await?;
            }
            return Ok(moved);
        }
        let events = found.events.iter();
        let bodies: BTreeMap<String, Value> = events
            .map(|told| (told::id(&told.event), told::body(told)))
            .collect();
        let pages = found.events.chunks(EVENTS).map(|events| {
            let events = events.iter();
            let deliveries = events.map(|told| {
                Delivery::new(told::id(&told.event), told::kind(&told.event.event), now)
            });
            deliveries.collect()
        });
        self.first(pages.collect(), &bodies, now).await?;
        self.keep_place().await?;
        Ok(true)
    }

    /// Attempts pages for the first time.
    async fn first(
        &mut self,
        pages: Vec<Vec<Delivery>>,
        bodies: &BTreeMap<String, Value>,
        now: Timestamp,
    ) -> Result<()> {
        let pages = pages.into_iter().map(|deliveries| {
            // No two pages of an endpoint are of one moment: they would have one name.
            let tick = SignedDuration::from_micros(1);
            let after = self.last_made.checked_add(tick).unwrap_or(now);
            let made_at = now.max(after);
            self.last_made = made_at;
            let name = deliveries::kept_as(&self.endpoint.id, made_at);
            let page = Page {
                made_at,
                deliveries,
            };
            (name, 0, page)
        });
        let pages = pages.collect();
        let tried = self.attempt(pages, bodies, now).await?;
        self.refused = self.refused.saturating_add(tried.failed); // saturates: far above DOWN
        self.hold(&tried);
        Ok(())
    }

    /// Makes one page of a replay that was asked for; whether there was one.
    async fn replay(&mut self, now: Timestamp) -> Result<bool> {
        let Some(replay) = self.endpoint.replay.clone() else {
            return Ok(false);
        };
        let after = match &self.place.replayed {
            Some((number, None)) if *number == replay.number => return Ok(false),
            Some((number, after)) if *number == replay.number => after.clone(),
            _ => None,
        };
        let days = (deliveries::day(replay.from), deliveries::day(replay.to));
        let documents = &*self.app.ports().documents;
        let id = &self.endpoint.id;
        let found = deliveries::done(documents, id, now, days, after.as_deref(), 1).await?;
        let Some(old) = found.into_iter().next() else {
            self.place.replayed = Some((replay.number, None));
            self.keep_place().await?;
            return Ok(true);
        };
        let deliveries = deliveries::wanted(&replay, &old.value, now);
        if !deliveries.is_empty() {
            let mut bodies = BTreeMap::new();
            for delivery in &deliveries {
                if let Some(told) = self.told(&delivery.event).await? {
                    bodies.insert(delivery.event.clone(), told::body(&told));
                }
            }
            self.first(vec![deliveries], &bodies, now).await?;
        }
        self.place.replayed = Some((replay.number, Some(old.name)));
        self.keep_place().await?;
        Ok(true)
    }

    /// Posts what is due of pages and keeps what became of it.
    async fn attempt(
        &mut self,
        mut pages: Vec<AtWork>,
        bodies: &BTreeMap<String, Value>,
        now: Timestamp,
    ) -> Result<Tried> {
        let due = pages.iter().enumerate().flat_map(|(page, (_, _, of))| {
            let due = of.deliveries.iter().enumerate();
            let due = due.filter(|(_, one)| is_due(one, now));
            due.map(move |(at, one)| (page, at, one.event.clone()))
        });
        let due: Vec<(usize, usize, String)> = due.collect();
        let (mut due, mut tasks) = (due.into_iter(), JoinSet::new());
        let (mut tried, mut silent) = (Tried::default(), false);
        loop {
            // Where nobody answers, what has been attempted is kept first; the rest is due still.
            let goes_on = tried.arrived > 0 || !silent;
            let goes_on = goes_on && self.endpoint.standing == Standing::Enabled;
            while tasks.len() < self.at_a_time && goes_on {
                let Some((page, at, event)) = due.next() else {
                    break;
                };
                let Some(body) = bodies.get(&event) else {
                    // Whose it was may see it no more: there is nothing to be told.
                    if let Some(one) = delivery(&mut pages, page, at) {
                        (one.outcome, one.due) = (Outcome::Failed, None);
                    }
                    continue;
                };
                let post = self.post(event, body);
                tasks.spawn(async move { (page, at, post.await) });
            }
            let Some(done) = tasks.join_next().await else {
                break;
            };
            let (page, at, done) =
                done.map_err(|_| Problem::new("internal", "a request stopped"))?;
            if let Some(one) = delivery(&mut pages, page, at) {
                silent |= done.attempt.fault.is_some();
                tried.count(self.note(one, done).await?);
            }
        }
        self.at_a_time = match (tried.arrived, tried.failed) {
            // saturates: at the most
            (_, 0) => self.at_a_time.saturating_mul(2).min(MOST_AT_A_TIME),
            (0, _) => LEAST_AT_A_TIME,
            _ => self.at_a_time,
        };
        tried.due = pages.iter().filter_map(|(_, _, page)| page.due()).min();
        for (name, version, page) in pages {
            self.keep(&name, version, page).await?;
        }
        Ok(tried)
    }

    /// A request, on its way once it is awaited.
    fn post(&self, event: String, body: &Value) -> impl Future<Output = Attempted> + use<> {
        let (app, url) = (Arc::clone(&self.app), self.url.clone());
        let (sender, secrets) = (Arc::clone(&self.sender), Arc::clone(&self.secrets));
        let body = body.to_string();
        async move { posted(&app, &*sender, url, &secrets, event, body).await }
    }

    /// Notes what became of an attempt; whether the endpoint took the event.
    async fn note(&mut self, one: &mut Delivery, done: Attempted) -> Result<bool> {
        let (now, status) = (self.app.wall(), done.attempt.status);
        one.attempts.push(done.attempt);
        one.answer = done.answer;
        if status.is_some_and(|status| (200..300).contains(&status)) {
            (one.outcome, one.due) = (Outcome::Delivered, None);
            return Ok(true);
        }
        one.due = schedule::next(one.attempts.len(), now, chance(), done.wanted);
        if one.due.is_none() {
            one.outcome = Outcome::Failed;
            let (event, webhook) = (&one.event, &self.endpoint.id);
            tracing::warn!(event, webhook, "an event was given up: replay delivers it");
        }
        if let Some(rest) = schedule::rest(status, done.wanted) {
            let until = now.checked_add(rest).unwrap_or(now);
            self.rests_until = self.rests_until.max(until);
        }
        if status == Some(GONE) && self.endpoint.standing == Standing::Enabled {
            self.endpoint.standing = Standing::Disabled;
            self.endpoint.why = Some("the endpoint answered 410: it is gone".to_owned());
            let (documents, name) = (&*self.app.ports().documents, self.endpoint.kept_as());
            let put = kept::put(documents, ENDPOINTS, &name, self.version, &self.endpoint).await;
            match put {
                // Somebody changes it at this moment: what they say counts.
                Err(problem) if problem.code == "changed-meanwhile" => {}
                other => self.version = other?,
            }
        }
        Ok(false)
    }

    /// Holds the next new page back where nothing arrived, and no more once something has.
    fn hold(&mut self, tried: &Tried) {
        if tried.arrived > 0 {
            (self.refused, self.held_until) = (0, Timestamp::MIN);
            return;
        }
        if tried.failed == 0 {
            return;
        }
        let now = self.app.wall();
        let until = match self.refused {
            ..EVENTS => tried.due,
            EVENTS..DOWN => now.checked_add(HOLD).ok(),
            DOWN.. => now.checked_add(LONG_HOLD).ok(),
        };
        self.held_until = until.map_or(self.held_until, |until| until.max(self.held_until));
    }

    /// Keeps a page: as waiting, or as done.
    async fn keep(&mut self, name: &str, version: u64, page: Page) -> Result<()> {
        let documents = &*self.app.ports().documents;
        if let Some(due) = page.due() {
            kept::put(documents, WAITING, name, version, &page).await?;
            self.waiting.keep(due, name, page.waiting());
            return Ok(());
        }
        match kept::put(documents, DONE, name, 0, &page).await {
            // It was kept before a death that left it as waiting; told twice, it is the same.
            Err(problem) if problem.code == "changed-meanwhile" && version > 0 => {}
            other => drop(other?),
        }
        if version > 0 {
            kept::remove(documents, WAITING, name, version).await?;
        }
        Ok(())
    }

    async fn keep_place(&mut self) -> Result<()> {
        let (documents, id) = (&*self.app.ports().documents, &self.endpoint.id);
        let version = self.place_version;
        self.place_version = kept::put(documents, PLACES, id, version, &self.place).await?;
        self.kept_cursor = self.place.cursor.into();
        Ok(())
    }

    async fn sweep(&mut self, now: Timestamp) -> Result<()> {
        let is_over = |at: Instant| at.elapsed() >= SWEEP;
        if self.swept.is_none_or(is_over) {
            self.swept = Some(Instant::now());
            sweep::old(&self.app, &self.endpoint, now).await?;
        }
        Ok(())
    }
}

/// A delivery of pages at work.
fn delivery(pages: &mut [AtWork], page: usize, at: usize) -> Option<&mut Delivery> {
    let (_, _, page) = pages.get_mut(page)?;
    page.deliveries.get_mut(at)
}

fn is_due(one: &Delivery, now: Timestamp) -> bool {
    one.outcome == Outcome::Waiting && one.due.is_some_and(|due| due <= now)
}

/// Any number, for jitter.
fn chance() -> u8 {
    let mut byte = [0];
    // Without random numbers all come back at once, and that is all.
    let _ = rand::fill(&mut byte);
    byte[0]
}
