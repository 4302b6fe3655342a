//! Tokens: what a merchant uses in place of an account or card number that was given once.
//!
//! Each is a document, `tokens/MERCHANT/TOKEN`, so that no other merchant's is ever looked at. The
//! number is sealed with merchant and token as its context: moved to another token's document it
//! opens nothing. A payment seals the number anew with its own id, so that none needs its token
//! once it is made, and a token can be deleted at any time.

pub mod once;

use crate::failure::{Failure, Result};
use crate::merchants::{Seen, body, read};
use connectors::{Documents, Error, KeyVault};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use settlement::bank::is_short_name;
use settlement::ids::RoutingNumber;
use settlement::payment::{AccountKind, Sealed};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// The collection.
pub const TOKENS: &str = "tokens";

/// The collection of the requests that made them, by merchant and the hash of their keys.
pub const REQUESTS: &str = "token-requests";

/// What every token begins with.
pub const PREFIX: &str = "tok_";

/// The digits behind it: 128 bits in hexadecimal.
const DIGITS: usize = 32;

/// Times that deleting is begun anew because the token was wrapped anew meanwhile, which happens
/// once for each new master key.
const TRIES: usize = 8;

/// Tokens that are read at once where all of them are.
const PAGE: usize = 500;

/// What the number of a token is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Of {
    /// An account at a bank.
    BankAccount {
        /// The bank.
        routing: RoutingNumber,
        /// The kind of account.
        kind: AccountKind,
    },
    /// A card.
    Card {
        /// The network, by the first digits of the number.
        network: String,
        /// The month in which it ends, from 1.
        exp_month: u8,
        /// The year of it.
        exp_year: u16,
    },
}

/// A token, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    /// Whose it is.
    pub merchant: String,
    /// The token itself.
    pub token: String,
    /// What the number is.
    pub of: Of,
    /// The last characters of the number: four, fewer where it is shorter than eight.
    pub last4: String,
    /// The number, encrypted.
    pub sealed: Sealed,
    /// When it was given.
    pub created_at: Timestamp,
}

/// What wrapping all tokens anew came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rewrapped {
    /// Tokens that were looked at.
    pub tokens: u64,
    /// Those of them whose data key was wrapped by an older master key.
    pub rewrapped: u64,
}

/// Whether a text can be a token; what cannot is never looked up.
pub fn is_token(text: &str) -> bool {
    let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.strip_prefix(PREFIX)
        .is_some_and(|digits| digits.len() == DIGITS && digits.bytes().all(hex))
}

fn name(merchant: &str, token: &str) -> String {
    format!("{merchant}/{token}")
}

/// What the number is sealed with beside the key.
fn context(merchant: &str, token: &str) -> String {
    format!("{TOKENS}/{}", name(merchant, token))
}

/// The last characters of a number that may be shown.
pub fn last_shown(number: &str) -> String {
    let characters = number.chars().count();
    // Of a short number four would be most of it.
    let shown = if characters >= 8 { 4 } else { characters / 2 };
    // saturates: what is shorter is shown whole
    let hidden = characters.saturating_sub(shown);
    number.chars().skip(hidden).collect()
}

/// Seals a number and keeps its token, whose text the caller has drawn.
///
/// # Errors
/// Where the vault or the store does not answer, or the token is there already.
pub async fn keep(
    documents: &dyn Documents,
    vault: &dyn KeyVault,
    new: (&str, &str, Of),
    number: &str,
    at: Timestamp,
) -> Result<Token> {
    let (kept, _) = put(documents, vault, new, number, at).await?;
    Ok(kept)
}

/// The same, with the version of its document: 1 where there was none of this name before.
async fn put(
    documents: &dyn Documents,
    vault: &dyn KeyVault,
    (merchant, token, of): (&str, &str, Of),
    number: &str,
    at: Timestamp,
) -> Result<(Token, u64)> {
    let context = context(merchant, token);
    let kept = Token {
        merchant: merchant.to_owned(),
        token: token.to_owned(),
        of,
        last4: last_shown(number),
        sealed: vault.seal(&context, number.as_bytes()).await?,
        created_at: at,
    };
    let name = name(merchant, token);
    let version = documents.put(TOKENS, &name, 0, body(&kept)?).await?;
    Ok((kept, version))
}

/// A merchant's token.
///
/// # Errors
/// Where the store does not answer, or what it has is damaged.
pub async fn get(
    documents: &dyn Documents,
    merchant: &str,
    token: &str,
) -> Result<Option<Seen<Token>>> {
    if !is_short_name(merchant) || !is_token(token) {
        return Ok(None);
    }
    let found = documents.get(TOKENS, &name(merchant, token)).await?;
    found.map(|found| read(TOKENS, &found)).transpose()
}

