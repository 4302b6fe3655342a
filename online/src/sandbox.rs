//! The sandbox: real files are cut, a simulated bank answers with real files, the real jobs run,
//! and time passes when somebody says so. There only where a server was started for that.

pub mod behind;

pub use behind::{Sandbox, Undone};

use crate::app::App;
use crate::callers::Caller;
use crate::payments::read;
use crate::route::{Reply, Request, Route};
use crate::wire::fields::{Field, Form, Kind, may, must, wrong};
use crate::wire::json::Json;
use crate::wire::problem::{Problem, Result};
use http::Method;
use jiff::civil::time;
use serde_json::{Value, json};
use settlement::calendar::{is_banking_day, next_banking_day};
use settlement::codes::{Said, said};
use settlement::windows::{business_date, cutoff_at};
use std::sync::Arc;

/// Where the clock goes.
pub const CLOCK: &[Field] = &[must(
    "to",
    Kind::Text {
        least: 20,
        most: 35,
    },
    "a moment that is still to come, 2026-11-30T15:00:00Z",
)];

/// Which date is run.
pub const DAY: &[Field] = &[may(
    "date",
    Kind::Date,
    "the business date; that of the clock where nothing is said",
)];

const RETURN_CODES: &str = "must be R01 to R60, or R80 to R85";
const CHANGE_CODES: &str = "must be C01 to C14";

/// Why the bank returns a payment.
pub const RETURN_CODE: &[Field] = &[must(
    "code",
    Kind::Text { least: 3, most: 3 },
    "why it comes back: R01 to R60, or R80 to R85",
)];

/// What the bank says has changed.
pub const CHANGE_CODE: &[Field] = &[must(
    "code",
    Kind::Text { least: 3, most: 3 },
    "what has changed: C01 to C14",
)];

fn behind(app: &App) -> Result<Arc<dyn Sandbox>> {
    let none = || Problem::new("not-found", "this server has no sandbox");
    app.sandbox.clone().ok_or_else(none)
}

/// Moves the clock; answers what it says then.
///
/// # Errors
/// `not-found` without a sandbox, `invalid` where the moment is past or none.
pub fn clock(app: &App, caller: &Caller, json: &Json) -> Result<Value> {
    caller.may("sandbox")?;
    let sandbox = behind(app)?;
    let form = Form::read(json, CLOCK).map_err(Problem::fields)?;
    let to = form.text("to").and_then(|text| text.parse().ok());
    let bad = |why: String| Problem::fields(vec![wrong("/to", "moment", why)]);
    let to = to.ok_or_else(|| bad("must be a moment, 2026-11-30T15:00:00Z".to_owned()))?;
    sandbox.forward(to).map_err(|undone| match undone {
        Undone::Refused(why) => bad(why),
        other => other.problem("invalid", "internal"),
    })?;
    Ok(json!({ "now": app.now() }))
}

/// Runs a business date, and moves the clock to the next morning.
///
/// # Errors
/// `not-found` without a sandbox, `invalid` where the date is none, `date-refused` where it is not
/// the next one, `day-stopped` and `unavailable` where it did not come to its end: then the clock
/// stands where it was.
pub async fn day(app: &App, caller: &Caller, json: &Json) -> Result<Value> {
    caller.may("sandbox")?;
    let sandbox = behind(app)?;
    let form = Form::read(json, DAY).map_err(Problem::fields)?;
    let standard = app.house.home.bank.cutoffs.standard;
    let today = business_date(app.now(), standard);
    let date = form.date("date").unwrap_or(today);
    if !is_banking_day(date) {
        let message = "must be a banking day";
        return Err(Problem::fields(vec![wrong(
            "/date",
            "no-banking-day",
            message,
        )]));
    }
    let did = sandbox.day(date).await;
    // What it reconciled is told from the next request on.
    app.newest.forget();
    let did = did.map_err(|undone| undone.problem("date-refused", "day-stopped"))?;
    let morning = cutoff_at(next_banking_day(date), time(9, 0, 0, 0));
    match sandbox.forward(morning) {
        // A date that is long over moves nothing.
        Ok(()) | Err(Undone::Refused(_)) => {}
        Err(other) => return Err(other.problem("date-refused", "day-stopped")),
    }
    Ok(json!({ "date": date, "now": app.now(), "day": did }))
}

