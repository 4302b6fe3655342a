//! What may stand in a request for a payment, and the request in the words of settlement.

use super::account::{EITHER, kind, routing};
use crate::app::App;
use crate::callers::Caller;
use crate::risk::names::Origin;
use crate::tokens::handle::{Held, held};
use crate::wire::fields::{Field, Form, Kind, Wrong, may, must, wrong};
use crate::wire::json::Json;
use crate::wire::problem::{Problem, Result};
use settlement::authorize::{
    DESCRIPTION_COLUMNS, METADATA_KEYS, METADATA_VALUE_CHARACTERS, NewPayment,
    REFERENCE_CHARACTERS, REMITTANCE_COLUMNS, REQUESTABLE, is_own_name,
};
use settlement::codes::sec::SecCode;
use settlement::ids::Direction;
use settlement::money::{Cents, Currency};
use settlement::payment::{Order, Speed};
use std::net::IpAddr;
use zeroize::Zeroizing;

/// The most cents of any entry: twelve digits less than what fits a signed number.
const MOST_CENTS: i64 = 999_999_999_999;

/// Where the request comes from, as far as the merchant knows: for the judgement of its risk.
pub const CONTEXT: &[Field] = &[
    may(
        "device",
        Kind::Text { least: 1, most: 64 },
        "the merchant's name for the device",
    ),
    may(
        "ip",
        Kind::Text { least: 2, most: 45 },
        "the address that asked the merchant",
    ),
];

/// A request for a payment.
#[rustfmt::skip]
pub const NEW_PAYMENT: &[Field] = &[
    must("direction", Kind::Choice(&["credit", "debit"]),
        "credit pays the receiver, debit pulls from them"),
    must("amount_cents", Kind::Whole { least: 1, most: MOST_CENTS }, "how much, in cents"),
    may("currency", Kind::Choice(&["USD", "CAD", "EUR", "GBP", "MXN"]), "USD where nothing is \
        said"),
    must("sec", Kind::Choice(&["CCD", "CTX", "PPD", "TEL", "WEB"]),
        "the entry class: how the receiver agreed"),
    must("description", Kind::Text { least: 1, most: DESCRIPTION_COLUMNS },
        "what the receiver reads on the statement, PAYROLL"),
    may("speed", Kind::Choice(&["standard", "same_day"]), "standard where nothing is said"),
    may("effective", Kind::Date, "the day on which it should settle; the first one where \
        nothing is said"),
    must("account", Kind::Either(EITHER), "the receiver's account, by its number or its token"),
    must("name", Kind::Text { least: 1, most: 100 }, "the receiver's name"),
    may("remittance", Kind::Text { least: 1, most: REMITTANCE_COLUMNS },
        "payment related information for the receiver"),
    may("reference", Kind::Text { least: 1, most: REFERENCE_CHARACTERS },
        "your own name for the payment; it is in every report"),
    may("metadata", Kind::Texts { names: METADATA_KEYS, most: METADATA_VALUE_CHARACTERS },
        "what else you keep with it; it goes nowhere"),
    may("customer", Kind::Text { least: 1, most: 64 },
        "your own name for the customer; no name of a person"),
    may("context", Kind::Object(CONTEXT), "where the request comes from"),
];

/// A request that the table has let through.
pub struct Asked {
    /// The request but for the account number.
    pub new: NewPayment,
    /// The account number.
    pub number: Zeroizing<String>,
    /// The currency.
    pub currency: Currency,
    /// Where it comes from, the merchant's own name for its customer included.
    pub from: Origin,
    /// Whether the account was named by its token.
    pub by_token: bool,
}

