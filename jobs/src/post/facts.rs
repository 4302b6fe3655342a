//! What the events of payments are to the books.

use crate::records::frozen::FrozenBatch;
use crate::records::posted::EndedHold;
use settlement::payment::{Event, PaymentEvent, State};
use settlement::posting::Fact;

/// A batch of a cut: a fact for each of its sides.
pub(super) fn initiated(batch: &FrozenBatch) -> impl Iterator<Item = Fact> {
    let sides = batch.sides().map(|side| Fact::Initiated {
        originator: batch.originator.clone(),
        batch: batch.key,
        direction: side.direction,
        amount: batch.side(side.direction),
    });
    sides.filter(|fact| !matches!(fact, Fact::Initiated { amount, .. } if amount.is_zero()))
}

/// The pulls of a side that became available.
pub(super) fn available(hold: &EndedHold) -> Fact {
    Fact::HoldEnded {
        of: hold.side.to_string(),
        originator: hold.originator.clone(),
        amount: hold.cents,
    }
}

/// What an event is to the books, if anything.
pub(super) fn of_event(event: &PaymentEvent) -> Option<Fact> {
    let PaymentEvent {
        payment,
        direction,
        amount,
        ..
    } = *event;
    let (originator, entry) = (event.originator.clone(), event.entry);
    match &event.event {
        Event::Rejected { .. } | Event::SettlementUndone { .. } => carried(event),
        Event::Settled { .. } | Event::SettledAgain { .. } => carried(event),
        // What failed had come back, or is not on its way; what came back does so once.
        Event::Returned { .. } if matches!(event.from, State::Failed | State::Returned) => None,
        // A contest repeats the return that was dishonored: by then its funds were available.
        Event::Returned { .. } | Event::Contested { .. } => {
            let contested = matches!(event.event, Event::Contested { .. });
            let (trace, hold_had_ended) = (entry?.trace, event.hold_had_ended || contested);
            Some(Fact::Returned {
                payment,
                originator,
                trace,
                direction,
                amount,
                hold_had_ended,
            })
        }
        Event::Dishonored { .. } => {
            let (trace, hold_had_ended) = (entry?.trace, event.hold_had_ended);
            Some(Fact::ReturnUndone {
                payment,
                originator,
                trace,
                direction,
                amount,
                hold_had_ended,
            })
        }
        // A version before ended them one by one; now the posting does so for whole sides.
        Event::HoldEnded => event.fact.is_none().then(|| Fact::HoldEnded {
            of: payment.to_string(),
            originator,
            amount,
        }),
        // These move no money, or what they move is posted from entries and bank lines.
        Event::Created | Event::Denied { .. } | Event::Cancelled | Event::Expired => None,
        Event::Approved { .. } | Event::Claimed { .. } | Event::Released { .. } => None,
        Event::Sent { .. } | Event::UploadUnknown { .. } => None,
        Event::Acknowledged { .. } | Event::Closed => None,
        Event::NoticeOfChange { .. } => None,
        // Nothing makes these yet; whoever does must say here what they post.
        Event::UploadFailed { .. } => None,
        Event::ReversalSent | Event::ReversalSettled | Event::ReversalReturned { .. } => None,
    }
}

/// What the bank rejected and has not settled is in no books: it leaves them, and comes back where
/// it settles all the same. What came back before goes and comes with its return.
fn carried(event: &PaymentEvent) -> Option<Fact> {
    let rejected = event.was_rejected || matches!(event.event, Event::Rejected { .. });
    let was_out = event.from == State::Failed && event.was_rejected;
    let is_out = event.to == State::Failed && rejected;
    if was_out == is_out {
        return None;
    }
    let PaymentEvent {
        payment,
        direction,
        amount,
        hold_had_ended,
        ..
    } = *event;
    let (originator, entry) = (event.originator.clone(), event.entry?);
    let other = if was_out { event.to } else { event.from };
    Some(match (other, is_out) {
        (State::Failed | State::Returned, _) => Fact::ReturnCarried {
            payment,
            batch: entry.batch,
            trace: entry.trace,
            direction,
            amount,
            carried: was_out,
        },
        (_, true) => Fact::Undone {
            payment,
            originator,
            batch: entry.batch,
            direction,
            amount,
            hold_had_ended,
        },
        (_, false) => Fact::Carried {
            payment,
            originator,
            batch: entry.batch,
            direction,
            amount,
            hold_had_ended,
        },
    })
}
