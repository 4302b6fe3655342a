//! Merchants: who may ask for payments online, for which originator, and by which keys.
//!
//! Both are documents: `merchants/NAME`, and `keys/HASH` under the SHA-256 of the key, which stands
//! nowhere itself. The commands write them, the online path reads them.

use crate::failure::{Failure, Result};
use bytes::Bytes;
use connectors::{Document, Documents};
use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use settlement::archive::sha256;
use settlement::bank::is_short_name;
use settlement::codes::sec::SecCode;
use settlement::foreign;
use std::collections::BTreeSet;

/// The collection of merchants.
pub const MERCHANTS: &str = "merchants";

/// The collection of keys.
pub const KEYS: &str = "keys";

/// People who must approve a merchant.
pub const APPROVALS: usize = 2;

/// Bytes of a person's name, of a note, and of a key's name at most.
const NAME_BYTES: usize = 64;
/// See [`NAME_BYTES`].
const NOTE_BYTES: usize = 400;

/// Decisions that are kept of a merchant, the newest: as many as fit a document.
const MOST_DECISIONS: usize = 50;

/// Merchants and keys that a list reads at once.
const PAGE: usize = 500;

/// Where a merchant stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Nobody, or too few, have approved it.
    Submitted,
    /// It may ask for payments.
    Approved,
    /// It may not, for now.
    Suspended,
}

impl Standing {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Standing::Submitted => "submitted",
            Standing::Approved => "approved",
            Standing::Suspended => "suspended",
        }
    }
}

/// What a person decided about a merchant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decided {
    /// What it became.
    pub to: Standing,
    /// Who.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub note: String,
}

/// What a merchant may at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Cents of one payment; none where only the bank's limit counts.
    pub payment_cents: Option<u64>,
    /// Requests a second; none where only the server's limit counts.
    pub requests_per_second: Option<u32>,
}

/// Who may ask for payments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Merchant {
    /// Its name: 1 to 32 lower-case letters, digits and hyphens.
    pub name: String,
    /// The originator of the bank profile that its payments go by.
    pub originator: String,
    /// The entry classes that it may use; empty for all that the bank has agreed to.
    #[serde(default)]
    pub classes: BTreeSet<SecCode>,
    /// What it may at most.
    #[serde(default)]
    pub limits: Limits,
    /// Where it stands.
    pub standing: Standing,
    /// What people decided, oldest first.
    #[serde(default)]
    pub decided: Vec<Decided>,
    /// When it was submitted.
    pub created_at: Timestamp,
}

impl Merchant {
    /// One that is submitted: every class of its originator, and no limit.
    pub fn submitted(name: &str, originator: &str, at: Timestamp) -> Merchant {
        Merchant {
            name: name.to_owned(),
            originator: originator.to_owned(),
            classes: BTreeSet::new(),
            limits: Limits::default(),
            standing: Standing::Submitted,
            decided: Vec::new(),
            created_at: at,
        }
    }

    /// People who have approved it since it was submitted or suspended last.
    pub fn approvals(&self) -> usize {
        let is_approval = |one: &&Decided| one.to == Standing::Approved;
        self.decided.iter().rev().take_while(is_approval).count()
    }
}

/// What a key may be used for, in the words of the API.
pub const SCOPES: &[(&str, &str)] = &[
    ("payments:read", "see payments, events and the calendar"),
    (
        "payments:write",
        "ask for payments, cancel, refund and reverse them",
    ),
    (
        "refunds:early",
        "refund a payment that may still come back by itself",
    ),
    (
        "tokens",
        "store account and card numbers, see and delete their tokens",
    ),
    ("review", "decide what is held for a review"),
    ("webhooks", "say where events are delivered"),
    (
        "callbacks",
        "say who may send callbacks, and see what came; for the operator",
    ),
    ("merchants", "see merchants"),
    ("sandbox", "move the sandbox"),
];

/// Who decides payments does not ask for them.
const REVIEW: &str = "review";
/// See [`REVIEW`].
const ASKS: &str = "payments:write";

/// A key, as it is kept: what it is good for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// What people call it.
    pub name: String,
    /// Whose it is; none for the operator's own, which sees every merchant's payments.
    pub merchant: Option<String>,
    /// What it may be used for.
    pub scopes: BTreeSet<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Whether it is used no more.
    #[serde(default)]
    pub revoked: bool,
}

impl Key {
    /// One for all of [`SCOPES`] that may be together: it asks for payments, and decides none.
    pub fn for_all(name: &str, merchant: Option<&str>, at: Timestamp) -> Key {
        Key {
            name: name.to_owned(),
            merchant: merchant.map(str::to_owned),
            scopes: SCOPES
                .iter()
                .map(|(scope, _)| (*scope).to_owned())
                .filter(|scope| scope != REVIEW)
                .collect(),
            created_at: at,
            revoked: false,
        }
    }
}

