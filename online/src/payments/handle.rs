//! Requests for payments, from the route to the answer.

use super::create::{self, Answer};
use super::{asked, refund, reverse, view};
use crate::app::App;
use crate::idempotency;
use crate::route::{Reply, Request};
use crate::wire::problem::{Problem, Result};
use serde_json::{Value, json};
use settlement::windows::business_date;
use std::sync::Arc;

/// Asks for a payment, or says what would be made.
///
/// # Errors
/// As [`create::create`].
pub async fn create_payment(app: Arc<App>, request: Request) -> Result<Reply> {
    let caller = request.caller()?;
    let json = request.json()?;
    let answer = match request.query.get("dry_run").map(String::as_str) {
        Some("true") => create::would(&app, caller, &json).await?,
        None | Some("false") => {
            let key = idempotency::key(&request.headers)?;
            create::create(&app, caller, &key, &json).await?
        }
        Some(_) => {
            return Err(Problem::new("bad-query", "dry_run must be true or false"));
        }
    };
    Ok(answered(&app, answer))
}

/// Gives a payment back.
///
/// # Errors
/// As [`refund::refund`].
pub async fn refund_payment(app: Arc<App>, request: Request) -> Result<Reply> {
    let (caller, json) = (request.caller()?, request.json()?);
    let key = idempotency::key(&request.headers)?;
    let answer = refund::refund(&app, caller, request.part("id"), &key, &json).await?;
    Ok(answered(&app, answer))
}

/// Asks for the reversal of a payment.
///
/// # Errors
/// As [`reverse::reverse`].
pub async fn reverse_payment(app: Arc<App>, request: Request) -> Result<Reply> {
    let (caller, json) = (request.caller()?, request.json()?);
    let key = idempotency::key(&request.headers)?;
    let answer = reverse::reverse(&app, caller, request.part("id"), &key, &json).await?;
    Ok(answered(&app, answer))
}

/// The answer to who asked for a payment: the same bytes however often.
fn answered(app: &App, answer: Answer) -> Reply {
    match answer {
        Answer::WouldMake(payment) => {
            let mut view = view::payment(app, &payment, payment.created_at);
            for name in ["id", "version", "links", "created_at"] {
                view.as_object_mut().map(|view| view.remove(name));
            }
            Reply::json(200, &view)
        }
        Answer::Made(payment, before) => {
            let status = match payment.state {
                settlement::payment::State::Review => 202,
                _ => 201,
            };
            let view = view::payment(app, &payment, payment.created_at);
            let mut reply = Reply::json(status, &view);
            let place = format!("/v1/payments/{}", payment.id);
            reply.headers.push(("location", place));
            if before {
                reply
                    .headers
                    .push(("idempotent-replayed", "true".to_owned()));
            }
            reply
        }
    }
}

/// Checks a request, and makes nothing.
///
/// # Errors
/// What is no fault of a field.
pub async fn validate(app: Arc<App>, request: Request) -> Result<Reply> {
    let json = request.json()?;
    let answer = match create::would(&app, request.caller()?, &json).await {
        Ok(answer) => answered(&app, answer).body,
        Err(problem) if problem.code == "invalid" => {
            let view = json!({ "ok": false, "faults": problem.errors });
            return Ok(Reply::json(200, &view));
        }
        Err(problem) => return Err(problem),
    };
    let would: Value = serde_json::from_str(&answer).unwrap_or_default();
    let view = json!({ "ok": true, "faults": [], "expected": would["expected"] });
    Ok(Reply::json(200, &view))
}

/// How likely a request is a fraud, with the reasons; nothing is made, and nothing is counted.
///
/// # Errors
/// What is wrong with the request, or `not-found` where risk is not judged.
pub async fn fraud_check(app: Arc<App>, request: Request) -> Result<Reply> {
    let caller = request.caller()?;
    caller.may("payments:write")?;
    let none = || Problem::new("not-found", "this server judges no risk");
    let risk = app.risk.get().ok_or_else(none)?;
    let json = request.json()?;
    let asked = asked::read(&app, &json, caller).await?;
    let now = app.now();
    let today = business_date(now, app.house.home.bank.cutoffs.standard);
    let token = app.ports().vault.token(asked.new.routing, &asked.number);
    let (known, _) = risk.asked(&asked.new, &token.await?, &asked.from, now);
    let judged = risk.judged(&known, today).await?;
    Ok(Reply::json(200, &json!(judged)))
}
