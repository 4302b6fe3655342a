//! Payments and their events, as far as a caller may see them.

use super::{cost, given, lapse, ties, view};
use crate::app::App;
use crate::callers::Caller;
use crate::idempotency;
use crate::wire::fields::{Wrong, wrong};
use crate::wire::problem::{Problem, Result};
use jiff::civil::Date;
use serde_json::{Value, json};
use settlement::archive::sha256;
use settlement::ids::{Direction, PaymentId, TraceNumber};
use settlement::payment::{Payment, PaymentEvent, PublicState, State};
use settlement::windows::eastern_date;
use std::collections::BTreeMap;

/// Payments in a list at most, and where nothing is said.
const MOST: usize = 200;
const USUAL: usize = 50;

/// Digits of a trace number.
const TRACE_DIGITS: usize = 15;

/// Payments that are looked at for one list, however few of them are in it.
const LOOKED_AT: usize = 1_000;

/// The payment of an id, where the caller may see it: what is another merchant's is not there.
///
/// # Errors
/// `not-found`.
pub async fn seen(app: &App, caller: &Caller, id: &str) -> Result<Payment> {
    let gone = || Problem::new("not-found", "there is no payment of this id");
    let id: PaymentId = id.parse().map_err(|_| gone())?;
    let found = app.ports().payments.get(&[id]).await?.pop().flatten();
    let payment = found.ok_or_else(gone)?;
    let merchant = payment.accepted.as_ref().map(|one| one.merchant.as_str());
    match caller.sees(merchant) {
        true => Ok(payment),
        false => Err(gone()),
    }
}

/// One payment, with its events where `include` asks for them.
///
/// # Errors
/// `not-found`, `bad-query`.
pub async fn get(
    app: &App,
    caller: &Caller,
    id: &str,
    query: &BTreeMap<String, String>,
) -> Result<Value> {
    caller.may("payments:read")?;
    let include = match query.get("include").map(String::as_str) {
        None | Some("") => false,
        Some("events") => true,
        Some(_) => {
            return Err(bad_query(vec![wrong(
                "include",
                "choice",
                "must be events",
            )]));
        }
    };
    let payment = seen(app, caller, id).await?;
    let mut shown = shown(app, &payment).await?;
    shown["cost"] = json!(cost::of(app, &payment));
    // What was forgotten is sealed no more.
    let sealed = Some(&payment.receiver.sealed).filter(|one| !one.wrapped_key.is_empty());
    shown["account"]["kms_key_id"] = json!(sealed.map(|one| app.ports().vault.key_id(one)));
    if include {
        shown["events"] = history(app, payment.id).await?;
    }
    Ok(shown)
}

/// A payment as it stands: what is expected of it now, and whether it ties out.
///
/// # Errors
/// Where the newest reconciliation cannot be read.
pub async fn shown(app: &App, payment: &Payment) -> Result<Value> {
    let desk = app.desk_of(&payment.bank);
    let newest = ties::newest(app, desk).await?;
    let mut shown = view::payment(app, payment, app.now());
    if let Some(why) = lapse::why(app, payment, app.now()).await? {
        shown["expected"] = json!({ "lapsed": why });
    }
    let events = match payment.entry {
        None => Vec::new(),
        Some(_) => app.ports().payments.history(payment.id).await?,
    };
    if let Some(change) = events.iter().rev().find_map(view::change) {
        shown["change"] = change;
    }
    let settled = |one: &&PaymentEvent| one.event.settlement().is_some();
    let told = events.iter().rev().find(settled).map(|one| one.date);
    let told = told.filter(|_| payment.settled_on.is_some());
    if payment.settled_on.is_some()
        && let Some(by) = given::reversed_by(app, payment.id).await?
    {
        shown["reversed_by"] = json!(by.to_string());
    }
    shown["tied_out"] = ties::tied_out(payment, told, newest.as_deref());
    Ok(shown)
}

