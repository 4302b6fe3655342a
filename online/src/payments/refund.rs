//! A pull is given back, all or a part: a payout of its own to the account it came from.
//!
//! What is given back is never more than what was pulled, whoever asks at once: the parts of a
//! payment stand in one document, which changes only from what was seen, and a part stands there
//! before its payout is made. A part whose payout was never made (a process died between) is
//! completed by the same request, and dropped once nobody can be making it any more.

use super::create::{Answer, draw};
use super::{faults, read};
use crate::app::App;
use crate::callers::Caller;
use crate::idempotency;
use crate::wire::fields::{Field, Form, Kind, may, wrong};
use crate::wire::json::Json;
use crate::wire::problem::{Problem, Result};
use bytes::Bytes;
use connectors::Created;
use desk::authorize::{Authorized, record};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use settlement::authorize::NewPayment;
use settlement::codes::sec::SecCode;
use settlement::expected::expected;
use settlement::ids::{Direction, PaymentId};
use settlement::money::Cents;
use settlement::payment::{Accepted, Order, Payment, Speed, State};
use settlement::windows::{business_date, eastern_date};
use zeroize::Zeroizing;

/// The collection of what was given back, by payment.
const REFUNDS: &str = "refunds";

/// Parts of one payment: what a person can look through.
const MOST_PARTS: usize = 50;

/// After so long nobody is making a payout of which nothing is known: a request takes seconds.
const GIVEN_UP: SignedDuration = SignedDuration::from_hours(1);

/// A request to give back.
pub const REFUND: &[Field] = &[
    may(
        "amount_cents",
        Kind::Whole {
            least: 1,
            most: 999_999_999_999,
        },
        "how much, in cents; what is left of the payment where nothing is said",
    ),
    may(
        "reference",
        Kind::Text { least: 1, most: 40 },
        "your own name for the refund",
    ),
];

/// A part that was given back, or is about to be.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    key: String,
    request: String,
    payment: String,
    cents: u64,
    at: Timestamp,
}

/// Gives back a pull, or a part of it, under a key.
///
/// # Errors
/// `not-found`; `not-now` where it has not settled or is a payout; `return-window-open` with the
/// date from which on it may be given back; `invalid` where it is more than what is left.
pub async fn refund(
    app: &App,
    caller: &Caller,
    id: &str,
    key: &str,
    json: &Json,
) -> Result<Answer> {
    caller.may("payments:write")?;
    caller.asks_for()?;
    let form = Form::read(json, REFUND).map_err(Problem::fields)?;
    let original = read::seen(app, caller, id).await?;
    let key = idempotency::scoped(caller, &format!("refunds/{id}"), key);
    let hash = idempotency::fingerprint(json);
    let documents = &app.ports().documents;
    let stood = documents.get(REFUNDS, id).await?;
    let version = stood.as_ref().map_or(0, |stood| stood.version);
    let mut parts = match &stood {
        Some(stood) => parts_of(&stood.body)?,
        None => Vec::new(),
    };
    let known = parts.iter().find(|part| part.key == key).cloned();
    let part = match known {
        Some(part) if part.request != hex(&hash) => {
            let detail = "the key was used for another refund of this payment";
            let problem = Problem::new("idempotency-key-reused", detail);
            return Err(problem.with("payment", part.payment));
        }
        Some(part) => part,
        None => {
            let now = app.now();
            may_be_given_back(app, caller, &original, now)?;
            let left = left(app, &original, &mut parts, now).await?;
            let part = Part {
                key: key.clone(),
                request: hex(&hash),
                payment: draw(now)?.to_string(),
                cents: asked(&form, left)?.get(),
                at: now,
            };
            parts.push(part.clone());
            let body = serde_json::to_vec(&parts).map(Bytes::from);
            let body = body.map_err(|_| Problem::new("internal", "a refund"))?;
            put(app, id, version, body).await?;
            part
        }
    };
    make(app, caller, &original, &part, hash, form.text("reference")).await
}

fn hex(hash: &[u8; 32]) -> String {
    settlement::archive::Hash256::from_bytes(*hash).to_string()
}

fn parts_of(body: &[u8]) -> Result<Vec<Part>> {
    serde_json::from_slice(body).map_err(|error| {
        tracing::error!(%error, "the refunds of a payment are damaged");
        Problem::new("internal", "the refunds of the payment cannot be read")
    })
}

async fn put(app: &App, id: &str, seen: u64, body: Bytes) -> Result<()> {
    match app.ports().documents.put(REFUNDS, id, seen, body).await {
        Ok(_) => Ok(()),
        Err(connectors::Error::Conflict { .. }) => {
            let detail = "another refund of the payment was asked for at the same time";
            Err(Problem::new("in-progress", detail).after(1))
        }
        Err(other) => Err(other.into()),
    }
}

