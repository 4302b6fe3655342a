//! Who asks, found by the key or the token of a request.

use crate::app::App;
use crate::callers::Caller;
use crate::wire::problem::{Problem, Result};
use desk::merchants::{self, Key, LIVE, TEST};
use http::{HeaderMap, header};
use settlement::archive::sha256;
use std::sync::Arc;
use std::time::Instant;

/// The longest key or token in a header.
const MOST_BYTES: usize = 8 << 10;

/// Who calls with these headers.
///
/// # Errors
/// `unauthenticated`, or where the store does not answer.
pub async fn caller(app: &App, headers: &HeaderMap) -> Result<Arc<Caller>> {
    let secret = bearer(headers)?;
    let (hash, now) = (*sha256(secret.as_bytes()).as_bytes(), Instant::now());
    let caller = match app.callers.known(&hash, now) {
        Some(known) => known,
        None => {
            let found = match is_key(secret) {
                true => look_up(app, secret, &merchants::kept_as(secret)).await?,
                false => Some(signed_in(app, secret).await?),
            };
            app.callers.remember(hash, found.clone(), now);
            found
        }
    };
    caller.ok_or_else(|| Problem::new("unauthenticated", "the key is not known, or revoked"))
}

/// Whether it looks like a key; what does not is a token that an issuer has signed.
fn is_key(secret: &str) -> bool {
    secret.starts_with(LIVE) || secret.starts_with(TEST)
}

fn bearer(headers: &HeaderMap) -> Result<&str> {
    let nobody = |why: &str| Problem::new("unauthenticated", why);
    let mut all = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(one), None) = (all.next(), all.next()) else {
        return Err(nobody("send one header Authorization: Bearer and a key"));
    };
    let text = one.to_str().ok().filter(|text| text.len() <= MOST_BYTES);
    let secret = text.and_then(|text| {
        let (scheme, secret) = text.split_once(' ')?;
        scheme
            .eq_ignore_ascii_case("bearer")
            .then_some(secret.trim())
    });
    let secret =
        secret.ok_or_else(|| nobody("the header Authorization is not Bearer and a key"))?;
    // A token has two points; whatever else there is can only be a key that nobody has.
    match is_key(secret) || secret.bytes().filter(|byte| *byte == b'.').count() == 2 {
        true => Ok(secret),
        false => Err(nobody("the key is not known, or revoked")),
    }
}

/// The caller of a token that an issuer has signed.
async fn signed_in(app: &App, token: &str) -> Result<Arc<Caller>> {
    let now = app.now();
    let claims = app.issuers.claims(token, now.as_second()).await?;
    let found = merchants::merchant(&*app.ports().documents, &claims.merchant).await?;
    let merchant = found.ok_or_else(|| {
        let why = "the token names a merchant that is not there";
        Problem::new("unauthenticated", why)
    })?;
    let key = Key {
        name: claims.name.clone(),
        merchant: Some(claims.merchant.clone()),
        scopes: claims.scopes,
        created_at: now,
        revoked: false,
    };
    Ok(Arc::new(Caller {
        id: format!("{}/{}", claims.merchant, claims.name),
        key,
        merchant: Some(merchant.value),
    }))
}

async fn look_up(app: &App, secret: &str, kept: &str) -> Result<Option<Arc<Caller>>> {
    let documents = &*app.ports().documents;
    let Some(key) = merchants::key(documents, secret).await? else {
        return Ok(None);
    };
    let merchant = match &key.merchant {
        None => None,
        Some(name) => {
            let Some(seen) = merchants::merchant(documents, name).await? else {
                return Ok(None);
            };
            Some(seen.value)
        }
    };
    Ok(Some(Arc::new(Caller {
        id: kept.to_owned(),
        key,
        merchant,
    })))
}