/// Reads a request of a caller.
///
/// # Errors
/// `invalid` with every field that is wrong, and what of [`Caller::asks_for`] stands in the way.
pub async fn read(app: &App, json: &Json, caller: &Caller) -> Result<Asked> {
    let form = Form::read(json, NEW_PAYMENT).map_err(Problem::fields)?;
    let merchant = caller.asks_for()?;
    let mut faults = Vec::new();
    let (account, context) = (form.form("account"), form.form("context"));
    let by_token = account.has("token");
    let receiver = receiver(app, caller, &account, &mut faults).await?;
    let sec = sec(&form);
    if !merchant.classes.is_empty() && !merchant.classes.contains(&sec) {
        let message = format!("the merchant has no agreement for {sec}; use one of its classes");
        faults.push(wrong("/sec", "not-agreed", message));
    }
    let cents = form.whole("amount_cents").unwrap_or_default();
    // saturates: the table lets through what is from 1 on
    let amount = Cents::new(u64::try_from(cents).unwrap_or_default());
    if let Some(limit) = merchant.limits.payment_cents
        && amount.get() > limit
    {
        let message = format!("must be at most {limit} for this merchant");
        faults.push(wrong("/amount_cents", "over-limit", message));
    }
    check_origin(&form, &context, &mut faults);
    let (Some(receiver), true) = (receiver, faults.is_empty()) else {
        return Err(Problem::fields(faults));
    };
    let order = Order {
        direction: direction(&form),
        amount,
        originator: merchant.originator.clone(),
        sec,
        description: owned(&form, "description").unwrap_or_default(),
        speed: speed(&form),
        effective: form.date("effective"),
    };
    let new = NewPayment {
        order,
        routing: receiver.routing,
        account: receiver.kind,
        name: owned(&form, "name").unwrap_or_default(),
        remittance: owned(&form, "remittance"),
        reference: owned(&form, "reference"),
        metadata: form.texts("metadata"),
    };
    Ok(Asked {
        new,
        number: receiver.number,
        currency: currency(&form),
        from: Origin {
            merchant: merchant.name.clone(),
            customer: owned(&form, "customer"),
            device: owned(&context, "device"),
            ip: owned(&context, "ip"),
        },
        by_token,
    })
}

/// What is said of where the request comes from: names like a reference, and an address.
fn check_origin(form: &Form<'_>, context: &Form<'_>, faults: &mut Vec<Wrong>) {
    let message = "must be printable ASCII, first a letter or digit, no blank at the end";
    for (form, name, at) in [
        (form, "customer", "/customer"),
        (context, "device", "/context/device"),
    ] {
        if form.text(name).is_some_and(|text| !is_own_name(text)) {
            faults.push(wrong(at, "rule", message));
        }
    }
    if context
        .text("ip")
        .is_some_and(|text| text.parse::<IpAddr>().is_err())
    {
        let message = "must be an address of IPv4 or IPv6";
        faults.push(wrong("/context/ip", "address", message));
    }
}

/// The receiver's account; none where something is wrong with it, which is told then.
async fn receiver(
    app: &App,
    caller: &Caller,
    account: &Form<'_>,
    faults: &mut Vec<Wrong>,
) -> Result<Option<Held>> {
    if let Some(token) = account.text("token") {
        return match held(app, caller, token, "/account/token").await? {
            Ok(held) => Ok(Some(held)),
            Err(fault) => {
                faults.push(fault);
                Ok(None)
            }
        };
    }
    let text = |name| account.text(name).unwrap_or_default();
    let routing = routing(text("routing"), "/account/routing", faults);
    Ok(routing.map(|routing| Held {
        routing,
        kind: kind(text("kind")),
        number: Zeroizing::new(text("number").to_owned()),
    }))
}

fn owned(form: &Form<'_>, name: &str) -> Option<String> {
    form.text(name).map(str::to_owned)
}

fn sec(form: &Form<'_>) -> SecCode {
    let text = form.text("sec").unwrap_or_default();
    // The table lets through what can be requested.
    let found = REQUESTABLE.iter().find(|sec| sec.as_str() == text);
    found.copied().unwrap_or(SecCode::Ppd)
}

fn direction(form: &Form<'_>) -> Direction {
    match form.text("direction") {
        Some("debit") => Direction::Debit,
        _ => Direction::Credit,
    }
}

fn speed(form: &Form<'_>) -> Speed {
    match form.text("speed") {
        Some("same_day") => Speed::SameDay,
        _ => Speed::Standard,
    }
}

fn currency(form: &Form<'_>) -> Currency {
    match form.text("currency") {
        Some("CAD") => Currency::Cad,
        Some("EUR") => Currency::Eur,
        Some("GBP") => Currency::Gbp,
        Some("MXN") => Currency::Mxn,
        _ => Currency::Usd,
    }
}
