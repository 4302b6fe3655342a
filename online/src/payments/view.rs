//! A payment as its merchant sees it.

use crate::app::App;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use settlement::codes::changes::ChangeCode;
use settlement::codes::returns::{Reinitiate, ReturnReason};
use settlement::expected::{Expected, expected};
use settlement::payment::{Event, Payment, PaymentEvent, ReturnRef, State};

/// A payment in JSON, as expected at the moment `at`.
pub fn payment(app: &App, payment: &Payment, at: Timestamp) -> Value {
    let desk = app.desk_of(&payment.bank);
    let mut view = asked(payment, desk.bank.currency.as_str());
    view.insert("id".to_owned(), json!(payment.id.to_string()));
    view.insert("version".to_owned(), json!(payment.version));
    view.insert("status".to_owned(), json!(payment.state.public()));
    view.insert("state".to_owned(), json!(payment.state));
    view.insert("created_at".to_owned(), json!(payment.created_at));
    let was_success = payment.settled_on.is_some();
    view.insert("was_success".to_owned(), json!(was_success));
    let expected = expected(payment, &desk.bank, at);
    view.insert("expected".to_owned(), future(&expected, payment.state));
    let mut may = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            view.insert(name.to_owned(), value);
        }
    };
    may("cut", payment.cut.as_ref().map(|cut| json!(cut.0)));
    may(
        "entry",
        payment.entry.map(|entry| {
            json!({
                "trace": entry.trace.to_string(),
                "batch": entry.batch.to_string(),
                "settles_on": entry.settles_on,
            })
        }),
    );
    may("settled_on", payment.settled_on.map(|on| json!(on)));
    may("return", payment.returned.map(|of| returned(&of)));
    if payment.order.direction == settlement::ids::Direction::Debit {
        may("hold_ended", Some(json!(payment.hold_ended)));
    }
    if let Some(accepted) = &payment.accepted {
        may("merchant", Some(json!(accepted.merchant)));
        may("customer", accepted.customer.as_ref().map(|one| json!(one)));
        let back = match payment.reverses() {
            Some(_) => "reverses",
            None => "refunds",
        };
        may(back, accepted.refunds.map(|of| json!(of.to_string())));
        may("risk", accepted.risk.as_ref().map(|risk| json!(risk)));
    }
    let events = format!("/v1/payments/{}/events", payment.id);
    view.insert("links".to_owned(), json!({ "events": events }));
    Value::Object(view)
}

/// What was asked for.
fn asked(payment: &Payment, currency: &str) -> Map<String, Value> {
    let (order, receiver) = (&payment.order, &payment.receiver);
    let mut view = Map::new();
    let mut has = |name: &str, value: Value| view.insert(name.to_owned(), value);
    has("direction", json!(order.direction));
    has("amount_cents", json!(order.amount));
    has("currency", json!(currency));
    has("originator", json!(order.originator));
    has("sec", json!(order.sec.as_str()));
    has("description", json!(order.description));
    has("speed", json!(order.speed));
    has(
        "account",
        json!({
            "routing": receiver.routing.to_string(),
            "kind": receiver.account,
            "last4": receiver.token.last4,
            "token": receiver.token.token,
        }),
    );
    let mut may = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            view.insert(name.to_owned(), value);
        }
    };
    may("effective", order.effective.map(|date| json!(date)));
    let name = Some(&receiver.name).filter(|name| !name.is_empty());
    may("name", name.map(|name| json!(name)));
    may(
        "remittance",
        payment.remittance.as_ref().map(|text| json!(text)),
    );
    may(
        "reference",
        payment.reference.as_ref().map(|text| json!(text)),
    );
    let metadata = Some(&payment.metadata).filter(|all| !all.is_empty());
    may("metadata", metadata.map(|all| json!(all)));
    view
}

/// What is expected, by name; what is not expected is not there.
fn future(expected: &Expected, state: State) -> Value {
    let mut future = Map::new();
    let mut may = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            future.insert(name.to_owned(), value);
        }
    };
    if let Some(going) = expected.going {
        may("window", Some(json!(going.window)));
        may("cut_date", Some(json!(going.date)));
        may("cut_at", Some(json!(going.cut_at)));
        may("cancel_until", Some(json!(going.cut_at)));
    }
    may("settles_on", expected.settles_on.map(|on| json!(on)));
    may("hold_ends", expected.hold_ends.map(|on| json!(on)));
    let ordinary = expected.ordinary_return_until;
    may("return_until", ordinary.map(|on| json!(on)));
    let unauthorized = expected.unauthorized_return_until;
    may(
        "unauthorized_return_until",
        unauthorized.map(|on| json!(on)),
    );
    may("final_on", expected.final_on.map(|on| json!(on)));
    if state == State::Review {
        may("waits_for", Some(json!("review")));
    }
    Value::Object(future)
}

/// How a payment came back: the bank's own code, what it means, and what may be done.
fn returned(of: &ReturnRef) -> Value {
    let mut view = json!({
        "code": of.code.to_string(),
        "received_on": of.received_on,
        "late": of.late,
        "trace": of.trace.to_string(),
    });
    if let Some(reason) = of.code.reason() {
        view["meaning"] = json!(reason.title);
        view["what_to_do"] = json!(what_to_do(reason));
        view["may_represent"] = json!(match reason.again {
            Reinitiate::Twice => 2,
            _ => 0,
        });
    }
    view
}

/// What a notice of change says: of a payment's account something is not as it was given.
pub fn change(event: &PaymentEvent) -> Option<Value> {
    let Event::NoticeOfChange { change, .. } = &event.event else {
        return None;
    };
    let mut view = json!({ "code": change, "date": event.date });
    let row = change.parse().ok().and_then(ChangeCode::row);
    if let Some(row) = row {
        view["meaning"] = json!(row.title);
    }
    Some(view)
}

fn what_to_do(reason: &ReturnReason) -> &'static str {
    match reason.again {
        Reinitiate::Twice => "it may be asked for again, twice at most, within 180 days",
        _ => "ask the receiver; it must not be asked for again as it is",
    }
}

/// An event of a payment.
pub fn event(event: &PaymentEvent) -> Value {
    let mut view = json!({
        "payment": event.payment.to_string(),
        "version": event.version,
        "date": event.date,
        "at": event.at,
        "from": event.from,
        "to": event.to,
        "status": event.to.public(),
        "event": event.event,
    });
    if let Some(number) = event.fact {
        view["fact"] = json!(number);
    }
    view
}
