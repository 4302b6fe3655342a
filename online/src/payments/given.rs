//! What was given back of a payment: by refunds, in parts, or by one reversal, whole.
//!
//! All of it stands in one document for each payment, which changes only from what was seen, and a
//! part stands there before its payment is made. So what is given back is never more than what
//! there was, whoever asks at once, and a reversal is never beside a refund. A part whose payment
//! was never made (a process died between) is completed by the same request, and dropped once
//! nobody can be making it any more.

use super::create::{Answer, draw, made_before};
use super::{faults, lapse};
use crate::app::App;
use crate::callers::Caller;
use crate::idempotency;
use crate::wire::json::Json;
use crate::wire::problem::{Problem, Result};
use bytes::Bytes;
use connectors::Created;
use desk::authorize::{Authorized, record};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use settlement::authorize::{Checked, Faults, NewPayment};
use settlement::bank::BankProfile;
use settlement::ids::PaymentId;
use settlement::money::Cents;
use settlement::payment::{Accepted, Order, Payment, State};
use settlement::windows::business_date;
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// The collection of what was given back, by payment.
const REFUNDS: &str = "refunds";

/// Parts of one payment: what a person can look through.
const MOST_PARTS: usize = 50;

/// After so long nobody is making a payment of which nothing is known: a request takes seconds.
const GIVEN_UP: SignedDuration = SignedDuration::from_hours(1);

/// Who completes a part that was begun before this says so first, so that nobody drops it
/// meanwhile.
const BEGUN: SignedDuration = SignedDuration::from_mins(1);

/// Who asked for a reversal, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reversal {
    /// What was wrong.
    pub reason: String,
    /// Which caller asked: it does not approve it.
    pub by: String,
}

/// A part that was given back, or is about to be.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// The key of the request, as the store knows it.
    pub key: String,
    /// The hash of the request.
    pub request: String,
    /// The payment that gives it back.
    pub payment: String,
    /// How much.
    pub cents: u64,
    /// When it was asked for.
    pub at: Timestamp,
    /// When somebody began to complete it, where nobody did at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun: Option<Timestamp>,
    /// Who asked, and why, where it is a reversal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reversal: Option<Reversal>,
}

/// A part, and its payment where it was made.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The part.
    pub part: Part,
    /// Its payment.
    pub made: Option<Payment>,
}

impl Standing {
    /// Whether its money went back, or is going.
    pub fn counts(&self) -> bool {
        !self.made.as_ref().is_some_and(|made| {
            matches!(
                made.state,
                State::Canceled | State::Failed | State::Returned
            )
        })
    }

    /// Whether it is the one reversal that a payment may have: what was denied or canceled was
    /// none.
    pub fn is_the_reversal(&self) -> bool {
        let state = self.made.as_ref().map(|made| made.state);
        self.part.reversal.is_some() && state != Some(State::Canceled)
    }
}

/// What was given back of one payment.
pub struct Given {
    of: PaymentId,
    version: u64,
    parts: Vec<Part>,
}

fn damaged() -> Problem {
    Problem::new("internal", "the refunds of the payment cannot be read")
}

fn hex(hash: &[u8; 32]) -> String {
    settlement::archive::Hash256::from_bytes(*hash).to_string()
}

impl Given {
    /// What was given back of a payment.
    ///
    /// # Errors
    /// Where the store does not answer, or what it has is damaged.
    pub async fn of(app: &App, of: PaymentId) -> Result<Given> {
        let stood = app.ports().documents.get(REFUNDS, &of.to_string()).await?;
        let Some(stood) = stood else {
            return Ok(Given {
                of,
                version: 0,
                parts: Vec::new(),
            });
        };
        let parts = serde_json::from_slice(&stood.body).map_err(|error| {
            tracing::error!(%error, "the refunds of a payment are damaged");
            damaged()
        })?;
        Ok(Given {
            of,
            version: stood.version,
            parts,
        })
    }

    /// The part that a request with this key has asked for before.
    fn known(&self, key: &str, hash: &[u8; 32]) -> Result<Option<Part>> {
        let known = self.parts.iter().find(|part| part.key == key);
        match known {
            Some(part) if part.request != hex(hash) => {
                let detail = "the key was used for another request of this payment";
                let problem = Problem::new("idempotency-key-reused", detail);
                Err(problem.with("payment", part.payment.clone()))
            }
            known => Ok(known.cloned()),
        }
    }

    /// Who asked for the reversal that this payment is.
    pub fn asked_by(&self, payment: PaymentId) -> Option<&str> {
        let name = payment.to_string();
        let part = self.parts.iter().find(|part| part.payment == name);
        part?.reversal.as_ref().map(|reversal| reversal.by.as_str())
    }

