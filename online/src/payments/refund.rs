//! A pull is given back, all or a part: a payout of its own to the account it came from.

use super::create::Answer;
use super::given::{self, Part, Request, Terms};
use super::read;
use crate::app::App;
use crate::callers::Caller;
use crate::wire::fields::{Field, Form, Kind, may, wrong};
use crate::wire::json::Json;
use crate::wire::problem::{Problem, Result};
use jiff::Timestamp;
use settlement::authorize::{NewPayment, REFERENCE_CHARACTERS};
use settlement::codes::sec::SecCode;
use settlement::expected::expected;
use settlement::ids::Direction;
use settlement::money::Cents;
use settlement::payment::{Order, Payment, Speed, State};
use settlement::windows::eastern_date;

/// Where the reason stands with the payment.
const REASON: &str = "refund_reason";

/// The longest reason.
const REASON_CHARACTERS: usize = 200;

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
        "reason",
        Kind::Line {
            least: 1,
            most: REASON_CHARACTERS,
        },
        "why, in your own words; it is in metadata.refund_reason, and goes nowhere",
    ),
    may(
        "reference",
        Kind::Text {
            least: 1,
            most: REFERENCE_CHARACTERS,
        },
        "your own name for the refund",
    ),
];

/// Gives back a pull, or a part of it, under a key.
///
/// # Errors
/// `not-found`; `not-now` where it has not settled, is a payout or reversed; `return-window-open`
/// with the date from which on it may be given back; `invalid` where it is more than what is left.
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
    let of = format!("refunds/{id}");
    let mut request = Request::open(app, caller, original, (&of, key), json).await?;
    let part = match request.before(app).await? {
        Some(part) => part,
        None => {
            may_be_given_back(app, caller, &request.original, request.now)?;
            let left = left(app, &mut request).await?;
            request.promise(app, asked(&form, left)?, None).await?
        }
    };
    let mut terms = terms(&request.original, &part, form.text("reference"));
    if let Some(reason) = form.text("reason") {
        terms.metadata.insert(REASON.to_owned(), reason.to_owned());
    }
    request.make(app, caller, &part, terms).await
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
    // On its last day it may come back until the books of that day close, which makes it FINAL.
    let Some(last) = last.filter(|last| eastern_date(now) <= *last) else {
        return Ok(());
    };
    if of.state == State::Final || caller.may("refunds:early").is_ok() {
        return Ok(());
    }
    let detail = format!(
        "until it is FINAL, on {last}, it may come back by itself, and would have been paid twice"
    );
    Err(Problem::new("return-window-open", detail).with("refundable_on", last.to_string()))
}

/// What was not given back yet.
async fn left(app: &App, request: &mut Request) -> Result<Cents> {
    let standing = request.given.standing(app, request.now).await?;
    let going = |one: &&given::Standing| one.part.reversal.is_some() && one.counts();
    if let Some(reversal) = standing.iter().find(going) {
        let problem = Problem::new(
            "not-now",
            "the payment is reversed, which gives it all back",
        );
        return Err(problem.with("reversed_by", reversal.part.payment.clone()));
    }
    let all = request.original.order.amount;
    let left = all.checked_sub(given::sum(&standing)?);
    left.ok_or_else(|| Problem::new("internal", "more was given back than there was"))
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

fn terms(of: &Payment, part: &Part, reference: Option<&str>) -> Terms {
    Terms {
        order: Order {
            direction: Direction::Credit,
            amount: Cents::new(part.cents),
            originator: of.order.originator.clone(),
            sec: class(of.order.sec),
            description: "REFUND".to_owned(),
            speed: Speed::Standard,
            effective: None,
        },
        remittance: None,
        reference: reference.map(str::to_owned),
        metadata: Default::default(),
        check: NewPayment::check,
    }
}