async fn history(app: &App, id: PaymentId) -> Result<Value> {
    let events = app.ports().payments.history(id).await?;
    Ok(events.iter().map(view::event).collect())
}

/// The events of one payment, oldest first.
///
/// # Errors
/// `not-found`.
pub async fn events(app: &App, caller: &Caller, id: &str) -> Result<Value> {
    caller.may("payments:read")?;
    let payment = seen(app, caller, id).await?;
    Ok(json!({ "data": history(app, payment.id).await?, "next": null }))
}

fn bad_query(errors: Vec<Wrong>) -> Problem {
    Problem {
        errors,
        ..Problem::new("bad-query", "a part of the query is wrong")
    }
}

/// What a list is asked for.
#[derive(Default)]
struct Wanted {
    status: Option<PublicState>,
    state: Option<State>,
    direction: Option<Direction>,
    reference: Option<String>,
    customer: Option<String>,
    trace: Option<TraceNumber>,
    from: Option<Date>,
    to: Option<Date>,
    after: Option<PaymentId>,
    limit: usize,
    key: Option<String>,
    merchant: Option<String>,
}

impl Wanted {
    fn of(query: &BTreeMap<String, String>) -> Result<Wanted> {
        let mut wanted = Wanted {
            limit: USUAL,
            ..Wanted::default()
        };
        let mut faults = Vec::new();
        for (name, value) in query {
            if let Err(message) = wanted.take(name, value) {
                faults.push(wrong(name.as_str(), "query", message));
            }
        }
        match faults.is_empty() {
            true => Ok(wanted),
            false => Err(bad_query(faults)),
        }
    }

    fn take(&mut self, name: &str, value: &str) -> std::result::Result<(), &'static str> {
        match name {
            "status" => {
                const ALL: [(&str, PublicState); 5] = [
                    ("INIT", PublicState::Init),
                    ("SENT_TO_BANK", PublicState::SentToBank),
                    ("PENDING", PublicState::Pending),
                    ("SUCCESS", PublicState::Success),
                    ("FAILED", PublicState::Failed),
                ];
                let found = ALL.iter().find(|(word, _)| *word == value);
                let why = "must be INIT, SENT_TO_BANK, PENDING, SUCCESS or FAILED";
                self.status = Some(found.ok_or(why)?.1);
            }
            "state" => {
                let found = State::ALL.iter().find(|state| state.as_str() == value);
                self.state = Some(*found.ok_or("is no state")?);
            }
            "direction" => {
                self.direction = Some(match value {
                    "credit" => Direction::Credit,
                    "debit" => Direction::Debit,
                    _ => return Err("must be credit or debit"),
                });
            }
            "reference" => self.reference = Some(value.to_owned()),
            "customer" => self.customer = Some(value.to_owned()),
            "trace" => {
                let number = value.parse().ok().filter(|_| value.len() == TRACE_DIGITS);
                let trace = number.and_then(|number| TraceNumber::from_number(number).ok());
                self.trace = Some(trace.ok_or("must be the fifteen digits of a trace number")?);
            }
            "merchant" => self.merchant = Some(value.to_owned()),
            "created_from" => self.from = Some(date(value)?),
            "created_to" => self.to = Some(date(value)?),
            "after" => self.after = Some(value.parse().map_err(|_| "is no payment id")?),
            "limit" => {
                let limit = value
                    .parse()
                    .ok()
                    .filter(|limit| (1..=MOST).contains(limit));
                self.limit = limit.ok_or("must be from 1 to 200")?;
            }
            "idempotency_key" => self.key = Some(idempotency::checked(value)?),
            _ => return Err("there is no such parameter; leave it out"),
        }
        Ok(())
    }

    fn takes(&self, payment: &Payment) -> bool {
        let created = eastern_date(payment.created_at);
        let accepted = payment.accepted.as_ref();
        let customer = accepted.and_then(|one| one.customer.as_ref());
        self.status.is_none_or(|one| payment.state.public() == one)
            && self.state.is_none_or(|one| payment.state == one)
            && self
                .direction
                .is_none_or(|one| payment.order.direction == one)
            && (self.reference.is_none() || payment.reference == self.reference)
            && (self.customer.is_none() || customer == self.customer.as_ref())
            && (self.trace.is_none() || payment.entry.map(|entry| entry.trace) == self.trace)
            && self.from.is_none_or(|from| created >= from)
            && self.to.is_none_or(|to| created <= to)
    }

    /// Whether no older payment can be in the list.
    fn ends_at(&self, payment: &Payment) -> bool {
        let created = eastern_date(payment.created_at);
        self.from.is_some_and(|from| created < from)
    }
}

