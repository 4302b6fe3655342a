//! What a merchant does about its endpoints.

use super::address;
use super::deliveries::{PLACES, Place};
use super::endpoints::{self, ENDPOINTS, Endpoint, MOST, MOST_OF_ONE, Replay, Standing};
use super::post;
use super::sign::Secret;
use crate::app::App;
use crate::callers::Caller;
use crate::events::cursor::Cursor;
use crate::events::known::end_of;
use crate::events::told::{TEST_TYPE, TYPES};
use crate::kept::{self, Seen};
use crate::wire::fields::{Field, Form, Kind, Wrong, may, must, wrong};
use crate::wire::json::Json;
use crate::wire::problem::{Problem, Result};
use aws_lc_rs::rand;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The longest description of an endpoint.
const MOST_TEXT: usize = 200;

/// The longest moment of RFC 3339, with nanoseconds and an offset.
const MOST_MOMENT: usize = 40;

/// The longest name of a type.
const MOST_TYPE: usize = 40;

const URL: Kind = Kind::Text {
    least: 1,
    most: address::MOST_URL,
};
const WORDS: Kind = Kind::Words {
    items: TYPES.len(),
    most: MOST_TYPE,
};
const TEXT: Kind = Kind::Line {
    least: 0,
    most: MOST_TEXT,
};
const MOMENT: Kind = Kind::Text {
    least: 1,
    most: MOST_MOMENT,
};

/// A new endpoint.
pub const NEW: &[Field] = &[
    must("url", URL, "where events are posted, https"),
    may(
        "types",
        WORDS,
        "only events of these types; all where there are none",
    ),
    may("description", TEXT, "what it is for"),
];

/// What may be changed of one.
pub const CHANGE: &[Field] = &[
    may("url", URL, "where events are posted, https"),
    may(
        "types",
        WORDS,
        "only events of these types; all where there are none",
    ),
    may("description", TEXT, "what it is for"),
    may("enabled", Kind::Flag, "whether events are sent"),
];

/// What is to be sent once more.
pub const REPLAY: &[Field] = &[
    must(
        "from",
        MOMENT,
        "those first attempted at this moment or later, RFC 3339",
    ),
    may(
        "to",
        MOMENT,
        "those first attempted before this moment; now where it is left out",
    ),
    may(
        "failed",
        Kind::Flag,
        "only those that were given up; true where it is left out",
    ),
];

/// An endpoint as its owner sees it.
pub fn view(endpoint: &Endpoint) -> Value {
    let keys = endpoint
        .secrets
        .iter()
        .map(|one| json!({ "public_key": one.public_key, "from": one.from, "until": one.until }));
    let mut view = json!({
        "id": endpoint.id,
        "url": endpoint.url,
        "types": endpoint.types,
        "description": endpoint.description,
        "enabled": endpoint.standing == Standing::Enabled,
        "created_at": endpoint.created_at,
        "keys": keys.collect::<Vec<Value>>(),
    });
    if let Some(merchant) = &endpoint.merchant {
        view["merchant"] = json!(merchant);
    }
    if let Some(why) = &endpoint.why {
        view["disabled_because"] = json!(why);
    }
    view
}

/// The same with its newest secret, which is shown this once.
fn with_secret(endpoint: &Endpoint, secret: &Secret) -> Value {
    let mut view = view(endpoint);
    view["secret"] = json!(secret.shared().as_str());
    view
}

