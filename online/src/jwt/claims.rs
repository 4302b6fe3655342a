//! What a proved token says, held against what its issuer's tokens must say.

use super::keys::{one, text};
use crate::wire::json::Json;
use desk::config::Issuer;
use desk::merchants::SCOPES;
use settlement::bank::is_short_name;
use std::collections::BTreeSet;

/// Seconds by which two clocks may differ.
const LEEWAY: i128 = 30;

/// The longest name of a caller that is shown as it is.
const NAME_BYTES: usize = 64;

/// What a token that passed every check is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// What its caller is called, in the log and to tell it from others.
    pub name: String,
    /// Its merchant.
    pub merchant: String,
    /// What it may be used for.
    pub scopes: BTreeSet<String>,
    /// The second of Unix time at which it ends.
    pub ends: i64,
}

impl Claims {
    /// Reads the claims of a proved token of `issuer` at the second `now` of Unix time.
    ///
    /// # Errors
    /// Why it is not good; nothing of it is repeated.
    pub fn read(json: &Json, issuer: &Issuer, now: i64) -> Result<Claims, &'static str> {
        let ends = in_time(json, now.into())?;
        if text(json, "iss") != Some(&issuer.issuer) {
            return Err("is of another issuer");
        }
        // Cognito signs two kinds: an id token says who somebody is, and opens nothing.
        if one(json, "token_use").is_some() && text(json, "token_use") != Some("access") {
            return Err("is no access token");
        }
        let client = text(json, "client_id");
        if !is_for_us(json, issuer, client) {
            return Err("is not for this API");
        }
        Ok(Claims {
            name: name(client.or(text(json, "sub"))),
            merchant: merchant(json, issuer, client)?,
            scopes: scopes(json, &issuer.scope_prefix)?,
            ends,
        })
    }
}

/// The second at which it ends, if it has begun and has not ended.
fn in_time(json: &Json, now: i128) -> Result<i64, &'static str> {
    let moment = |name: &str| match one(json, name) {
        None => Ok(None),
        Some(Json::Whole(second)) => Ok(Some(*second)),
        Some(_) => Err("has a time that is no whole second"),
    };
    let ends = moment("exp")?.ok_or("has no end (exp)")?;
    if ends <= now - LEEWAY {
        return Err("has ended");
    }
    for begins in [moment("nbf")?, moment("iat")?].into_iter().flatten() {
        if begins > now + LEEWAY {
            return Err("has not begun");
        }
    }
    i64::try_from(ends).map_err(|_| "has a time that is no whole second")
}

/// Whether it was made for us: by its audience, or where it has none, as Cognito's access tokens,
/// by the client that it was given to.
fn is_for_us(json: &Json, issuer: &Issuer, client: Option<&str>) -> bool {
    let ours = |one: &str| issuer.audience.iter().any(|audience| audience == one);
    match one(json, "aud") {
        Some(Json::Text(audience)) => ours(audience),
        Some(Json::List(all)) => all.iter().any(|item| match item {
            Json::Text(audience) => ours(audience),
            _ => false,
        }),
        Some(_) => false,
        None => client.is_some_and(|client| issuer.clients.contains_key(client)),
    }
}

/// The merchant: the claim's, or the one that the client is configured for; both must agree.
fn merchant(json: &Json, issuer: &Issuer, client: Option<&str>) -> Result<String, &'static str> {
    let configured = client.and_then(|client| issuer.clients.get(client));
    let configured = configured.filter(|name| !name.is_empty());
    let claimed = match one(json, "custom:merchant") {
        None => None,
        Some(Json::Text(name)) => Some(name),
        Some(_) => return Err("names no merchant"),
    };
    let name = match (claimed, configured) {
        (Some(claimed), Some(configured)) if claimed != configured => {
            return Err("names another merchant than its client's");
        }
        (claimed, configured) => claimed.or(configured).ok_or("names no merchant")?,
    };
    match is_short_name(name) {
        true => Ok(name.clone()),
        false => Err("names no merchant"),
    }
}

/// The scopes that are known here; others are somebody else's.
fn scopes(json: &Json, prefix: &str) -> Result<BTreeSet<String>, &'static str> {
    let all = match one(json, "scope") {
        None => "",
        Some(Json::Text(all)) => all,
        Some(_) => return Err("has scopes that are no text"),
    };
    let own = all
        .split(' ')
        .filter_map(|scope| scope.strip_prefix(prefix));
    let known = own.filter(|scope| SCOPES.iter().any(|(name, _)| name == scope));
    Ok(known.map(str::to_owned).collect())
}

fn name(text: Option<&str>) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let fits = |text: &&str| text.len() <= NAME_BYTES && text.chars().all(plain);
    format!("jwt:{}", text.filter(fits).unwrap_or("?"))
}
