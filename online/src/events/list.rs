//! `GET /v1/events`: the feed, read from a cursor, and waited for.

use super::cursor::Cursor;
use super::expand::{Page, Whose, page};
use super::known::{LOOK, end_of};
use super::told::{self, TYPES, Told};
use crate::app::App;
use crate::callers::Caller;
use crate::wire::fields::{Wrong, wrong};
use crate::wire::problem::{Problem, Result};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// Events of a page at most, and where nothing is said.
const MOST: usize = 200;
const USUAL: usize = 50;

/// Seconds that a request may wait for an event.
const MOST_WAIT: u64 = 30;

/// The word for a cursor behind everything that has happened by now.
const LATEST: &str = "latest";

/// What is asked for.
struct Wanted {
    /// None is the end.
    after: Option<Cursor>,
    types: BTreeSet<String>,
    limit: usize,
    wait: Duration,
}

impl Wanted {
    fn of(query: &BTreeMap<String, String>) -> Result<Wanted> {
        let mut wanted = Wanted {
            after: Some(Cursor::default()),
            types: BTreeSet::new(),
            limit: USUAL,
            wait: Duration::ZERO,
        };
        let mut faults: Vec<Wrong> = Vec::new();
        for (name, value) in query {
            if let Err(message) = wanted.take(name, value) {
                faults.push(wrong(name.as_str(), "query", message));
            }
        }
        match faults.is_empty() {
            true => Ok(wanted),
            false => Err(Problem {
                errors: faults,
                ..Problem::new("bad-query", "a part of the query is wrong")
            }),
        }
    }

    fn take(&mut self, name: &str, value: &str) -> std::result::Result<(), &'static str> {
        let number = |most: u64, least: u64| {
            let number = value.parse().ok();
            number.filter(|number| (least..=most).contains(number))
        };
        match name {
            "after" if value == LATEST => self.after = None,
            "after" => {
                let why = "must be what next or cursor said, or latest";
                self.after = Some(value.parse().map_err(|_| why)?);
            }
            "types" => {
                for one in value.split(',') {
                    let known = TYPES.contains(&one);
                    let why = "must be types of events with commas between them";
                    known.then_some(()).ok_or(why)?;
                    self.types.insert(one.to_owned());
                }
            }
            "limit" => {
                let limit = number(MOST as u64, 1).ok_or("must be from 1 to 200")?;
                self.limit = usize::try_from(limit).unwrap_or(MOST);
            }
            "wait" => {
                let wait = number(MOST_WAIT, 0).ok_or("must be from 0 to 30")?;
                self.wait = Duration::from_secs(wait);
            }
            _ => return Err("there is no such parameter; leave it out"),
        }
        Ok(())
    }
}

/// The events of the caller's payments after a cursor, in the order in which they became durable.
///
/// # Errors
/// `bad-query`.
pub async fn list(app: &App, caller: &Caller, query: &BTreeMap<String, String>) -> Result<Value> {
    caller.may("payments:read")?;
    let wanted = Wanted::of(query)?;
    let whose = Whose::of(caller.merchant.as_ref(), wanted.types.clone());
    let after = match wanted.after {
        Some(after) => after,
        None => Cursor {
            place: end_of(&*app.ports().payments, 0).await?,
            given: 0,
        },
    };
    let found = waited(app, &whose, after, &wanted).await?;
    Ok(json!({
        "data": found.events.iter().map(view).collect::<Vec<Value>>(),
        "cursor": found.next.to_string(),
        "more": !found.ended,
        "next": next(query, found.next),
    }))
}

/// A page with something in it, or what there is when the time is over.
async fn waited(app: &App, whose: &Whose, after: Cursor, wanted: &Wanted) -> Result<Page> {
    let started = Instant::now();
    let mut found = page(app, whose, after, wanted.limit).await?;
    let Ok(_turn) = app.feed.turns.try_acquire() else {
        return Ok(found);
    };
    let over = || started.elapsed() >= wanted.wait || app.hooks.is_ending();
    while found.events.is_empty() && !over() {
        let store = &*app.ports().payments;
        if found.ended && !app.feed.goes_on(store, found.next.place).await? {
            tokio::time::sleep(LOOK).await;
            continue;
        }
        found = page(app, whose, found.next, wanted.limit).await?;
    }
    Ok(found)
}

/// An event in JSON: a webhook's body, and the id that the webhook has.
fn view(told: &Told) -> Value {
    let mut view = told::body(told);
    view["id"] = json!(told::id(&told.event));
    view
}

/// The address of the page behind: there always is one, since more will happen.
fn next(query: &BTreeMap<String, String>, cursor: Cursor) -> String {
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    for (name, value) in query.iter().filter(|(name, _)| *name != "after") {
        pairs.append_pair(name, value);
    }
    pairs.append_pair("after", &cursor.to_string());
    format!("/v1/events?{}", pairs.finish())
}
