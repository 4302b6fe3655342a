//! Tokens are made, shown, deleted, and used by payments.

use super::asked;
use crate::app::App;
use crate::callers::Caller;
use crate::wire::fields::{Wrong, wrong};
use crate::wire::json::Json;
use crate::wire::problem::{Problem, Result};
use aws_lc_rs::rand;
use desk::tokens::once::{self, Once};
use desk::tokens::{self, Of, PREFIX, Token};
use serde_json::{Value, json};
use settlement::ids::RoutingNumber;
use settlement::payment::AccountKind;
use settlement::windows::eastern_date;
use zeroize::Zeroizing;

/// Bytes of chance in a token.
const CHANCE: usize = 16;

/// An account that a token stands for.
pub struct Held {
    /// The bank.
    pub routing: RoutingNumber,
    /// The kind of account.
    pub kind: AccountKind,
    /// Its number.
    pub number: Zeroizing<String>,
}

/// The merchant whose tokens a caller may use.
fn merchant(caller: &Caller) -> Result<&str> {
    let own = caller.key.merchant.as_deref();
    own.ok_or_else(|| {
        let why = "the operator's key is no merchant's; use one that is";
        Problem::new("forbidden", why)
    })
}

fn gone() -> Problem {
    Problem::new("not-found", "there is no token of this name")
}

/// Makes a token of a number, once for each key, and says whether the same request had made it
/// before. Without a key it makes another one each time.
///
/// # Errors
/// `invalid` with every field that is wrong, `merchant-not-approved`, `idempotency-key-reused`,
/// `not-found` where the token of the key was deleted.
pub async fn create(
    app: &App,
    caller: &Caller,
    key: Option<&str>,
    json: &Json,
) -> Result<(Value, bool)> {
    caller.may("tokens")?;
    let asked = asked::read(json, eastern_date(app.now()))?;
    let merchant = caller.asks_for()?.name.as_str();
    let mut chance = [0u8; CHANCE];
    rand::fill(&mut chance).map_err(|_| Problem::new("internal", "no random numbers"))?;
    let digits: String = chance.iter().map(|byte| format!("{byte:02x}")).collect();
    let token = format!("{PREFIX}{digits}");
    let (documents, vault) = (&*app.ports().documents, &*app.ports().vault);
    let (number, at) = (asked.number.as_str(), app.now());
    let Some(key) = key else {
        let new = (merchant, token.as_str(), asked.of);
        let made = tokens::keep(documents, vault, new, number, at).await?;
        return Ok((view(app, &made), false));
    };
    let text = Zeroizing::new(json.canonical());
    let request = once::Request {
        merchant,
        key,
        text: &text,
        token: &token,
        of: asked.of,
        number,
        at,
    };
    match once::keep_once(documents, vault, request).await? {
        Once::Made(token) => Ok((view(app, &token), false)),
        Once::Before(token) => Ok((view(app, &token), true)),
        Once::Gone => {
            let why = "the token of this key was deleted; send another key for another one";
            Err(Problem::new("not-found", why))
        }
        Once::Reused => {
            let why = "the key was used for another request";
            Err(Problem::new("idempotency-key-reused", why))
        }
    }
}

/// Shows a token: never its number.
///
/// # Errors
/// `not-found`, also for another merchant's.
pub async fn get(app: &App, caller: &Caller, token: &str) -> Result<Value> {
    caller.may("tokens")?;
    let found = tokens::get(&*app.ports().documents, merchant(caller)?, token).await?;
    Ok(view(app, &found.ok_or_else(gone)?.value))
}

/// Deletes a token with its sealed number. Payments that it made have sealed theirs themselves.
///
/// # Errors
/// `not-found`, also for one that was deleted before.
pub async fn delete(app: &App, caller: &Caller, token: &str) -> Result<()> {
    caller.may("tokens")?;
    let merchant = merchant(caller)?;
    match tokens::delete(&*app.ports().documents, merchant, token).await? {
        true => Ok(()),
        false => Err(gone()),
    }
}

fn view(app: &App, token: &Token) -> Value {
    let mut view = json!({
        "token": token.token,
        "last4": token.last4,
        "created_at": token.created_at,
        "kms_key_id": app.ports().vault.key_id(&token.sealed),
    });
    match &token.of {
        Of::BankAccount { routing, kind } => {
            view["bank_account"] = json!({ "routing": routing.to_string(), "kind": kind });
        }
        Of::Card {
            network,
            exp_month,
            exp_year,
        } => {
            let card = json!({ "network": network, "exp_month": exp_month, "exp_year": exp_year });
            view["card"] = card;
        }
    }
    view
}

/// The account of a merchant's token, for a payment that names it at `at`; what is wrong is told
/// among the payment's faults.
///
/// # Errors
/// Where the store or the vault does not answer.
pub async fn held(
    app: &App,
    caller: &Caller,
    token: &str,
    at: &str,
) -> Result<std::result::Result<Held, Wrong>> {
    caller.may("payments:write")?;
    let ports = app.ports();
    let found = tokens::get(&*ports.documents, merchant(caller)?, token).await?;
    let Some(found) = found else {
        let message = "there is no such token; use one that POST /v1/tokens has given";
        return Ok(Err(wrong(at, "not-found", message)));
    };
    let Of::BankAccount { routing, kind } = found.value.of else {
        let message = "is a card's, and payments go to accounts; use an account's";
        return Ok(Err(wrong(at, "not-an-account", message)));
    };
    let number = tokens::number(&*ports.vault, &found.value).await?;
    Ok(Ok(Held {
        routing,
        kind,
        number,
    }))
}