/// What stands before a key that moves money, and one that only moves a sandbox's.
pub const LIVE: &str = "tk_live_";
/// See [`LIVE`].
pub const TEST: &str = "tk_test_";

/// The name under which a key is kept.
pub fn kept_as(secret: &str) -> String {
    sha256(secret.as_bytes()).to_string()
}

/// What was read, and the version to write it back from.
#[derive(Clone, Debug)]
pub struct Seen<T> {
    /// It.
    pub value: T,
    /// Its version.
    pub version: u64,
}

/// A document of a collection, as what it is.
pub(crate) fn read<T: DeserializeOwned>(collection: &str, document: &Document) -> Result<Seen<T>> {
    let read = serde_json::from_slice(&document.body);
    let value = read.map_err(|e| {
        let name = foreign::cell(&document.name);
        Failure::damaged(format!("{collection} {name}: {e}"))
    })?;
    Ok(Seen {
        value,
        version: document.version,
    })
}

/// What is written of a value.
pub(crate) fn body<T: Serialize>(value: &T) -> Result<Bytes> {
    let body = serde_json::to_vec(value);
    body.map(Bytes::from)
        .map_err(|e| Failure::impossible(format!("a document: {e}")))
}

/// The merchant of a name.
///
/// # Errors
/// Where the store does not answer, or what it has is damaged.
pub async fn merchant(documents: &dyn Documents, name: &str) -> Result<Option<Seen<Merchant>>> {
    if !is_short_name(name) {
        return Ok(None);
    }
    let found = documents.get(MERCHANTS, name).await?;
    found.map(|found| read(MERCHANTS, &found)).transpose()
}

/// The merchant of a name, for somebody who names it.
///
/// # Errors
/// Exit status 2 where there is none, or as [`merchant`].
pub async fn named(documents: &dyn Documents, name: &str) -> Result<Seen<Merchant>> {
    merchant(documents, name).await?.ok_or_else(|| {
        Failure::usage(format!("there is no merchant {}", foreign::cell(name)))
            .remedy("tieout merchants list names them")
    })
}

