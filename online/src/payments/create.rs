//! A payment is asked for: checked, sealed, and kept once, whatever is repeated.

use super::{asked, faults};
use crate::app::App;
use crate::callers::Caller;
use crate::idempotency;
use crate::wire::json::Json;
use crate::wire::problem::{Problem, Result};
use aws_lc_rs::rand;
use connectors::Created;
use desk::Desk;
use desk::authorize::{Authorized, record};
use jiff::Timestamp;
use settlement::archive::sha256;
use settlement::authorize::{Checked, Faults};
use settlement::ids::PaymentId;
use settlement::payment::{Accepted, Decision, Payment};
use settlement::risk::velocity;
use settlement::windows::business_date;
use zeroize::Zeroizing;

/// Ids that are drawn before it is given up: of two million for each millisecond.
const DRAWS: usize = 8;

/// The route whose keys these are.
pub const ROUTE: &str = "payments";

/// What became of a request.
pub enum Answer {
    /// The payment as it was when it was made, and whether the same request had made it before.
    Made(Box<Payment>, bool),
    /// What would be made, of which nothing was.
    WouldMake(Box<Payment>),
}

/// A request that passed every check.
struct Passed<'a> {
    desk: &'a Desk,
    checked: Checked,
    number: Zeroizing<String>,
    accepted: Accepted,
    known: Option<velocity::Asked>,
}

/// Asks for a payment under a key.
///
/// # Errors
/// What is wrong with the request; nothing was written then.
pub async fn create(app: &App, caller: &Caller, key: &str, json: &Json) -> Result<Answer> {
    caller.may("payments:write")?;
    let key = idempotency::scoped(caller, ROUTE, key);
    let fingerprint = idempotency::fingerprint(json);
    let now = app.now();
    match check(app, caller, json, now).await {
        // The store's writer looks the key up, so it need not be looked up before.
        Ok(passed) if !is_denied(&passed) => keep(app, passed, now, key, fingerprint).await,
        Ok(passed) => {
            let before = known(app, &key, &fingerprint).await?;
            before.ok_or_else(|| denied(&passed))
        }
        // What was answered once is answered again, though it would not pass any more.
        Err(problem) => known(app, &key, &fingerprint).await?.ok_or(problem),
    }
}

/// What would become of a request; nothing is written.
///
/// # Errors
/// As [`create`].
pub async fn would(app: &App, caller: &Caller, json: &Json) -> Result<Answer> {
    caller.may("payments:write")?;
    let now = app.now();
    let passed = check(app, caller, json, now).await?;
    let id = draw(now)?;
    let routing = passed.checked.request().routing;
    let token = app.ports().vault.token(routing, &passed.number).await?;
    let sealed = settlement::payment::Sealed {
        wrapped_key: Vec::new(),
        nonce: Vec::new(),
        ciphertext: Vec::new(),
    };
    let mut payment = passed.checked.into_payment(id, now, token, sealed);
    payment.bank.clone_from(&passed.desk.place);
    payment.state = passed.accepted.begins();
    payment.accepted = Some(Box::new(passed.accepted));
    Ok(Answer::WouldMake(Box::new(payment)))
}

/// Whether what is known of its risk refuses a request.
fn is_denied(passed: &Passed<'_>) -> bool {
    let risk = passed.accepted.risk.as_ref();
    risk.is_some_and(|risk| risk.decision == Decision::Deny)
}

fn denied(passed: &Passed<'_>) -> Problem {
    let problem = Problem::new("denied", "the risk is too high");
    match &passed.accepted.risk {
        Some(risk) => problem.with("risk", serde_json::json!(risk)),
        None => problem,
    }
}

async fn known(app: &App, key: &str, fingerprint: &[u8; 32]) -> Result<Option<Answer>> {
    let store = &app.ports().payments;
    let hash = *sha256(key.as_bytes()).as_bytes();
    let Some(request) = store.request(hash).await? else {
        return Ok(None);
    };
    if request.request_hash != *fingerprint {
        return Err(reused(request.payment));
    }
    made_before(app, request.payment).await.map(Some)
}

fn reused(payment: PaymentId) -> Problem {
    Problem::new(
        "idempotency-key-reused",
        "the key was used for another request",
    )
    .with("payment", payment.to_string())
}

