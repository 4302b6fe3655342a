//! A reversal that nobody approved in its five banking days has lapsed: it never goes, and stands
//! in the way of nothing.
//!
//! Who looks at it is told so; it is denied, with the reason, as soon as somebody asks for
//! something that it would stand in the way of.

use crate::app::App;
use crate::wire::problem::{Problem, Result};
use connectors::Change;
use jiff::Timestamp;
use settlement::ids::PaymentId;
use settlement::payment::{Event, Payment, State};
use settlement::reversal::lapsed;
use settlement::windows::business_date;

/// Why a reversal that is held for a review will never go; none for anything else.
///
/// # Errors
/// Where the store does not answer.
pub async fn why(app: &App, payment: &Payment, now: Timestamp) -> Result<Option<String>> {
    let Some(of) = payment
        .reverses()
        .filter(|_| payment.state == State::Review)
    else {
        return Ok(None);
    };
    let original = app.ports().payments.get(&[of]).await?.pop().flatten();
    let original = original.ok_or_else(|| Problem::new("internal", "a reversal of nothing"))?;
    let bank = &app.desk_of(&payment.bank).bank;
    Ok(lapsed(payment, &original, bank, now))
}

/// The same payments, which give back the payment `of`, those of them denied that have lapsed.
///
/// # Errors
/// As [`why`].
pub async fn denied(
    app: &App,
    of: PaymentId,
    mut giving: Vec<Option<Payment>>,
    now: Timestamp,
) -> Result<Vec<Option<Payment>>> {
    let store = &app.ports().payments;
    for made in &mut giving {
        let Some(payment) = made.as_ref() else {
            continue;
        };
        let Some(reason) = why(app, payment, now).await? else {
            continue;
        };
        tracing::info!(payment = %payment.id, %of, reason, "a reversal has lapsed");
        let cutoff = app.desk_of(&payment.bank).bank.cutoffs.standard;
        let change = Change {
            payment: payment.id,
            expected_version: Some(payment.version),
            event: Event::Denied { reason },
            date: business_date(now, cutoff),
            at: now,
        };
        // Where somebody was faster, what it is by now counts.
        store.apply(vec![change]).await?;
        *made = store.get(&[payment.id]).await?.pop().flatten();
    }
    Ok(giving)
}
