//! What an answer means to something that was asked twice, since a lender was gone before it
//! answered: what it would have been, had it been asked once.

use connectors::{Applied, Change, Created, NewRecord};
use settlement::ids::PaymentId;
use settlement::payment::PaymentEvent;
use std::collections::BTreeSet;

/// Under its own id a payment was made by the first asking. A second record of the same payment in
/// one call is answered as it is.
pub fn created(new: &[NewRecord], answers: Vec<Created>) -> Vec<Created> {
    let mut seen: BTreeSet<PaymentId> = BTreeSet::new();
    let answered = new.iter().zip(answers);
    let answered = answered.map(|(new, answer)| match answer {
        Created::Existing(id) if id == new.payment.id && seen.insert(id) => Created::New,
        other => other,
    });
    answered.collect()
}

/// Whether it takes the payment's history to say what a change was answered.
pub const fn is_open(change: &Change, answer: &Applied) -> bool {
    change.expected_version.is_some() && !matches!(answer, Applied::Done { .. } | Applied::NotFound)
}

/// What a change would have been answered by whoever was asked first: *done*, where the event that
/// follows the version it names is this one, told at this moment.
pub fn applied(change: &Change, answer: Applied, history: &[PaymentEvent]) -> Applied {
    let Some(version) = change.expected_version.and_then(|it| it.checked_add(1)) else {
        return answer;
    };
    let ours = history.iter().any(|event| {
        event.version == version
            && event.event == change.event
            && (event.date, event.at) == (change.date, change.at)
    });
    match ours {
        true => Applied::Done { version },
        false => answer,
    }
}
