//! A payment that was wrong is taken back: a reversal, a payment of its own the other way.
//!
//! It goes in a batch of its own that says REVERSAL, with the amount, company and class of what it
//! takes back, within five banking days after that settled. Nobody reverses alone: it waits in
//! REVIEW until another caller than the one that asked approves it, and what is denied is canceled.
//! A payment is reversed once, whole, and never beside a refund.

use super::create::Answer;
use super::given::{self, Given, Request, Reversal, Terms};
use super::read;
use crate::app::App;
use crate::callers::Caller;
use crate::wire::fields::{Field, Form, Kind, may, must};
use crate::wire::json::Json;
use crate::wire::problem::{Problem, Result};
use jiff::Timestamp;
use settlement::authorize::{NewPayment, REFERENCE_CHARACTERS};
use settlement::payment::Payment;
use settlement::reversal::{self, NotReversed, reversible};

/// Where the reason stands with the payment.
const REASON: &str = "reversal_reason";

/// A request to reverse. The reasons are those of the rules: want of money is none.
pub const REVERSE: &[Field] = &[
    must(
        "reason",
        Kind::Choice(&["duplicate", "wrong_amount", "wrong_account", "wrong_date"]),
        "what was wrong with the payment",
    ),
    may(
        "reference",
        Kind::Text {
            least: 1,
            most: REFERENCE_CHARACTERS,
        },
        "your own name for the reversal",
    ),
];

/// Asks for the reversal of a payment, under a key.
///
/// # Errors
/// `not-found`; `not-now` where it has not settled, its five banking days are over, or something
/// of it was given back before.
pub async fn reverse(
    app: &App,
    caller: &Caller,
    id: &str,
    key: &str,
    json: &Json,
) -> Result<Answer> {
    caller.may("payments:write")?;
    caller.asks_for()?;
    let form = Form::read(json, REVERSE).map_err(Problem::fields)?;
    let reason = form.text("reason").unwrap_or_default();
    let original = read::seen(app, caller, id).await?;
    let of = format!("reversals/{id}");
    let mut request = Request::open(app, caller, original, (&of, key), json).await?;
    let part = match request.before(app).await? {
        Some(part) => part,
        None => {
            may_be_reversed(app, &request.original, request.now)?;
            nothing_was_given_back(app, &mut request).await?;
            let asked = Reversal {
                reason: reason.to_owned(),
                by: caller.id.clone(),
            };
            let all = request.original.order.amount;
            request.promise(app, all, Some(asked)).await?
        }
    };
    let terms = Terms {
        order: reversal::order(&request.original.order),
        remittance: request.original.remittance.clone(),
        reference: form.text("reference").map(str::to_owned),
        metadata: [(REASON.to_owned(), reason.to_owned())].into(),
        check: NewPayment::check_reversal,
    };
    request.make(app, caller, &part, terms).await
}

/// Whether a payment may be reversed now, as far as itself is concerned.
fn may_be_reversed(app: &App, of: &Payment, now: Timestamp) -> Result<()> {
    let bank = &app.desk_of(&of.bank).bank;
    let Err(why) = reversible(of, bank, now) else {
        return Ok(());
    };
    let problem = Problem::new("not-now", why.to_string()).with("state", of.state.as_str());
    Err(match why {
        NotReversed::Late(last) => problem.with("reversible_until", last.to_string()),
        _ => problem,
    })
}

async fn nothing_was_given_back(app: &App, request: &mut Request) -> Result<()> {
    let standing = request.given.standing(app, request.now).await?;
    let of = &request.original;
    let not_now = |why: &str| Problem::new("not-now", why).with("state", of.state.as_str());
    if let Some(before) = standing.iter().find(|one| one.is_the_reversal()) {
        let problem = not_now("a payment is reversed once, and this one was");
        return Err(problem.with("reversed_by", before.part.payment.clone()));
    }
    match given::sum(&standing)?.is_zero() {
        true => Ok(()),
        false => Err(not_now(
            "a part of it was refunded; refund what is left of it",
        )),
    }
}

/// Whether this caller may approve a reversal now: another one asked for it, and what it takes
/// back may still be reversed.
///
/// # Errors
/// `forbidden`, or why the payment may not be reversed any more.
pub async fn may_be_approved(app: &App, caller: &Caller, reversal: &Payment) -> Result<()> {
    let Some(of) = reversal.reverses() else {
        return Ok(());
    };
    let given = Given::of(app, of).await?;
    if given.asked_by(reversal.id).is_none_or(|by| by == caller.id) {
        let why = "who asked for a reversal does not approve it; use another's key";
        return Err(Problem::new("forbidden", why));
    }
    let original = app.ports().payments.get(&[of]).await?.pop().flatten();
    let original = original.ok_or_else(|| Problem::new("internal", "a reversal of nothing"))?;
    may_be_reversed(app, &original, app.now())
}
