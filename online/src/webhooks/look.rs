//! What anybody may look at: deliveries of their own endpoints, and the public keys of all.

use super::deliveries::{self, Delivery, Outcome, Page, WAITING};
use super::endpoints::{self, Endpoint};
use crate::app::App;
use crate::callers::Caller;
use crate::kept::{self, Seen};
use crate::wire::fields::wrong;
use crate::wire::problem::{Problem, Result};
use jiff::civil::Date;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Pages of deliveries that are looked at for one list, however few are in it.
const PAGES: usize = 10;

/// Pages of what waits that are shown, the newest: more than a person reads.
const WAITING_PAGES: usize = 40;

/// The longest name of a page.
const MOST_NAME: usize = 100;

fn bad_query(name: &str, message: &str) -> Problem {
    Problem {
        errors: vec![wrong(name, "query", message)],
        ..Problem::new("bad-query", "a part of the query is wrong")
    }
}

/// The deliveries of an endpoint, the newest first: what waits, on the first page, then the rest.
///
/// # Errors
/// `not-found`, `bad-query`.
pub async fn deliveries(
    app: &App,
    caller: &Caller,
    id: &str,
    query: &BTreeMap<String, String>,
) -> Result<Value> {
    caller.may("webhooks")?;
    let failed = match query.get("failed").map(String::as_str) {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(bad_query("failed", "must be true or false")),
    };
    let after = query.get("after").map(String::as_str);
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '-' | '/');
    if after.is_some_and(|text| text.len() > MOST_NAME || !text.chars().all(plain)) {
        return Err(bad_query("after", "must be what next said"));
    }
    let endpoint = endpoints::named(app, caller, id).await?.value;
    let (documents, own) = (&*app.ports().documents, format!("{id}/"));
    let mut pages: Vec<Seen<Page>> = match after {
        None => kept::list(documents, WAITING, &own, None, WAITING_PAGES).await?,
        Some(_) => Vec::new(),
    };
    let after = after.map(|after| format!("{own}{after}"));
    let ever = (Date::MIN, Date::MAX);
    let now = app.wall();
    let done =
        deliveries::done(documents, &endpoint.id, now, ever, after.as_deref(), PAGES).await?;
    let last = done.last().filter(|_| done.len() == PAGES);
    let next = last.and_then(|page| page.name.strip_prefix(&own).map(str::to_owned));
    pages.extend(done);
    let all = pages.iter().flat_map(|page| &page.value.deliveries);
    let data = all.filter(|one| !failed || has_failed(one)).map(view);
    Ok(json!({
        "data": data.collect::<Vec<Value>>(),
        "next": next.map(|next| address(id, failed, &next)),
    }))
}

/// Whether an attempt failed and none has succeeded since.
fn has_failed(one: &Delivery) -> bool {
    one.outcome != Outcome::Delivered && !one.attempts.is_empty()
}

fn view(one: &Delivery) -> Value {
    json!({
        "event": one.event,
        "type": one.kind,
        "outcome": one.outcome,
        "attempts": one.attempts,
        "answer": one.answer,
        "next_attempt": one.due,
    })
}

fn address(id: &str, failed: bool, next: &str) -> String {
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    if failed {
        pairs.append_pair("failed", "true");
    }
    pairs.append_pair("after", next);
    format!("/v1/webhooks/{id}/deliveries?{}", pairs.finish())
}

/// The public keys that verify `v1a`, of each endpoint by its id.
///
/// # Errors
/// `not-found` where the query names one that is not there.
pub async fn keys(app: &App, query: &BTreeMap<String, String>) -> Result<Value> {
    let all = endpoints::all(&*app.ports().documents, "", false).await?;
    let wanted = query.get("webhook");
    let mut found: Vec<Endpoint> = all.into_iter().map(|one| one.value).collect();
    found.retain(|one| wanted.is_none_or(|id| *id == one.id));
    if wanted.is_some() && found.is_empty() {
        return Err(Problem::new("not-found", "there is no webhook of this id"));
    }
    let now = app.wall();
    let keys = found.iter().map(|endpoint| {
        let keys = endpoint.secrets.iter();
        let keys = keys.filter(|one| one.until.is_none_or(|until| until > now));
        let keys = keys.map(|one| json!({ "key": one.public_key, "until": one.until }));
        json!({ "webhook": endpoint.id, "keys": keys.collect::<Vec<Value>>() })
    });
    Ok(json!({ "data": keys.collect::<Vec<Value>>() }))
}
