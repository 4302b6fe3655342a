//! Endpoints: where a merchant wants its events, and the secrets that sign them.
//!
//! An endpoint is a document, `webhooks/MERCHANT/ID`. The pump keeps how far it is in a document of
//! its own, so that people and pump never write the same one, but for an endpoint that says 410.

use super::sign::Secret;
use crate::app::App;
use crate::callers::Caller;
use crate::kept::{self, Seen};
use crate::wire::problem::{Problem, Result};
use connectors::Documents;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use settlement::payment::Sealed;
use std::collections::BTreeSet;

/// The collection of endpoints.
pub const ENDPOINTS: &str = "webhooks";

/// Endpoints of one merchant: several systems of theirs, each more than once.
pub const MOST_OF_ONE: usize = 16;

/// Endpoints of an installation: each has a task and a few connections.
pub const MOST: usize = 1_000;

/// Endpoints that are read at a time.
const PAGE: usize = 200;

/// For how long the secret before still signs.
const BOTH_SIGN: SignedDuration = SignedDuration::from_hours(24);

/// Secrets of an endpoint at a time, the one that signs and those before, each for its whole day:
/// whoever rotates more often waits.
const MOST_SECRETS: usize = 3;

/// What the operator's own endpoints are kept under: no merchant is called so.
const NOBODYS: &str = "-";

/// Where an endpoint stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Events are sent.
    Enabled,
    /// They are not; what waits is kept, and the feed keeps the rest.
    Disabled,
    /// It is being removed, with what is kept of it.
    Removed,
}

/// A secret, sealed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// Its bytes under the vault's keys, the endpoint's id as the context.
    pub sealed: Sealed,
    /// The public key of its pair.
    pub public_key: String,
    /// Since when it signs.
    pub from: Timestamp,
    /// Until when, once another has taken its place.
    pub until: Option<Timestamp>,
}

/// Deliveries that are to be made once more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replay {
    /// Which of all that were asked for: their number.
    pub number: u64,
    /// Those first attempted at this moment or later.
    pub from: Timestamp,
    /// Those first attempted before this one.
    pub to: Timestamp,
    /// Only those that were given up.
    pub failed: bool,
}

/// An endpoint.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// Its name.
    pub id: String,
    /// Whose it is; none of the operator's, which gets every merchant's events.
    pub merchant: Option<String>,
    /// Where.
    pub url: String,
    /// Which types; all where there are none.
    pub types: BTreeSet<String>,
    /// What it is for, in its owner's words.
    pub description: String,
    /// Where it stands.
    pub standing: Standing,
    /// Why it is disabled, where nobody asked for that.
    pub why: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Its secrets, the newest first.
    pub secrets: Vec<Kept>,
    /// What was last asked to be made once more.
    pub replay: Option<Replay>,
}

/// What an endpoint of a merchant is kept as.
pub fn kept_as(merchant: Option<&str>, id: &str) -> String {
    format!("{}/{id}", merchant.unwrap_or(NOBODYS))
}

impl Endpoint {
    /// What it is kept as.
    pub fn kept_as(&self) -> String {
        kept_as(self.merchant.as_deref(), &self.id)
    }

    /// Gives it a new secret; the one before signs for a day more.
    ///
    /// # Errors
    /// `too-many` where it has several by now, or where the vault does not answer.
    pub async fn renew(&mut self, app: &App, now: Timestamp) -> Result<Secret> {
        let (secret, kept) = seal(app, &self.id, now).await?;
        renew(&mut self.secrets, kept, now)?;
        Ok(secret)
    }

    /// The secrets that sign now, the newest first.
    ///
    /// # Errors
    /// Where the vault does not answer.
    pub async fn secrets(&self, app: &App, now: Timestamp) -> Result<Vec<Secret>> {
        open(app, &self.id, &self.secrets, now).await
    }
}

/// Puts a new secret before the others, which sign for a day more.
///
/// # Errors
/// `too-many` where one of them would have to end before its day: then nothing is changed.
pub fn renew(secrets: &mut Vec<Kept>, new: Kept, now: Timestamp) -> Result<()> {
    let end = now.checked_add(BOTH_SIGN).unwrap_or(Timestamp::MAX);
    let good = |one: &&Kept| one.until.is_none_or(|until| until > now);
    if secrets.iter().filter(good).count() >= MOST_SECRETS {
        let ends = secrets
            .iter()
            .filter(good)
            .filter_map(|one| one.until)
            .min();
        let ends = ends.unwrap_or(end);
        let why = format!("those before are good for a day each; the next from {ends} on");
        return Err(Problem::new("too-many", why).with("from", ends.to_string()));
    }
    secrets.retain(|one| good(&one));
    for one in secrets.iter_mut() {
        one.until = Some(one.until.map_or(end, |until| until.min(end)));
    }
    secrets.insert(0, new);
    Ok(())
}

/// A new secret for what has this name, and how it is kept.
///
/// # Errors
/// Where the vault does not answer.
pub async fn seal(app: &App, id: &str, now: Timestamp) -> Result<(Secret, Kept)> {
    let none = |_| Problem::new("internal", "there are no random numbers");
    let secret = Secret::draw().map_err(none)?;
    let sealed = app.ports().vault.seal(&context(id), secret.bytes()).await?;
    let kept = Kept {
        sealed,
        public_key: secret.public(),
        from: now,
        until: None,
    };
    Ok((secret, kept))
}

/// The secrets of what has this name, those that still sign.
///
/// # Errors
/// Where the vault does not answer, or cannot open them.
pub async fn open(app: &App, id: &str, kept: &[Kept], now: Timestamp) -> Result<Vec<Secret>> {
    let mut secrets = Vec::new();
    for one in kept {
        if one.until.is_some_and(|until| until <= now) {
            continue;
        }
        let bytes = app.ports().vault.open(&context(id), &one.sealed).await?;
        let secret = Secret::of(bytes);
        secrets.push(secret.map_err(|_| Problem::new("internal", "a secret is damaged"))?);
    }
    Ok(secrets)
}

fn context(id: &str) -> String {
    format!("webhook secret {id}")
}

/// All endpoints whose kept names begin so, but for those that are being removed where `removed`
/// is not set.
///
/// # Errors
/// Where the store does not answer.
pub async fn all(
    documents: &dyn Documents,
    prefix: &str,
    removed: bool,
) -> Result<Vec<Seen<Endpoint>>> {
    let mut all: Vec<Seen<Endpoint>> = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let page: Vec<Seen<Endpoint>> =
            kept::list(documents, ENDPOINTS, prefix, after.as_deref(), PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(all);
        };
        after = Some(last.name.clone());
        let wanted = |one: &Seen<Endpoint>| removed || one.value.standing != Standing::Removed;
        all.extend(page.into_iter().filter(wanted));
    }
}

/// All endpoints that a caller may see.
///
/// # Errors
/// Where the store does not answer.
pub async fn of(app: &App, caller: &Caller) -> Result<Vec<Seen<Endpoint>>> {
    let prefix = match &caller.key.merchant {
        Some(merchant) => kept_as(Some(merchant), ""),
        None => String::new(),
    };
    all(&*app.ports().documents, &prefix, false).await
}

/// The endpoint of an id, where the caller may see it.
///
/// # Errors
/// `not-found`.
pub async fn named(app: &App, caller: &Caller, id: &str) -> Result<Seen<Endpoint>> {
    let mut found = of(app, caller).await?.into_iter();
    let found = found.find(|one| one.value.id == id);
    found.ok_or_else(|| Problem::new("not-found", "there is no webhook of this id"))
}