fn date(text: &str) -> std::result::Result<Date, &'static str> {
    let found = text.parse().ok().filter(|_| text.len() == 10);
    found.ok_or("must be a date, for example 2026-11-27")
}

/// A merchant's payments, newest first. A page looks at no more than `LOOKED_AT`: it may hold few
/// or none, and still name the next.
///
/// # Errors
/// `bad-query`.
pub async fn list(app: &App, caller: &Caller, query: &BTreeMap<String, String>) -> Result<Value> {
    caller.may("payments:read")?;
    let wanted = Wanted::of(query)?;
    if let Some(key) = &wanted.key {
        return by_key(app, caller, key).await;
    }
    let merchant = match (&caller.key.merchant, &wanted.merchant) {
        (Some(own), None) => own.clone(),
        (Some(own), Some(named)) if own == named => own.clone(),
        (None, Some(named)) if settlement::bank::is_short_name(named) => named.clone(),
        (None, None) => {
            let message = "name the merchant: the operator has no payments of its own";
            return Err(bad_query(vec![wrong("merchant", "missing", message)]));
        }
        _ => {
            let message = "there is no such merchant";
            return Err(bad_query(vec![wrong("merchant", "unknown", message)]));
        }
    };
    let (mut found, mut before, mut looked, mut more) = (Vec::new(), wanted.after, 0, true);
    while more && found.len() < wanted.limit && looked < LOOKED_AT {
        let page = app.ports().payments.recent(&merchant, before, MOST).await?;
        more = page.len() == MOST;
        for payment in page {
            if found.len() == wanted.limit {
                more = true;
                break;
            }
            if wanted.ends_at(&payment) {
                more = false;
                break;
            }
            (before, looked) = (Some(payment.id), looked + 1);
            if wanted.takes(&payment) {
                found.push(payment);
            }
        }
    }
    let mut data = Vec::with_capacity(found.len());
    for payment in &found {
        data.push(shown(app, payment).await?);
    }
    Ok(json!({ "data": data, "next": next(query, before.filter(|_| more)) }))
}

/// The address of the next page.
fn next(query: &BTreeMap<String, String>, before: Option<PaymentId>) -> Option<String> {
    let before = before?;
    let mut pairs = form_urlencoded::Serializer::new(String::new());
    for (name, value) in query.iter().filter(|(name, _)| *name != "after") {
        pairs.append_pair(name, value);
    }
    pairs.append_pair("after", &before.to_string());
    Some(format!("/v1/payments?{}", pairs.finish()))
}

/// The payment that a request made, by its key: whether it arrived, without sending it again.
async fn by_key(app: &App, caller: &Caller, key: &str) -> Result<Value> {
    let scoped = idempotency::scoped(caller, super::create::ROUTE, key);
    let hash = *sha256(scoped.as_bytes()).as_bytes();
    let data = match app.ports().payments.request(hash).await? {
        None => Vec::new(),
        Some(request) => {
            let payment = seen(app, caller, &request.payment.to_string()).await?;
            vec![shown(app, &payment).await?]
        }
    };
    Ok(json!({ "data": data, "next": null }))
}
