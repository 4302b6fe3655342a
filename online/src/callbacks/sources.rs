//! Sources: who may post callbacks. The operator says it.

use crate::app::App;
use crate::callers::Caller;
use crate::kept::{self, Seen};
use crate::webhooks::endpoints::{Kept, open, renew, seal};
use crate::webhooks::sign::Secret;
use crate::wire::fields::{Field, Form, Kind, may, must, wrong};
use crate::wire::json::Json;
use crate::wire::problem::{Problem, Result};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use settlement::bank::is_short_name;

/// The collection of sources.
pub const SOURCES: &str = "sources";

/// Sources of an installation: a bank or a network each.
const MOST: usize = 100;

/// The longest description.
const MOST_TEXT: usize = 200;

/// A new source.
pub const NEW: &[Field] = &[
    must(
        "name",
        Kind::Text { least: 1, most: 32 },
        "lower-case letters, digits and hyphens, first a letter",
    ),
    may(
        "description",
        Kind::Line {
            least: 0,
            most: MOST_TEXT,
        },
        "who it is",
    ),
];

/// Who may post callbacks.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Its name, which is the last part of the path.
    pub name: String,
    /// Who it is.
    pub description: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Its secrets, the newest first.
    pub secrets: Vec<Kept>,
}

impl Source {
    /// The secrets that it may sign with now.
    ///
    /// # Errors
    /// Where the vault does not answer.
    pub async fn secrets(&self, app: &App, now: Timestamp) -> Result<Vec<Secret>> {
        open(app, &context(&self.name), &self.secrets, now).await
    }
}

fn context(name: &str) -> String {
    format!("source {name}")
}

fn view(source: &Source) -> Value {
    let signs = source.secrets.iter();
    let signs = signs.map(|one| json!({ "from": one.from, "until": one.until }));
    json!({
        "name": source.name,
        "description": source.description,
        "created_at": source.created_at,
        "secrets": signs.collect::<Vec<Value>>(),
        "path": format!("/v1/callbacks/{}", source.name),
    })
}

fn with_secret(source: &Source, secret: &Secret) -> Value {
    let mut view = view(source);
    view["secret"] = json!(secret.shared().as_str());
    view
}

/// Refuses whoever is not the operator: what banks say is of no merchant.
///
/// # Errors
/// `forbidden`.
pub fn operator(caller: &Caller) -> Result<()> {
    caller.may("callbacks")?;
    match caller.key.merchant {
        None => Ok(()),
        Some(_) => Err(Problem::new(
            "forbidden",
            "it is the operator's, and the key a merchant's",
        )),
    }
}

/// The source of a name.
///
/// # Errors
/// Where the store does not answer.
pub async fn named(app: &App, name: &str) -> Result<Option<Seen<Source>>> {
    match is_short_name(name) {
        true => kept::get(&*app.ports().documents, SOURCES, name).await,
        false => Ok(None),
    }
}

async fn found(app: &App, name: &str) -> Result<Seen<Source>> {
    let found = named(app, name).await?;
    found.ok_or_else(|| Problem::new("not-found", "there is no source of this name"))
}

/// Makes a source, and shows its secret this once.
///
/// # Errors
/// `invalid`, `too-many`.
pub async fn create(app: &App, caller: &Caller, json: &Json) -> Result<Value> {
    operator(caller)?;
    let form = Form::read(json, NEW).map_err(Problem::fields)?;
    let name = form.text("name").unwrap_or_default();
    let bad = |code, why| Problem::fields(vec![wrong("/name", code, why)]);
    if !is_short_name(name) {
        return Err(bad(
            "name",
            "must be lower-case letters, digits and hyphens, first a letter",
        ));
    }
    let (now, documents) = (app.wall(), &*app.ports().documents);
    if documents.list(SOURCES, "", None, MOST).await?.len() >= MOST {
        return Err(Problem::new(
            "too-many",
            format!("there are {MOST} sources at most"),
        ));
    }
    let (secret, kept) = seal(app, &context(name), now).await?;
    let source = Source {
        name: name.to_owned(),
        description: form.text("description").unwrap_or_default().to_owned(),
        created_at: now,
        secrets: vec![kept],
    };
    match kept::put(documents, SOURCES, name, 0, &source).await {
        Err(problem) if problem.code == "changed-meanwhile" => {
            Err(bad("taken", "there is a source of this name"))
        }
        other => other.map(|_| with_secret(&source, &secret)),
    }
}

/// All sources.
///
/// # Errors
/// Where the store does not answer.
pub async fn list(app: &App, caller: &Caller) -> Result<Value> {
    operator(caller)?;
    let documents = &*app.ports().documents;
    let all: Vec<Seen<Source>> = kept::list(documents, SOURCES, "", None, MOST).await?;
    let data: Vec<Value> = all.iter().map(|one| view(&one.value)).collect();
    Ok(json!({ "data": data, "next": null }))
}

/// Gives a source a new secret; the one before is taken for 24 hours more.
///
/// # Errors
/// `not-found`, `too-many` within a day, `changed-meanwhile`.
pub async fn rotate(app: &App, caller: &Caller, name: &str) -> Result<Value> {
    operator(caller)?;
    let mut seen = found(app, name).await?;
    let now = app.wall();
    let (secret, kept) = seal(app, &context(name), now).await?;
    renew(&mut seen.value.secrets, kept, now)?;
    let documents = &*app.ports().documents;
    kept::put(documents, SOURCES, name, seen.version, &seen.value).await?;
    Ok(with_secret(&seen.value, &secret))
}

/// Removes a source. What it said stays.
///
/// # Errors
/// `not-found`.
pub async fn remove(app: &App, caller: &Caller, name: &str) -> Result<()> {
    operator(caller)?;
    let seen = found(app, name).await?;
    kept::remove(&*app.ports().documents, SOURCES, name, seen.version).await
}
