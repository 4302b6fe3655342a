//! The inbox: callbacks that came, each once.
//!
//! Two documents make one. The first, under the hash of the id, says what the callback is kept as;
//! the second, named by the moment, is it. Whoever dies between them has answered nothing, and the
//! source that sends it again finds the first and writes the second.

use super::sources;
use crate::app::App;
use crate::callers::Caller;
use crate::kept::{self, Seen};
use crate::webhooks::sign::{ID, Presented, SIGNATURE, TIMESTAMP};
use crate::wire::fields::{Wrong, wrong};
use crate::wire::json::Json;
use crate::wire::problem::{Problem, Result};
use http::HeaderMap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use settlement::archive::sha256;
use settlement::bank::is_short_name;
use std::collections::BTreeMap;
use std::time::Instant;

/// Which ids came, by source and hash.
const IDS: &str = "callback-ids";

/// What came, by source and moment.
const CALLBACKS: &str = "callbacks";

/// Bytes of a callback's body: more than the standard's 20 kB, and in JSON once more still a
/// document.
const BODY_BYTES: usize = 24 << 10;

/// Callbacks a second of one source, whoever sends them in its name.
const PER_SECOND: u32 = 500;

/// Callbacks of a list at most, and where nothing is said: some hundred kilobytes.
const MOST: usize = 50;
const USUAL: usize = 20;

/// The longest name of a callback.
const MOST_NAME: usize = 150;

/// What an id was kept as.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    name: String,
}

/// A callback.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Callback {
    /// Who said it.
    pub source: String,
    /// What it called it.
    pub id: String,
    /// When it sent it, as it says.
    pub sent_at: Timestamp,
    /// When it came first.
    pub received_at: Timestamp,
    /// SHA-256 of the body, in hexadecimal.
    pub sha256: String,
    /// The body as it was signed: a JSON document.
    pub body: String,
}

/// One header, which must be there once.
fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut all = headers.get_all(name).iter();
    match (all.next(), all.next()) {
        (Some(one), None) => one.to_str().ok(),
        _ => None,
    }
}

/// Takes a callback. One that came before is the same again, and nothing changes.
///
/// # Errors
/// `bad-signature`, also where there is no such source: nobody learns which there are.
pub async fn take(app: &App, source: &str, headers: &HeaderMap, body: &[u8]) -> Result<()> {
    let refused = || {
        let why = "no source of this name has signed it within five minutes";
        Problem::new("bad-signature", why)
    };
    let found = sources::named(app, source).await?.ok_or_else(refused)?;
    let bucket = format!("source {source}");
    if !app
        .callers
        .buckets
        .take(&bucket, PER_SECOND, Instant::now())
        .taken
    {
        let detail = format!("at most {PER_SECOND} callbacks a second are taken");
        return Err(Problem::new("too-many-requests", detail).after(1));
    }
    let three = [ID, TIMESTAMP, SIGNATURE].map(|name| header(headers, name));
    let [Some(id), Some(timestamp), Some(signature)] = three else {
        return Err(refused());
    };
    let presented = Presented {
        id,
        timestamp,
        signature,
        body,
    };
    let now = app.wall();
    let secrets = found.value.secrets(app, now).await?;
    if !presented.is_signed(&secrets, now) {
        return Err(refused());
    }
    if body.len() > BODY_BYTES {
        let detail = format!("at most {BODY_BYTES} bytes are taken");
        return Err(Problem::new("too-large", detail));
    }
    let is_json = Json::read(body).is_ok();
    let text = std::str::from_utf8(body).ok().filter(|_| is_json);
    let text = text.ok_or_else(|| Problem::new("not-json", "the callback is no JSON document"))?;
    let sent_at = timestamp.parse().ok();
    let callback = Callback {
        source: source.to_owned(),
        id: id.to_owned(),
        sent_at: sent_at
            .and_then(|at| Timestamp::from_second(at).ok())
            .unwrap_or(now),
        received_at: now,
        sha256: sha256(body).to_string(),
        body: text.to_owned(),
    };
    keep(app, callback).await
}

async fn keep(app: &App, callback: Callback) -> Result<()> {
    let (documents, source) = (&*app.ports().documents, &callback.source);
    let hash = sha256(callback.id.as_bytes()).to_string();
    let short = hash.get(..16).unwrap_or(&hash);
    let micros = callback.received_at.as_microsecond();
    let (key, name) = (
        format!("{source}/{hash}"),
        format!("{source}/{micros:020}-{short}"),
    );
    let name = match kept::put(documents, IDS, &key, 0, &Known { name: name.clone() }).await {
        Ok(_) => name,
        Err(problem) if problem.code == "changed-meanwhile" => {
            let known: Option<Seen<Known>> = kept::get(documents, IDS, &key).await?;
            known.ok_or(problem)?.value.name
        }
        Err(problem) => return Err(problem),
    };
    match kept::put(documents, CALLBACKS, &name, 0, &callback).await {
        Err(problem) if problem.code == "changed-meanwhile" => {
            let before: Option<Seen<Callback>> = kept::get(documents, CALLBACKS, &name).await?;
            if before.is_some_and(|before| before.value.sha256 != callback.sha256) {
                tracing::warn!(
                    source,
                    "a callback came again with another body: the first counts"
                );
            }
            Ok(())
        }
        other => other.map(drop),
    }
}

/// What came, the oldest first.
///
/// # Errors
/// `forbidden`, `bad-query`.
pub async fn list(app: &App, caller: &Caller, query: &BTreeMap<String, String>) -> Result<Value> {
    sources::operator(caller)?;
    let mut faults: Vec<Wrong> = Vec::new();
    let limit = query.get("limit").map(|text| text.parse().ok());
    let limit = match limit {
        None => USUAL,
        Some(Some(limit)) if (1..=MOST).contains(&limit) => limit,
        Some(_) => {
            faults.push(wrong("limit", "query", "must be from 1 to 50"));
            USUAL
        }
    };
    let source = query.get("source").map(String::as_str);
    if source.is_some_and(|name| !is_short_name(name)) {
        faults.push(wrong("source", "query", "is no name of a source"));
    }
    let after = query.get("after").map(String::as_str);
    if after.is_some_and(|name| name.len() > MOST_NAME || name.chars().any(char::is_control)) {
        faults.push(wrong("after", "query", "must be what next said"));
    }
    if !faults.is_empty() {
        return Err(Problem {
            errors: faults,
            ..Problem::new("bad-query", "a part of the query is wrong")
        });
    }
    let prefix = source.map(|name| format!("{name}/")).unwrap_or_default();
    let documents = &*app.ports().documents;
    let found: Vec<Seen<Callback>> =
        kept::list(documents, CALLBACKS, &prefix, after, limit).await?;
    let last = found.last().filter(|_| found.len() == limit);
    let next = last.map(|last| next(query, &last.name));
    let data: Vec<Value> = found.iter().map(|one| view(&one.value)).collect();
    Ok(json!({ "data": data, "next": next }))
}

fn view(callback: &Callback) -> Value {
    json!({
        "source": callback.source,
        "id": callback.id,
        "sent_at": callback.sent_at,
        "received_at": callback.received_at,
        "sha256": callback.sha256,
        "body": callback.body,
    })
}

fn next(query: &BTreeMap<String, String>, after: &str) -> String {
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    for (name, value) in query.iter().filter(|(name, _)| *name != "after") {
        pairs.append_pair(name, value);
    }
    pairs.append_pair("after", after);
    format!("/v1/callbacks?{}", pairs.finish())
}