/// Has the bank return a payment, or notify a change of it.
///
/// # Errors
/// `not-found`, `invalid` where the code is none of these, `not-now` with the reason.
pub async fn answer(
    app: &App,
    caller: &Caller,
    id: &str,
    json: &Json,
    is_return: bool,
) -> Result<Value> {
    caller.may("sandbox")?;
    let sandbox = behind(app)?;
    let table = if is_return { RETURN_CODE } else { CHANGE_CODE };
    let form = Form::read(json, table).map_err(Problem::fields)?;
    let fits = match said(form.text("code").unwrap_or_default()) {
        Some(Said::Return(_)) => is_return,
        Some(Said::Change(_)) => !is_return,
        None => false,
    };
    if !fits {
        let message = if is_return {
            RETURN_CODES
        } else {
            CHANGE_CODES
        };
        return Err(Problem::fields(vec![wrong("/code", "code", message)]));
    }
    let payment = read::seen(app, caller, id).await?;
    let code = form.text("code").unwrap_or_default();
    let promised = sandbox.answer(payment.id, code).await;
    promised.map_err(|undone| undone.problem("not-now", "internal"))
}

/// Moves the clock.
pub const MOVE_CLOCK: Route = Route {
    method: Method::POST,
    path: "/v1/sandbox/clock",
    name: "moveClock",
    about: "Moves the sandbox's clock forward.",
    scope: Some("sandbox"),
    query: &[],
    body: Some(CLOCK),
    keyed: false,
    answers: &[(200, "what the clock says now")],
    problems: &["not-found"],
    run: |app, request| {
        Box::pin(async move {
            let said = clock(&app, request.caller()?, &*request.json()?)?;
            Ok(Reply::json(200, &said))
        })
    },
};

/// Runs a day.
pub const RUN_DAY: Route = Route {
    method: Method::POST,
    path: "/v1/sandbox/day",
    name: "runDay",
    about: "Runs a business date: the bank's morning, every job, the bank's evening.",
    scope: Some("sandbox"),
    query: &[],
    body: Some(DAY),
    keyed: false,
    answers: &[(200, "what the jobs of the date did")],
    problems: &["not-found", "date-refused", "day-stopped"],
    run: |app, request| {
        Box::pin(async move {
            let did = day(&app, request.caller()?, &*request.json()?).await?;
            Ok(Reply::json(200, &did))
        })
    },
};

/// Returns a payment.
pub const RETURN: Route = Route {
    path: "/v1/sandbox/payments/{id}/return",
    name: "returnPayment",
    about: "Has the sandbox's bank return a payment, now or once it has it.",
    body: Some(RETURN_CODE),
    run: |app, request| Box::pin(said_by_bank(app, request, true)),
    ..ANSWERED
};

/// Notifies a change.
pub const CHANGE: Route = Route {
    path: "/v1/sandbox/payments/{id}/change",
    name: "changePayment",
    about: "Has the sandbox's bank notify a change of a payment's account.",
    body: Some(CHANGE_CODE),
    run: |app, request| Box::pin(said_by_bank(app, request, false)),
    ..ANSWERED
};

/// What the routes by which the sandbox's bank is asked to answer have in common.
const ANSWERED: Route = Route {
    method: Method::POST,
    path: "",
    name: "",
    about: "",
    scope: Some("sandbox"),
    query: &[],
    body: None,
    keyed: false,
    answers: &[(200, "what the bank will say, and when")],
    problems: &["not-found", "not-now"],
    run: |app, request| Box::pin(said_by_bank(app, request, true)),
};

async fn said_by_bank(app: Arc<App>, request: Request, is_return: bool) -> Result<Reply> {
    let (id, json) = (request.part("id"), request.json()?);
    let said = answer(&app, request.caller()?, id, &json, is_return).await?;
    Ok(Reply::json(200, &said))
}
