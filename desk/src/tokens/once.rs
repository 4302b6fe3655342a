//! A request for a token that is repeated under its key makes no second token.
//!
//! What is kept of a request is the token that was drawn for it and a keyed hash under the vault:
//! without the vault's key no number can be guessed from it, however few its digits are. It stands
//! there before the token does, so of two at once one token comes, and a request whose process died
//! is completed by the same again. A token that was deleted meanwhile does not come back.

use super::{Of, REQUESTS, Token, get, put};
use crate::failure::Result;
use crate::merchants::{Seen, body, read};
use connectors::{Documents, Error, KeyVault};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use settlement::archive::{Hash256, sha256};

/// What is kept of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    token: String,
    fingerprint: String,
    at: Timestamp,
}

/// A request for a token.
pub struct Request<'a> {
    /// Whose.
    pub merchant: &'a str,
    /// Its key.
    pub key: &'a str,
    /// All of it, in the one form that the same requests have.
    pub text: &'a [u8],
    /// A token that was drawn, if none was drawn before.
    pub token: &'a str,
    /// What the number is.
    pub of: Of,
    /// The number.
    pub number: &'a str,
    /// When.
    pub at: Timestamp,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Once {
    /// A token was made.
    Made(Token),
    /// The same request had made this token before.
    Before(Token),
    /// The same request had made a token, which was deleted.
    Gone,
    /// The key is another request's.
    Reused,
}

/// Seals a number and keeps a token of it, once for each key.
///
/// # Errors
/// Where the vault or the store does not answer, or what it has is damaged.
pub async fn keep_once(
    documents: &dyn Documents,
    vault: &dyn KeyVault,
    request: Request<'_>,
) -> Result<Once> {
    let merchant = request.merchant;
    let name = format!("{merchant}/{}", sha256(request.key.as_bytes()));
    let about = format!("{REQUESTS}/{merchant}");
    let fingerprint = vault.fingerprint(&about, request.text).await?;
    let new = Asked {
        token: request.token.to_owned(),
        fingerprint: Hash256::from_bytes(fingerprint).to_string(),
        at: request.at,
    };
    let asked = asked(documents, &name, new.clone()).await?;
    if asked.fingerprint != new.fingerprint {
        return Ok(Once::Reused);
    }
    let is_new = asked.token == new.token;
    if !is_new && let Some(found) = get(documents, merchant, &asked.token).await? {
        return Ok(Once::Before(found.value));
    }
    let sealed = (merchant, asked.token.as_str(), request.of);
    match put(documents, vault, sealed, request.number, asked.at).await {
        // The first of its name: it was never there before.
        Ok((token, 1)) if is_new => Ok(Once::Made(token)),
        Ok((token, 1)) => Ok(Once::Before(token)),
        Ok((token, version)) => {
            let name = super::name(merchant, &token.token);
            documents.remove(super::TOKENS, &name, version).await?;
            Ok(Once::Gone)
        }
        Err(failure) => match get(documents, merchant, &asked.token).await? {
            // Whoever asked at the same time has made it.
            Some(found) => Ok(Once::Before(found.value)),
            None => Err(failure),
        },
    }
}

/// What stands of a request; `new` where nothing did.
async fn asked(documents: &dyn Documents, name: &str, new: Asked) -> Result<Asked> {
    if let Some(stood) = documents.get(REQUESTS, name).await? {
        let Seen { value, .. } = read(REQUESTS, &stood)?;
        return Ok(value);
    }
    match documents.put(REQUESTS, name, 0, body(&new)?).await {
        Ok(_) => Ok(new),
        Err(Error::Conflict { .. }) => match documents.get(REQUESTS, name).await? {
            Some(stood) => Ok(read::<Asked>(REQUESTS, &stood)?.value),
            None => Ok(new),
        },
        Err(error) => Err(error.into()),
    }
}