/// The answer to a request that has made this payment before: as it was when it was made.
///
/// # Errors
/// Where the store does not answer.
pub async fn made_before(app: &App, id: PaymentId) -> Result<Answer> {
    let found = app.ports().payments.get(&[id]).await?.pop().flatten();
    let payment = found.ok_or_else(|| Problem::new("internal", "a key leads to no payment"))?;
    Ok(Answer::Made(Box::new(payment.as_created()), true))
}

/// Checks a request against the rules, the profile of the bank it goes by, and the merchant.
async fn check<'a>(
    app: &'a App,
    caller: &Caller,
    json: &Json,
    now: Timestamp,
) -> Result<Passed<'a>> {
    let asked = asked::read(app, json, caller).await?;
    let place = match asked.by_token {
        true => faults::by_token,
        false => faults::at_its_place,
    };
    let of = |faults: Faults| {
        let wrong = faults.0.iter().map(place);
        Problem::fields(wrong.collect())
    };
    let desk = match app.house.route(&asked.new.order, asked.currency, now) {
        Ok(desk) => desk,
        Err(fault) => {
            // Whatever else is wrong is told as well, by the home bank's rules.
            let home = &app.house.home;
            let today = business_date(now, home.bank.cutoffs.standard);
            let mut faults = vec![fault];
            if let Err(more) = asked.new.check(&asked.number, &home.bank, today) {
                let new = more.0.into_iter().filter(|one| *one != faults[0]);
                faults.extend(new.collect::<Vec<_>>());
            }
            return Err(of(Faults(faults)));
        }
    };
    let today = business_date(now, desk.bank.cutoffs.standard);
    let known = match app.risk.get() {
        Some(risk) => {
            let vault = &app.ports().vault;
            let token = vault.token(asked.new.routing, &asked.number).await?;
            Some(risk.asked(&asked.new, &token, &asked.from, now))
        }
        None => None,
    };
    let checked = asked.new.check(&asked.number, &desk.bank, today);
    let checked = checked.map_err(of)?;
    let risk = match (app.risk.get(), &known) {
        (Some(risk), Some((known, _))) => Some(risk.judged(known, today).await?),
        _ => None,
    };
    let (known, from) = known.unzip();
    let accepted = Accepted {
        merchant: caller.asks_for()?.name.clone(),
        customer: asked.from.customer.clone(),
        refunds: None,
        risk,
        from: from.unwrap_or_default(),
    };
    Ok(Passed {
        desk,
        checked,
        number: asked.number,
        accepted,
        known,
    })
}

/// An id for a payment that is made now.
///
/// # Errors
/// `internal` where the system has no random numbers.
pub fn draw(now: Timestamp) -> Result<PaymentId> {
    let mut chance = [0; 4];
    rand::fill(&mut chance).map_err(|_| Problem::new("internal", "no random numbers"))?;
    PaymentId::new(now, u32::from_le_bytes(chance))
        .map_err(|_| Problem::new("internal", "the clock is not of this century"))
}

async fn keep(
    app: &App,
    passed: Passed<'_>,
    now: Timestamp,
    key: String,
    fingerprint: [u8; 32],
) -> Result<Answer> {
    for _ in 0..DRAWS {
        let authorized = Authorized {
            id: draw(now)?,
            created_at: now,
            checked: passed.checked.clone(),
            routing: passed.checked.request().routing,
            idempotency_key: key.clone(),
            request_hash: fingerprint,
        };
        let mut new = record(passed.desk, authorized, &passed.number).await?;
        new.payment.state = passed.accepted.begins();
        new.payment.accepted = Some(Box::new(passed.accepted.clone()));
        let made = new.payment.clone();
        let created = app.ports().payments.create(vec![new]).await?;
        match created.first() {
            Some(Created::New) => {
                if let (Some(risk), Some(known)) = (app.risk.get(), &passed.known) {
                    risk.made(known);
                }
                return Ok(Answer::Made(Box::new(made), false));
            }
            Some(Created::Existing(id)) => return made_before(app, *id).await,
            Some(Created::KeyReused(id)) => return Err(reused(*id)),
            Some(Created::IdTaken) => {}
            None => return Err(Problem::new("internal", "the store did not answer")),
        }
    }
    Err(Problem::new("unavailable", "no id was free").after(1))
}
