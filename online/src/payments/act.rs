//! What a caller does to a payment that is there: cancel it, or decide a review.

use super::{read, reverse, view};
use crate::app::App;
use crate::callers::Caller;
use crate::wire::fields::{Field, Form, Kind, may, must};
use crate::wire::json::Json;
use crate::wire::problem::{Problem, Result};
use connectors::{Applied, Change};
use serde_json::Value;
use settlement::payment::{Event, Payment, Refusal, State};
use settlement::windows::business_date;

/// The largest note.
const NOTE_CHARACTERS: usize = 200;

/// Times that a change is begun anew because somebody else was faster.
const TRIES: usize = 4;

/// A request to cancel.
pub const CANCEL: &[Field] = &[may(
    "reason",
    Kind::Line {
        least: 1,
        most: NOTE_CHARACTERS,
    },
    "why, for your own records; it is not kept",
)];

/// A decision of a review.
pub const REVIEW: &[Field] = &[
    must(
        "decision",
        Kind::Choice(&["approve", "deny"]),
        "what becomes of the payment",
    ),
    must(
        "note",
        Kind::Line {
            least: 1,
            most: NOTE_CHARACTERS,
        },
        "why",
    ),
];

/// Cancels a payment that no cut has claimed. Told again it is the same.
///
/// # Errors
/// `not-found`, `too-late` with the state.
pub async fn cancel(app: &App, caller: &Caller, id: &str, json: &Json) -> Result<Value> {
    caller.may("payments:write")?;
    Form::read(json, CANCEL).map_err(Problem::fields)?;
    let payment = read::seen(app, caller, id).await?;
    let now = happen(app, payment, |payment| match payment.state {
        State::Init | State::Review => Ok(Some(Event::Cancelled)),
        State::Canceled => Ok(None),
        state => Err(too_late(state)),
    });
    Ok(view::payment(app, &now.await?, app.now()))
}

fn too_late(state: State) -> Problem {
    let detail = format!("the payment is {state}");
    Problem::new("too-late", detail).with("state", state.as_str())
}

/// Decides what is held for a review.
///
/// # Errors
/// `not-found`, `not-now` where it is not held, `forbidden` for whoever asked for it.
pub async fn review(app: &App, caller: &Caller, id: &str, json: &Json) -> Result<Value> {
    caller.may("review")?;
    let form = Form::read(json, REVIEW).map_err(Problem::fields)?;
    let payment = read::seen(app, caller, id).await?;
    let note = form.text("note").unwrap_or_default().to_owned();
    let event = match form.text("decision") {
        Some("approve") => Event::Approved {
            by: caller.key.name.clone(),
            note,
        },
        _ => Event::Denied {
            reason: format!("{}: {note}", caller.key.name),
        },
    };
    if caller.key.scopes.contains("payments:write") {
        let why = "who asks for payments does not decide them; use a key without payments:write";
        return Err(Problem::new("forbidden", why));
    }
    if matches!(event, Event::Approved { .. }) && payment.state == State::Review {
        reverse::may_be_approved(app, caller, &payment).await?;
    }
    let now = happen(app, payment, |payment| match payment.state {
        State::Review => Ok(Some(event.clone())),
        state => Err(Problem::new("not-now", format!("the payment is {state}"))
            .with("state", state.as_str())),
    });
    Ok(view::payment(app, &now.await?, app.now()))
}

/// Lets an event happen to a payment, as `which` says of how it stands; it is asked again where
/// somebody else was faster.
///
/// # Errors
/// What `which` has against it, `changed-meanwhile`.
async fn happen(
    app: &App,
    mut payment: Payment,
    which: impl Fn(&Payment) -> Result<Option<Event>>,
) -> Result<Payment> {
    let store = &app.ports().payments;
    for _ in 0..TRIES {
        let Some(event) = which(&payment)? else {
            return Ok(payment);
        };
        let now = app.now();
        let cutoff = app.desk_of(&payment.bank).bank.cutoffs.standard;
        let change = Change {
            payment: payment.id,
            expected_version: Some(payment.version),
            event,
            date: business_date(now, cutoff),
            at: now,
        };
        let applied = store.apply(vec![change]).await?.pop();
        let again = store.get(&[payment.id]).await?.pop().flatten();
        payment = again.ok_or_else(|| Problem::new("internal", "the payment is gone"))?;
        match applied {
            Some(Applied::Done { .. } | Applied::Exists) => return Ok(payment),
            Some(Applied::Stale { .. } | Applied::Refused(Refusal::NotAStep { .. })) => {}
            other => {
                tracing::error!(?other, "a change of a payment");
                return Err(Problem::new("internal", "the change was not answered"));
            }
        }
    }
    Err(Problem::new("changed-meanwhile", "others change it all the time").after(1))
}