    /// What stands. Parts that were never made and never will be are dropped.
    ///
    /// # Errors
    /// As [`Given::of`].
    pub async fn standing(&mut self, app: &App, now: Timestamp) -> Result<Vec<Standing>> {
        let ids = self.parts.iter().map(|part| part.payment.parse());
        let ids: std::result::Result<Vec<PaymentId>, _> = ids.collect();
        let made = app
            .ports()
            .payments
            .get(&ids.map_err(|_| damaged())?)
            .await?;
        let made = lapse::denied(app, self.of, made, now).await?;
        let all = std::mem::take(&mut self.parts).into_iter().zip(made);
        let standing: Vec<Standing> = all
            .map(|(part, made)| Standing { part, made })
            .filter(|one| {
                let since = one.part.begun.unwrap_or(one.part.at);
                one.made.is_some() || now.duration_since(since) <= GIVEN_UP
            })
            .collect();
        self.parts = standing.iter().map(|one| one.part.clone()).collect();
        Ok(standing)
    }

    /// Keeps one more part, if nobody else has changed anything meanwhile.
    async fn promise(&mut self, app: &App, part: Part) -> Result<Part> {
        if self.parts.len() >= MOST_PARTS {
            return Err(Problem::new("not-now", "the payment has too many refunds"));
        }
        self.parts.push(part.clone());
        self.put(app).await?;
        Ok(part)
    }

    /// A part that was promised before and is to be made now, if it was not: what is said of it
    /// again keeps others from dropping it meanwhile.
    async fn again(&mut self, app: &App, part: Part, now: Timestamp) -> Result<Part> {
        let id = part.payment.parse().map_err(|_| damaged())?;
        let is_made = app.ports().payments.standings(&[id]).await?;
        let since = part.begun.unwrap_or(part.at);
        if is_made.first().is_some_and(Option::is_some) || now.duration_since(since) <= BEGUN {
            return Ok(part);
        }
        for one in &mut self.parts {
            if one.key == part.key {
                one.begun = Some(now);
            }
        }
        self.put(app).await?;
        Ok(part)
    }

    async fn put(&mut self, app: &App) -> Result<()> {
        let body = serde_json::to_vec(&self.parts).map(Bytes::from);
        let body = body.map_err(|_| Problem::new("internal", "a refund"))?;
        let name = self.of.to_string();
        let put = app
            .ports()
            .documents
            .put(REFUNDS, &name, self.version, body);
        match put.await {
            Ok(version) => {
                self.version = version;
                Ok(())
            }
            Err(connectors::Error::Conflict { .. }) => {
                let detail = "another refund or reversal of the payment was asked for meanwhile";
                Err(Problem::new("in-progress", detail).after(1))
            }
            Err(other) => Err(other.into()),
        }
    }
}

/// A request to give something back, under a key.
pub struct Request {
    /// The payment that it is about.
    pub original: Payment,
    /// What was given back of it before.
    pub given: Given,
    /// When it was asked for.
    pub now: Timestamp,
    key: String,
    hash: [u8; 32],
}

impl Request {
    /// One of this caller about a payment; `of` is the route that its key is of, and `key` the key.
    ///
    /// # Errors
    /// Where the store does not answer, or what it has is damaged.
    pub async fn open(
        app: &App,
        caller: &Caller,
        original: Payment,
        (of, key): (&str, &str),
        json: &Json,
    ) -> Result<Request> {
        Ok(Request {
            given: Given::of(app, original.id).await?,
            original,
            now: app.now(),
            key: idempotency::scoped(caller, of, key),
            hash: idempotency::fingerprint(json),
        })
    }

    /// The part that the same request has asked for before: it is made now, if it was not.
    ///
    /// # Errors
    /// `idempotency-key-reused` where the request was another, `in-progress` where somebody has
    /// changed something meanwhile.
    pub async fn before(&mut self, app: &App) -> Result<Option<Part>> {
        match self.given.known(&self.key, &self.hash)? {
            Some(part) => self.given.again(app, part, self.now).await.map(Some),
            None => Ok(None),
        }
    }

    /// Keeps that so many cents are given back, if nobody else has changed anything meanwhile.
    ///
    /// # Errors
    /// `in-progress` where somebody has, `not-now` where there are too many parts.
    pub async fn promise(
        &mut self,
        app: &App,
        cents: Cents,
        reversal: Option<Reversal>,
    ) -> Result<Part> {
        let part = Part {
            key: self.key.clone(),
            request: hex(&self.hash),
            payment: draw(self.now)?.to_string(),
            cents: cents.get(),
            at: self.now,
            begun: None,
            reversal,
        };
        self.given.promise(app, part).await
    }