/// The number of a token; wiped when it is dropped.
///
/// # Errors
/// Exit status 3 where it does not open: what was sealed is another token's, or changed.
pub async fn number(vault: &dyn KeyVault, token: &Token) -> Result<Zeroizing<String>> {
    let context = context(&token.merchant, &token.token);
    let opened = vault.open(&context, &token.sealed).await?;
    let text = std::str::from_utf8(&opened);
    let text = text.map_err(|_| Failure::damaged("a token's number is no text"))?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// A token for each key of the vault that one is sealed under.
///
/// # Errors
/// Where the store does not answer, or what it has is damaged.
pub async fn of_each_key(documents: &dyn Documents, vault: &dyn KeyVault) -> Result<Vec<Token>> {
    let (mut found, mut after) = (BTreeMap::new(), None);
    loop {
        let page = documents.list(TOKENS, "", after.as_deref(), PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(found.into_values().collect());
        };
        after = Some(last.name.clone());
        for document in &page {
            let token = read::<Token>(TOKENS, document)?.value;
            found.entry(vault.key_id(&token.sealed)).or_insert(token);
        }
    }
}

/// Whether what is sealed of a token opens.
///
/// # Errors
/// Where the vault does not answer.
pub async fn opens(vault: &dyn KeyVault, token: &Token) -> Result<bool> {
    let context = context(&token.merchant, &token.token);
    match vault.open(&context, &token.sealed).await {
        Ok(_) => Ok(true),
        Err(Error::Corrupt { .. } | Error::Invalid { .. }) => Ok(false),
        Err(other) => Err(other.into()),
    }
}

/// Deletes a merchant's token with its sealed number; whether it was there.
///
/// # Errors
/// As [`get`].
pub async fn delete(documents: &dyn Documents, merchant: &str, token: &str) -> Result<bool> {
    for _ in 0..TRIES {
        let Some(seen) = get(documents, merchant, token).await? else {
            return Ok(false);
        };
        let name = name(merchant, token);
        match documents.remove(TOKENS, &name, seen.version).await {
            Ok(()) => return Ok(true),
            Err(Error::Conflict { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Failure::could_not("a token was changed all the time").remedy("run the same again"))
}

/// Deletes a merchant's tokens of the account that `account` stands for in tables, and answers how
/// many they are; with `dry_run` nothing is deleted.
///
/// # Errors
/// Where the vault or the store does not answer, or a token does not open.
pub async fn forget(
    documents: &dyn Documents,
    vault: &dyn KeyVault,
    merchant: &str,
    account: &str,
    dry_run: bool,
) -> Result<u64> {
    let (prefix, mut after, mut found) = (name(merchant, ""), None, 0);
    loop {
        let page = documents.list(TOKENS, &prefix, after.as_deref(), PAGE);
        let page = page.await?;
        let Some(last) = page.last() else {
            return Ok(found);
        };
        after = Some(last.name.clone());
        for document in &page {
            let token = read::<Token>(TOKENS, document)?.value;
            let Of::BankAccount { routing, .. } = token.of else {
                continue;
            };
            let number = number(vault, &token).await?;
            if vault.token(routing, &number).await?.token != account {
                continue;
            }
            found += 1;
            if !dry_run {
                delete(documents, merchant, &token.token).await?;
            }
        }
    }
}

/// Wraps the data key of every token by the newest master key. Where it is ended on the way, the
/// same again does the rest.
///
/// # Errors
/// Where the vault or the store does not answer, or a token does not open, which is named.
pub async fn rewrap_all(documents: &dyn Documents, vault: &dyn KeyVault) -> Result<Rewrapped> {
    let (mut done, mut after) = (Rewrapped::default(), None);
    loop {
        let page = documents.list(TOKENS, "", after.as_deref(), PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(done);
        };
        after = Some(last.name.clone());
        for document in &page {
            let Seen { mut value, version } = read::<Token>(TOKENS, document)?;
            done.tokens += 1;
            let again = vault.rewrap(&value.sealed).await?;
            if again == value.sealed {
                continue;
            }
            value.sealed = again;
            let put = documents.put(TOKENS, &document.name, version, body(&value)?);
            match put.await {
                Ok(_) => done.rewrapped += 1,
                // It was deleted meanwhile.
                Err(Error::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}

#[cfg(test)]
mod tests;