/// Whether a payment can be given back now.
fn may_be_given_back(app: &App, caller: &Caller, of: &Payment, now: Timestamp) -> Result<()> {
    let not_now = |why: &str| Problem::new("not-now", why).with("state", of.state.as_str());
    if of.order.direction == Direction::Credit {
        return Err(not_now("a payout is not given back by a pull; reverse it"));
    }
    if !matches!(of.state, State::Success | State::Final) {
        return Err(not_now(
            "only what has settled is given back; cancel what has not",
        ));
    }
    let bank = &app.desk_of(&of.bank).bank;
    let last = expected(of, bank, now).final_on;
    let Some(last) = last.filter(|last| eastern_date(now) < *last) else {
        return Ok(());
    };
    if of.state == State::Final || caller.may("refunds:early").is_ok() {
        return Ok(());
    }
    let detail = format!(
        "until {last} it may come back by itself, and would then have been paid back twice"
    );
    Err(Problem::new("return-window-open", detail).with("refundable_on", last.to_string()))
}

/// What was not given back yet. Parts that were never made and never will be are dropped.
async fn left(app: &App, of: &Payment, parts: &mut Vec<Part>, now: Timestamp) -> Result<Cents> {
    let damaged = |_| Problem::new("internal", "the refunds of the payment cannot be read");
    let ids: Vec<PaymentId> = parts
        .iter()
        .map(|part| part.payment.parse().map_err(damaged))
        .collect::<Result<_>>()?;
    let made = app.ports().payments.get(&ids).await?;
    let mut kept = Vec::new();
    let mut given = Cents::ZERO;
    let too_much = || Problem::new("internal", "more was given back than there was");
    for (part, made) in parts.drain(..).zip(made) {
        let ended = made.as_ref().is_some_and(|made| {
            matches!(
                made.state,
                State::Canceled | State::Failed | State::Returned
            )
        });
        let never = made.is_none() && now.duration_since(part.at) > GIVEN_UP;
        if !ended && !never {
            given = given
                .checked_add(Cents::new(part.cents))
                .ok_or_else(too_much)?;
        }
        if !never {
            kept.push(part);
        }
    }
    *parts = kept;
    if parts.len() >= MOST_PARTS {
        return Err(Problem::new("not-now", "the payment has too many refunds"));
    }
    of.order.amount.checked_sub(given).ok_or_else(too_much)
}

fn asked(form: &Form<'_>, left: Cents) -> Result<Cents> {
    let asked = form
        .whole("amount_cents")
        .and_then(|cents| u64::try_from(cents).ok());
    let cents = asked.map_or(left, Cents::new);
    if cents.is_zero() || cents > left {
        let message = format!("must be at most the {} cents that are left", left.get());
        let over = wrong("/amount_cents", "over-what-is-left", message);
        return Err(Problem::fields(vec![over]));
    }
    Ok(cents)
}

/// The class by which money goes back to whom it was pulled from.
const fn class(of: SecCode) -> SecCode {
    match of {
        SecCode::Ccd | SecCode::Ctx => SecCode::Ccd,
        _ => SecCode::Ppd,
    }
}

async fn make(
    app: &App,
    caller: &Caller,
    of: &Payment,
    part: &Part,
    hash: [u8; 32],
    reference: Option<&str>,
) -> Result<Answer> {
    let desk = app.desk_of(&of.bank);
    let context = of.id.to_string();
    let opened = desk.ports.vault.open(&context, &of.receiver.sealed);
    let opened = opened.await?;
    let number = std::str::from_utf8(&opened).map(|text| Zeroizing::new(text.to_owned()));
    let number = number.map_err(|_| Problem::new("internal", "the account cannot be read"))?;
    let new = NewPayment {
        order: Order {
            direction: Direction::Credit,
            amount: Cents::new(part.cents),
            originator: of.order.originator.clone(),
            sec: class(of.order.sec),
            description: "REFUND".to_owned(),
            speed: Speed::Standard,
            effective: None,
        },
        routing: of.receiver.routing,
        account: of.receiver.account,
        name: of.receiver.name.clone(),
        remittance: None,
        reference: reference.map(str::to_owned),
        metadata: Default::default(),
    };
    let today = business_date(part.at, desk.bank.cutoffs.standard);
    let checked = new.check(&number, &desk.bank, today).map_err(|faults| {
        let wrong = faults.0.iter().map(faults::at_its_place);
        Problem::fields(wrong.collect())
    })?;
    let id = part.payment.parse();
    let authorized = Authorized {
        id: id.map_err(|_| Problem::new("internal", "the refund's id"))?,
        created_at: part.at,
        checked,
        routing: of.receiver.routing,
        idempotency_key: part.key.clone(),
        request_hash: hash,
    };
    let mut record = record(desk, authorized, &number).await?;
    let accepted = Accepted {
        merchant: caller.asks_for()?.name.clone(),
        customer: of.accepted.as_ref().and_then(|one| one.customer.clone()),
        refunds: Some(of.id),
        risk: None,
    };
    record.payment.accepted = Some(Box::new(accepted));
    let made = record.payment.clone();
    match app.ports().payments.create(vec![record]).await?.first() {
        Some(Created::New) => Ok(Answer::Made(Box::new(made), false)),
        Some(Created::Existing(_)) => Ok(Answer::Made(Box::new(made), true)),
        other => {
            tracing::error!(?other, "a refund was not made");
            Err(Problem::new("internal", "the refund was not made"))
        }
    }
}