/// At most `limit` merchants after the one of this name, by name.
///
/// # Errors
/// As [`merchant`].
pub async fn page(
    documents: &dyn Documents,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<Merchant>> {
    let page = documents.list(MERCHANTS, "", after, limit).await?;
    let read = page.iter().map(|one| read::<Merchant>(MERCHANTS, one));
    read.map(|seen| Ok(seen?.value)).collect()
}

/// All merchants, by name.
///
/// # Errors
/// As [`merchant`].
pub async fn all(documents: &dyn Documents) -> Result<Vec<Merchant>> {
    let mut all: Vec<Merchant> = Vec::new();
    loop {
        let after = all.last().map(|one| one.name.as_str());
        let page = page(documents, after, PAGE).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

/// Submits a merchant.
///
/// # Errors
/// Exit status 2 where its name is none, or there is one of this name or originator.
pub async fn submit(documents: &dyn Documents, new: &Merchant) -> Result<()> {
    if !is_short_name(&new.name) {
        let name = foreign::cell(&new.name);
        return Err(
            Failure::usage(format!("{name} cannot be a merchant's name"))
                .remedy("1 to 32 lower-case letters, digits and hyphens, first a letter"),
        );
    }
    let has = |one: &&Merchant| one.originator == new.originator && one.name != new.name;
    if let Some(other) = all(documents).await?.iter().find(has) {
        return Err(Failure::usage(format!(
            "the originator {} is the merchant {}'s",
            foreign::cell(&new.originator),
            other.name
        ))
        .remedy("each merchant has an originator of its own: its funds are kept by it"));
    }
    let put = documents.put(MERCHANTS, &new.name, 0, body(new)?).await;
    put.map(drop).map_err(|error| match error {
        connectors::Error::Conflict { .. } => {
            Failure::usage(format!("there is a merchant {} already", new.name))
                .remedy("tieout merchants list shows it")
        }
        other => other.into(),
    })
}

/// Notes a decision, and what the merchant becomes by it: approved once two people have said so
/// since it was submitted or suspended last.
///
/// # Errors
/// Exit status 2 where the same person approves twice; 3 where somebody else changed it meanwhile.
pub async fn decide(documents: &dyn Documents, name: &str, decided: Decided) -> Result<Merchant> {
    let by = person(&decided.by)?;
    if decided.note.len() > NOTE_BYTES || decided.note.chars().any(char::is_control) {
        let why = format!("a note has at most {NOTE_BYTES} bytes, on one line");
        return Err(Failure::usage(why).remedy("shorten it"));
    }
    let Seen { mut value, version } = named(documents, name).await?;
    let approvals = value.approvals();
    let approves = decided.to == Standing::Approved;
    let mut since = value.decided.iter().rev().take(approvals);
    if approves && since.any(|one| person(&one.by).is_ok_and(|one| one == by)) {
        return Err(Failure::usage(format!(
            "{} has approved {name} already",
            foreign::cell(&decided.by)
        ))
        .remedy("a merchant is approved by two people: another must do so too"));
    }
    // Nothing may keep a merchant from being suspended: the oldest decision makes room.
    if value.decided.len() >= MOST_DECISIONS {
        value.decided.remove(0);
    }
    value.standing = match approves {
        // saturates: more approvals than there are numbers are enough
        true if approvals.saturating_add(1) < APPROVALS => value.standing,
        _ => decided.to,
    };
    value.decided.push(decided);
    documents
        .put(MERCHANTS, name, version, body(&value)?)
        .await?;
    Ok(value)
}

/// What tells one person's name from another: neither case nor what stands between the letters,
/// and no letters that only look like others.
fn person(name: &str) -> Result<String> {
    let plain = |c: char| c.is_ascii_graphic() || c == ' ';
    let letters = |c: &char| c.is_ascii_alphanumeric();
    let kept: String = name.chars().filter(letters).collect();
    match name.len() <= NAME_BYTES && name.chars().all(plain) && !kept.is_empty() {
        true => Ok(kept.to_ascii_lowercase()),
        false => Err(
            Failure::usage(format!("{} is no name", foreign::cell(name)))
                .remedy("write letters, digits and signs of ASCII, 64 at most"),
        ),
    }
}

/// Keeps a key: `secret` itself is kept nowhere.
///
/// # Errors
/// Exit status 2 where a scope is none, or two of them are never together.
pub async fn keep(documents: &dyn Documents, secret: &str, key: &Key) -> Result<()> {
    person(&key.name)?;
    let known = |scope: &&String| SCOPES.iter().any(|(name, _)| name == scope);
    if let Some(other) = key.scopes.iter().find(|scope| !known(scope)) {
        let names: Vec<&str> = SCOPES.iter().map(|(name, _)| *name).collect();
        return Err(
            Failure::usage(format!("{} is no scope", foreign::cell(other)))
                .remedy(format!("name some of {}", names.join(", "))),
        );
    }
    if key.scopes.contains(REVIEW) && key.scopes.contains(ASKS) {
        return Err(Failure::usage(format!(
            "{REVIEW} and {ASKS} are never together: who asks for payments does not decide them"
        ))
        .remedy("make a key for each"));
    }
    let kept = kept_as(secret);
    documents.put(KEYS, &kept, 0, body(key)?).await?;
    Ok(())
}

/// The key of a secret, unless it is revoked.
///
/// # Errors
/// As [`merchant`].
pub async fn key(documents: &dyn Documents, secret: &str) -> Result<Option<Key>> {
    let found = documents.get(KEYS, &kept_as(secret)).await?;
    let key = found.map(|found| read::<Key>(KEYS, &found)).transpose()?;
    Ok(key.map(|seen| seen.value).filter(|key| !key.revoked))
}

/// All keys, with the names under which they are kept.
///
/// # Errors
/// As [`merchant`].
pub async fn keys(documents: &dyn Documents) -> Result<Vec<(String, Key)>> {
    let mut all: Vec<(String, Key)> = Vec::new();
    loop {
        let after = all.last().map(|(name, _)| name.clone());
        let page = documents.list(KEYS, "", after.as_deref(), PAGE).await?;
        if page.is_empty() {
            return Ok(all);
        }
        for document in &page {
            let key = read::<Key>(KEYS, document)?.value;
            all.push((document.name.clone(), key));
        }
    }
}

/// Ends the use of the one key whose kept name begins so.
///
/// # Errors
/// Exit status 2 where none or several begin so.
pub async fn revoke(documents: &dyn Documents, beginning: &str) -> Result<(String, Key)> {
    let wrong = |what: &str| {
        Failure::usage(format!("{what} {}", foreign::cell(beginning)))
            .remedy("tieout merchants keys lists what each is kept as")
    };
    let hex = |byte: u8| byte.is_ascii_hexdigit();
    if beginning.is_empty() || !beginning.bytes().all(hex) {
        return Err(wrong("no key is kept as"));
    }
    let begins = documents.list(KEYS, beginning, None, 2).await?;
    let found = match begins.as_slice() {
        [found] => found,
        [] => return Err(wrong("no key is kept as")),
        _ => return Err(wrong("several keys are kept as")),
    };
    let Seen { mut value, version } = read::<Key>(KEYS, found)?;
    value.revoked = true;
    documents
        .put(KEYS, &found.name, version, body(&value)?)
        .await?;
    Ok((found.name.clone(), value))
}

#[cfg(test)]
mod tests;
