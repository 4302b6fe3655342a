//! An event as those outside are told it: in the feed and in a webhook, byte for byte the same.

use serde_json::{Value, json};
use settlement::payment::{Event, EventKind, PaymentEvent};

/// An event, and whose it is.
#[derive(Clone, Debug)]
pub struct Told {
    /// What happened.
    pub event: PaymentEvent,
    /// The merchant who asked for the payment; none where nobody did online.
    pub merchant: Option<String>,
    /// The currency of its bank.
    pub currency: &'static str,
}

/// Every type there is.
pub const TYPES: &[&str] = &[
    "payment.created",
    "payment.denied",
    "payment.cancelled",
    "payment.expired",
    "payment.claimed",
    "payment.released",
    "payment.upload_failed",
    "payment.sent",
    "payment.upload_unknown",
    "payment.acknowledged",
    "payment.rejected",
    "payment.settled",
    "payment.returned",
    "payment.hold_ended",
    "payment.closed",
    "payment.dishonored",
    "payment.contested",
    "payment.reversal_sent",
    "payment.reversal_settled",
    "payment.reversal_returned",
    "payment.notice_of_change",
    "payment.settlement_undone",
    "payment.approved",
];

/// The type of a delivery that somebody asked for to try an endpoint.
pub const TEST_TYPE: &str = "webhook.test";

/// The type of an event.
pub const fn kind(event: &Event) -> &'static str {
    match event.kind() {
        EventKind::Created => "payment.created",
        EventKind::Denied => "payment.denied",
        EventKind::Cancelled => "payment.cancelled",
        EventKind::Expired => "payment.expired",
        EventKind::Claimed => "payment.claimed",
        EventKind::Released => "payment.released",
        EventKind::UploadFailed => "payment.upload_failed",
        EventKind::Sent => "payment.sent",
        EventKind::UploadUnknown => "payment.upload_unknown",
        EventKind::Acknowledged => "payment.acknowledged",
        EventKind::Rejected => "payment.rejected",
        EventKind::Settled => "payment.settled",
        EventKind::Returned => "payment.returned",
        EventKind::HoldEnded => "payment.hold_ended",
        EventKind::Closed => "payment.closed",
        EventKind::Dishonored => "payment.dishonored",
        EventKind::Contested => "payment.contested",
        EventKind::ReversalSent => "payment.reversal_sent",
        EventKind::ReversalSettled => "payment.reversal_settled",
        EventKind::ReversalReturned => "payment.reversal_returned",
        EventKind::NoticeOfChange => "payment.notice_of_change",
        EventKind::SettlementUndone => "payment.settlement_undone",
        EventKind::Approved => "payment.approved",
    }
}

/// The name of an event: payment and version. A webhook's id, the same on every attempt, and free
/// of the stop that its signature is taken over.
pub fn id(event: &PaymentEvent) -> String {
    format!("{}-{}", event.payment, event.version)
}

/// The bank's code, where the event has one.
fn code(event: &Event) -> Option<String> {
    match event {
        Event::Returned { of } => Some(of.code.to_string()),
        Event::Dishonored { code, .. }
        | Event::Contested { code, .. }
        | Event::ReversalReturned { code } => Some(code.to_string()),
        Event::NoticeOfChange { change, .. } => Some(change.clone()),
        _ => None,
    }
}

/// An event in JSON: what a webhook's body is.
pub fn body(told: &Told) -> Value {
    let event = &told.event;
    let mut data = json!({
        "payment": event.payment.to_string(),
        "version": event.version,
        "previous_state": (event.version > 1).then_some(event.from),
        "state": event.to,
        "status": event.to.public(),
        "amount_cents": event.amount,
        "currency": told.currency,
        "direction": event.direction,
        "date": event.date,
    });
    let mut may = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            data[name] = json!(value);
        }
    };
    may("merchant", told.merchant.clone());
    may("reference", event.reference.clone());
    may("code", code(&event.event));
    json!({
        "type": kind(&event.event),
        "timestamp": event.at,
        "data": data,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_types_are_the_kinds_of_events() {
        for event in [Event::Created, Event::HoldEnded, Event::ReversalSent] {
            let name = format!("payment.{}", event.kind().as_str());
            assert_eq!(kind(&event), name);
        }
        let mut names = TYPES.to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), TYPES.len());
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
        assert!(TYPES.iter().all(|name| name.chars().all(plain)));
    }
}