/// What can be changed, as far as it is said.
fn take(endpoint: &mut Endpoint, form: &Form<'_>, local: bool) -> Result<()> {
    let mut faults: Vec<Wrong> = Vec::new();
    if let Some(text) = form.text("url") {
        match address::url(text, local) {
            Ok(_) => text.clone_into(&mut endpoint.url),
            Err(why) => faults.push(wrong("/url", "url", why)),
        }
    }
    if form.has("types") {
        let words = form.words("types");
        for (at, _) in words
            .iter()
            .enumerate()
            .filter(|(_, one)| !TYPES.contains(one))
        {
            faults.push(wrong(
                format!("/types/{at}"),
                "choice",
                "is no type of events",
            ));
        }
        endpoint.types = words.into_iter().map(str::to_owned).collect();
    }
    if let Some(text) = form.text("description") {
        text.clone_into(&mut endpoint.description);
    }
    if let Some(enabled) = form.flag("enabled") {
        endpoint.standing = match enabled {
            true => Standing::Enabled,
            false => Standing::Disabled,
        };
        endpoint.why = None;
    }
    match faults.is_empty() {
        true => Ok(()),
        false => Err(Problem::fields(faults)),
    }
}

/// 32 hexadecimal digits.
fn drawn() -> Result<String> {
    let mut chance = [0; 16];
    rand::fill(&mut chance).map_err(|_| Problem::new("internal", "there are no random numbers"))?;
    Ok(chance.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn is_local(app: &App) -> bool {
    app.hooks
        .sender
        .get()
        .is_some_and(|sender| sender.is_local())
}

/// Makes an endpoint, for events from now on.
///
/// # Errors
/// `invalid`, `too-many`.
pub async fn create(app: &App, caller: &Caller, json: &Json) -> Result<Value> {
    caller.may("webhooks")?;
    let form = Form::read(json, NEW).map_err(Problem::fields)?;
    let (now, documents) = (app.wall(), &*app.ports().documents);
    let mut endpoint = Endpoint {
        id: format!("wh_{}", drawn()?),
        merchant: caller.key.merchant.clone(),
        url: String::new(),
        types: BTreeSet::new(),
        description: String::new(),
        standing: Standing::Enabled,
        why: None,
        created_at: now,
        secrets: Vec::new(),
        replay: None,
    };
    take(&mut endpoint, &form, is_local(app))?;
    let all = endpoints::all(documents, "", true).await?;
    let own = all
        .iter()
        .filter(|one| one.value.merchant == endpoint.merchant);
    if own.count() >= MOST_OF_ONE || all.len() >= MOST {
        return Err(Problem::new(
            "too-many",
            format!("a merchant has {MOST_OF_ONE} at most"),
        ));
    }
    let secret = endpoint.renew(app, now).await?;
    let cursor = Cursor {
        place: end_of(&*app.ports().payments, 0).await?,
        given: 0,
    };
    let place = Place {
        cursor: cursor.into(),
        replayed: None,
    };
    kept::put(documents, PLACES, &endpoint.id, 0, &place).await?;
    kept::put(documents, ENDPOINTS, &endpoint.kept_as(), 0, &endpoint).await?;
    app.hooks.changed.notify_one();
    Ok(with_secret(&endpoint, &secret))
}

async fn keep(app: &App, seen: &Seen<Endpoint>) -> Result<()> {
    let documents = &*app.ports().documents;
    kept::put(documents, ENDPOINTS, &seen.name, seen.version, &seen.value).await?;
    app.hooks.changed.notify_one();
    Ok(())
}

/// The caller's endpoints.
///
/// # Errors
/// Where the store does not answer.
pub async fn list(app: &App, caller: &Caller) -> Result<Value> {
    caller.may("webhooks")?;
    let all = endpoints::of(app, caller).await?;
    let data: Vec<Value> = all.iter().map(|one| view(&one.value)).collect();
    Ok(json!({ "data": data, "next": null }))
}

/// One endpoint.
///
/// # Errors
/// `not-found`.
pub async fn get(app: &App, caller: &Caller, id: &str) -> Result<Value> {
    caller.may("webhooks")?;
    Ok(view(&endpoints::named(app, caller, id).await?.value))
}

/// Changes an endpoint. What waits is sent to where it is then.
///
/// # Errors
/// `not-found`, `invalid`, `changed-meanwhile`.
pub async fn change(app: &App, caller: &Caller, id: &str, json: &Json) -> Result<Value> {
    caller.may("webhooks")?;
    let form = Form::read(json, CHANGE).map_err(Problem::fields)?;
    let mut seen = endpoints::named(app, caller, id).await?;
    take(&mut seen.value, &form, is_local(app))?;
    keep(app, &seen).await?;
    Ok(view(&seen.value))
}

/// Removes an endpoint, and soon after what is kept of it.
///
/// # Errors
/// `not-found`, `changed-meanwhile`.
pub async fn remove(app: &App, caller: &Caller, id: &str) -> Result<()> {
    caller.may("webhooks")?;
    let mut seen = endpoints::named(app, caller, id).await?;
    seen.value.standing = Standing::Removed;
    seen.value.secrets.clear();
    keep(app, &seen).await
}

/// Gives an endpoint a new secret and a new key pair; those before sign for 24 hours more.
///
/// # Errors
/// `not-found`, `too-many` within a day, `changed-meanwhile`.
pub async fn rotate(app: &App, caller: &Caller, id: &str) -> Result<Value> {
    caller.may("webhooks")?;
    let mut seen = endpoints::named(app, caller, id).await?;
    let secret = seen.value.renew(app, app.wall()).await?;
    keep(app, &seen).await?;
    Ok(with_secret(&seen.value, &secret))
}

/// Posts an event of no payment to an endpoint at once, and says what became of it.
///
/// # Errors
/// `not-found`, `unavailable` where this process sends nothing.
pub async fn test(app: &App, caller: &Caller, id: &str) -> Result<Value> {
    caller.may("webhooks")?;
    let seen = endpoints::named(app, caller, id).await?;
    let sender =
        app.hooks.sender.get().ok_or_else(|| {
            Problem::new("unavailable", "this process sends no webhooks").after(60)
        })?;
    let body = json!({
        "type": TEST_TYPE,
        "timestamp": app.wall(),
        "data": { "webhook": seen.value.id },
    });
    let event = format!("test-{}", drawn()?);
    let endpoint = &seen.value;
    let (attempt, answer) =
        post::tried(app, endpoint, &**sender, event.clone(), body.to_string()).await?;
    let took = attempt
        .status
        .is_some_and(|status| (200..300).contains(&status));
    Ok(json!({ "id": event, "delivered": took, "attempt": attempt, "answer": answer }))
}

/// Asks for deliveries to be made once more.
///
/// # Errors
/// `not-found`, `invalid`, `changed-meanwhile`.
pub async fn replay(app: &App, caller: &Caller, id: &str, json: &Json) -> Result<Value> {
    caller.may("webhooks")?;
    let form = Form::read(json, REPLAY).map_err(Problem::fields)?;
    let mut faults: Vec<Wrong> = Vec::new();
    let now = app.wall();
    let mut moment = |name: &str| -> Option<Timestamp> {
        let found = form.text(name).map(str::parse::<Timestamp>)?;
        let message = "must be a moment, for example 2026-11-27T14:00:00Z";
        found
            .map_err(|_| faults.push(wrong(format!("/{name}"), "moment", message)))
            .ok()
    };
    let (from, to) = (moment("from"), moment("to"));
    // What is sent by it is of later moments: a replay never finds itself.
    let to = to.unwrap_or(now).min(now);
    if from.is_some_and(|from| from >= to) {
        faults.push(wrong(
            "/from",
            "range",
            "must be before to, and in the past",
        ));
    }
    let Some(from) = from.filter(|_| faults.is_empty()) else {
        return Err(Problem::fields(faults));
    };
    let mut seen = endpoints::named(app, caller, id).await?;
    let last = seen.value.replay.as_ref().map_or(0, |one| one.number);
    let replay = Replay {
        number: last.saturating_add(1), // saturates: nobody asks so often
        from,
        to,
        failed: form.flag("failed").unwrap_or(true),
    };
    seen.value.replay = Some(replay.clone());
    keep(app, &seen).await?;
    Ok(json!({ "replay": replay }))
}