    /// Makes the payment of a part, to or from the account of the original; once, however often.
    ///
    /// # Errors
    /// `invalid` where the bank takes it no more, `not-now` where the account was forgotten.
    pub async fn make(
        &self,
        app: &App,
        caller: &Caller,
        part: &Part,
        terms: Terms,
    ) -> Result<Answer> {
        make(app, caller, &self.original, (part, self.hash), terms).await
    }
}

/// How much of `standing` went back, or is going.
///
/// # Errors
/// `internal` where it is more than there can be.
pub fn sum(standing: &[Standing]) -> Result<Cents> {
    let counted = standing.iter().filter(|one| one.counts());
    Cents::sum(counted.map(|one| Cents::new(one.part.cents)))
        .ok_or_else(|| Problem::new("internal", "more was given back than there was"))
}

/// The payment that reverses this one; none where it was denied, canceled or never asked for.
///
/// # Errors
/// As [`Given::of`].
pub async fn reversed_by(app: &App, of: PaymentId) -> Result<Option<PaymentId>> {
    let mut given = Given::of(app, of).await?;
    given.parts.retain(|part| part.reversal.is_some());
    if given.parts.is_empty() {
        return Ok(None);
    }
    let standing = given.standing(app, app.now()).await?;
    let found = standing.iter().rev().find(|one| one.is_the_reversal());
    Ok(found.and_then(|one| one.made.as_ref()).map(|made| made.id))
}

/// How what gives back is checked: [`NewPayment::check`] or [`NewPayment::check_reversal`].
pub type Check =
    fn(NewPayment, &str, &BankProfile, jiff::civil::Date) -> std::result::Result<Checked, Faults>;

/// What is made of a part: its terms, and what else it carries.
pub struct Terms {
    /// What is ordered.
    pub order: Order,
    /// What the receiver is told.
    pub remittance: Option<String>,
    /// The client's own name for it.
    pub reference: Option<String>,
    /// What else is kept with it.
    pub metadata: BTreeMap<String, String>,
    /// How it is checked.
    pub check: Check,
}

async fn make(
    app: &App,
    caller: &Caller,
    of: &Payment,
    (part, hash): (&Part, [u8; 32]),
    terms: Terms,
) -> Result<Answer> {
    if of.is_forgotten() {
        let why = "whose account it was is forgotten";
        return Err(Problem::new("not-now", why).with("state", of.state.as_str()));
    }
    let desk = app.desk_of(&of.bank);
    let context = of.id.to_string();
    let opened = desk.ports.vault.open(&context, &of.receiver.sealed);
    let opened = opened.await?;
    let number = std::str::from_utf8(&opened).map(|text| Zeroizing::new(text.to_owned()));
    let number = number.map_err(|_| Problem::new("internal", "the account cannot be read"))?;
    let new = NewPayment {
        order: terms.order,
        routing: of.receiver.routing,
        account: of.receiver.account,
        name: of.receiver.name.clone(),
        remittance: terms.remittance,
        reference: terms.reference,
        metadata: terms.metadata,
    };
    let today = business_date(part.at, desk.bank.cutoffs.standard);
    let checked = (terms.check)(new, &number, &desk.bank, today).map_err(|faults| {
        let wrong = faults.0.iter().map(faults::at_its_place);
        Problem::fields(wrong.collect())
    })?;
    let authorized = Authorized {
        id: part.payment.parse().map_err(|_| damaged())?,
        created_at: part.at,
        checked,
        routing: of.receiver.routing,
        idempotency_key: part.key.clone(),
        request_hash: hash,
    };
    let mut record = record(desk, authorized, &number).await?;
    record.payment.accepted = Some(Box::new(Accepted {
        merchant: caller.asks_for()?.name.clone(),
        customer: of.accepted.as_ref().and_then(|one| one.customer.clone()),
        refunds: Some(of.id),
        risk: None,
        from: Default::default(),
    }));
    record.payment.state = record.payment.begins();
    let made = record.payment.clone();
    match app.ports().payments.create(vec![record]).await?.first() {
        Some(Created::New) => Ok(Answer::Made(Box::new(made), false)),
        Some(Created::Existing(id)) => made_before(app, *id).await,
        other => {
            tracing::error!(?other, "a refund or a reversal was not made");
            Err(Problem::new("internal", "it was not made"))
        }
    }
}
