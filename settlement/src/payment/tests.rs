//! Laws of the list of steps: what must hold whatever the list says.

#![allow(clippy::arithmetic_side_effects)] // counters of a test

use super::*;
use crate::codes::returns::ReturnCode;
use crate::codes::sec::SecCode;
use crate::ids::{BatchKey, TraceNumber};
use jiff::civil::date;
use proptest::prelude::*;
use std::collections::BTreeSet;

mod undone;

const DAY: Date = date(2026, 11, 25);

/// States in which money has moved or may have: nobody may take the payment back any more.
const OUT_OF_OUR_HANDS: &[State] = &[State::Unknown, State::SentToBank, State::Pending];

/// Every kind of event that can happen to a payment.
pub(super) const KINDS: &[EventKind] = &[
    EventKind::Denied,
    EventKind::Cancelled,
    EventKind::Expired,
    EventKind::Claimed,
    EventKind::Released,
    EventKind::UploadFailed,
    EventKind::Sent,
    EventKind::UploadUnknown,
    EventKind::Acknowledged,
    EventKind::Rejected,
    EventKind::Settled,
    EventKind::Returned,
    EventKind::HoldEnded,
    EventKind::Closed,
    EventKind::Dishonored,
    EventKind::Contested,
    EventKind::ReversalSent,
    EventKind::ReversalSettled,
    EventKind::ReversalReturned,
    EventKind::NoticeOfChange,
    EventKind::SettlementUndone,
];

pub(super) fn payment() -> Payment {
    let order = Order {
        direction: Direction::Debit,
        amount: Cents::new(10_000),
        originator: "acme".to_owned(),
        sec: SecCode::Ppd,
        description: "DUES".to_owned(),
        speed: Speed::Standard,
        effective: None,
    };
    let receiver = Receiver {
        routing: "076401251".parse().unwrap(),
        account: AccountKind::Checking,
        token: AccountToken {
            token: "00".repeat(12),
            last4: String::new(),
        },
        sealed: Sealed {
            wrapped_key: vec![],
            nonce: vec![],
            ciphertext: vec![],
        },
        name: "Ada Lovelace".to_owned(),
    };
    Payment {
        version: 0, // not created yet
        ..Payment::new(PaymentId::from_key(7).unwrap(), order, receiver, None, at())
    }
}

fn at() -> Timestamp {
    "2026-11-25T15:00:00Z".parse().unwrap()
}

/// An event of the kind; `n` tells two of a kind apart where the kind can happen twice.
pub(super) fn event(kind: EventKind, n: u32) -> Event {
    let file = format!("{n}.ach");
    let trace = TraceNumber::from_number(u64::from(n)).unwrap();
    let code: ReturnCode = "R01".parse().unwrap();
    match kind {
        EventKind::Created => Event::Created,
        EventKind::Denied => Event::Denied {
            reason: "limit".to_owned(),
        },
        EventKind::Cancelled => Event::Cancelled,
        EventKind::Expired => Event::Expired,
        EventKind::Claimed => Event::Claimed {
            cut: CutId(format!("cut {n}")),
        },
        EventKind::Released => Event::Released {
            cut: CutId(format!("cut {n}")),
        },
        EventKind::UploadFailed => Event::UploadFailed { file },
        EventKind::Sent => {
            let batch = BatchKey::new(DAY, b'A', n).unwrap();
            Event::Sent {
                entry: EntryRef {
                    trace,
                    batch,
                    settles_on: DAY,
                },
            }
        }
        EventKind::UploadUnknown => Event::UploadUnknown { file },
        EventKind::Acknowledged => Event::Acknowledged { file },
        EventKind::Rejected => Event::Rejected {
            file,
            reason: "hash".to_owned(),
        },
        EventKind::Settled => Event::Settled {
            bank_reference: String::new(),
            on: DAY,
        },
        EventKind::Returned => Event::Returned {
            of: ReturnRef {
                code,
                trace,
                received_on: DAY,
                late: false,
            },
        },
        EventKind::HoldEnded => Event::HoldEnded,
        EventKind::Closed => Event::Closed,
        EventKind::Dishonored => Event::Dishonored { code, trace },
        EventKind::Contested => Event::Contested { code, trace },
        EventKind::ReversalSent => Event::ReversalSent,
        EventKind::ReversalSettled => Event::ReversalSettled,
        EventKind::ReversalReturned => Event::ReversalReturned { code },
        EventKind::NoticeOfChange => Event::NoticeOfChange {
            change: "C01".to_owned(),
            trace,
        },
        EventKind::SettlementUndone => undone(n + 1),
        EventKind::Approved => Event::Approved {
            by: "somebody".to_owned(),
            note: "known".to_owned(),
        },
    }
}

fn undone(times: u32) -> Event {
    Event::SettlementUndone {
        allocation: format!("allocation {times}"),
        times,
    }
}

#[test]
fn a_step_leads_to_one_state_only() {
    let mut seen = BTreeSet::new();
    for (from, kind, _) in STEPS {
        assert!(seen.insert((from, kind)), "{from} {}", kind.as_str());
    }
}

#[test]
fn every_state_can_be_reached_and_the_ends_are_ends() {
    // A payment begins in either.
    let mut reached = BTreeSet::from([State::Init, State::Review]);
    for _ in State::ALL {
        for (from, _, to) in STEPS {
            if reached.contains(from) {
                reached.insert(*to);
            }
        }
    }
    assert_eq!(reached.len(), State::ALL.len());
    let ends: Vec<&State> = State::ALL
        .iter()
        .filter(|state| STEPS.iter().all(|step| step.0 != **state))
        .collect();
    let expected = [
        State::Canceled,
        State::Contested,
        State::Reversed,
        State::ReversalReturned,
    ];
    assert_eq!(ends, expected.iter().collect::<Vec<_>>());
}

#[test]
fn what_may_be_at_the_bank_is_never_cancelled_and_never_claimed_again() {
    for state in OUT_OF_OUR_HANDS {
        for kind in [EventKind::Cancelled, EventKind::Expired, EventKind::Denied] {
            assert_eq!(step(*state, kind), None, "{state}");
        }
        assert_eq!(step(*state, EventKind::Claimed), None, "{state}");
    }
    let back: Vec<_> = STEPS.iter().filter(|step| step.2 == State::Init).collect();
    let released = (State::Batched, EventKind::Released, State::Init);
    assert!(
        back.iter()
            .filter(|step| step.0 != State::Review)
            .all(|step| step.1 == EventKind::UploadFailed || **step == released),
        "known not to be sent"
    );
}

#[test]
fn success_comes_from_the_bank_alone() {
    for (from, kind, to) in STEPS.iter().filter(|step| step.2 == State::Success) {
        assert!(
            *kind == EventKind::Settled || from == to,
            "{from} {}",
            kind.as_str()
        );
    }
    // What a client was told has failed stays so, but for a return that we refused, and for a file
    // that the bank rejected and settled all the same.
    let told = |step: &&(State, EventKind, State)| step.0.public() == PublicState::Failed;
    for (from, kind, to) in STEPS.iter().filter(told) {
        let refused = matches!(kind, EventKind::Dishonored | EventKind::Settled);
        assert!(
            refused || to.public() == PublicState::Failed,
            "{from} to {to}"
        );
    }
}

#[test]
fn a_notice_of_change_moves_nothing() {
    for state in State::ALL {
        let after = step(*state, EventKind::NoticeOfChange);
        assert!(after.is_none() || after == Some(*state));
    }
}

#[test]
fn an_upload_that_failed_leaves_no_entry_behind() {
    let mut it = payment();
    for (kind, n) in [
        (EventKind::Claimed, 1),
        (EventKind::UploadFailed, 1),
        (EventKind::Claimed, 2),
    ] {
        it.apply(event(kind, n), DAY, at()).unwrap();
    }
    assert_eq!((it.cut, it.entry), (Some(CutId("cut 2".to_owned())), None));
    assert_eq!(it.state, State::Batched);
}

#[test]
fn a_late_return_remembers_that_the_funds_were_out() {
    let mut it = payment();
    let life = [
        EventKind::Claimed,
        EventKind::Sent,
        EventKind::Settled,
        EventKind::HoldEnded,
    ];
    for kind in life {
        it.apply(event(kind, 1), DAY, at()).unwrap();
    }
    let log = it.apply(event(EventKind::Returned, 9), DAY, at()).unwrap();
    assert!(log.was_settled && log.hold_had_ended);
    assert_eq!((log.from, log.to), (State::Success, State::Returned));
}

/// All that a bank can say of a payment that was sent, each fact once.
fn facts() -> Vec<Event> {
    let returned = |code: &str, n: u64| Event::Returned {
        of: ReturnRef {
            code: code.parse().unwrap(),
            trace: TraceNumber::from_number(n).unwrap(),
            received_on: DAY,
            late: false,
        },
    };
    vec![
        event(EventKind::Acknowledged, 1),
        event(EventKind::Rejected, 1),
        event(EventKind::Settled, 1),
        returned("R01", 1),
        returned("R10", 2),
        returned("R01", 3),
        event(EventKind::NoticeOfChange, 1),
    ]
}

/// Every order of `events`.
pub(super) fn orders<T: Clone>(events: &[T]) -> Vec<Vec<T>> {
    if events.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for at in 0..events.len() {
        let mut others = events.to_vec();
        let first = others.remove(at);
        for mut order in orders(&others) {
            order.insert(0, first.clone());
            all.push(order);
        }
    }
    all
}

#[test]
fn the_bank_s_facts_lead_to_one_state_in_any_order() {
    let facts = facts();
    let mut sent = payment();
    for kind in [EventKind::Claimed, EventKind::Sent] {
        sent.apply(event(kind, 1), DAY, at()).unwrap();
    }
    for chosen in 0u32..1 << facts.len() {
        let some = facts.iter().enumerate();
        let some: Vec<Event> = some
            .filter(|(at, _)| chosen & (1 << at) != 0)
            .map(|(_, fact)| fact.clone())
            .collect();
        let kinds: BTreeSet<EventKind> = some.iter().map(Event::kind).collect();
        let has = |kind| kinds.contains(&kind);
        let (settled, returned) = (has(EventKind::Settled), has(EventKind::Returned));
        let expected = match (settled, returned) {
            (true, true) => State::Returned,
            (true, false) => State::Success,
            (false, true) => State::Failed,
            (false, false) if has(EventKind::Rejected) => State::Failed,
            (false, false) if has(EventKind::Acknowledged) => State::Pending,
            (false, false) => State::SentToBank,
        };
        for order in orders(&some) {
            let mut it = sent.clone();
            for fact in &order {
                let _ = it.apply(fact.clone(), DAY, at());
            }
            assert_eq!(it.state, expected, "{order:?}");
            assert_eq!(it.settled_on.is_some(), settled, "{order:?}");
            assert_eq!(it.returned.is_some(), returned, "{order:?}");
        }
    }
}

#[test]
fn an_acknowledgement_after_anything_later_changes_nothing() {
    for state in State::ALL {
        let mut it = Payment {
            state: *state,
            ..payment()
        };
        let before = it.clone();
        let answer = it.apply(event(EventKind::Acknowledged, 1), DAY, at());
        match state {
            State::SentToBank => assert_eq!(it.state, State::Pending),
            state if state.is_past_acknowledgement() => {
                assert_eq!((answer, &it), (Err(Refusal::Exists), &before), "{state}");
            }
            state => assert!(matches!(answer, Err(Refusal::NotAStep { .. })), "{state}"),
        }
    }
}

#[test]
fn a_dispute_goes_to_its_end_and_no_further() {
    let mut it = payment();
    let life = [
        (EventKind::Claimed, 1),
        (EventKind::Sent, 1),
        (EventKind::Settled, 1),
        (EventKind::Returned, 1),
        (EventKind::Dishonored, 2),
        (EventKind::Contested, 3),
    ];
    for (kind, n) in life {
        it.apply(event(kind, n), DAY, at()).unwrap();
    }
    assert_eq!(it.state, State::Contested);
    let again = it.apply(event(EventKind::Contested, 3), DAY, at());
    assert_eq!(again, Err(Refusal::Exists), "told again");
    let once_more = it.apply(event(EventKind::Contested, 4), DAY, at());
    assert!(matches!(once_more, Err(Refusal::NotAStep { .. })));
}

fn any_events() -> impl Strategy<Value = Vec<Event>> {
    let one = (0..KINDS.len(), 0u32..3).prop_map(|(kind, n)| event(KINDS[kind], n));
    prop::collection::vec(one, 0..400)
}

proptest! {
    #[test]
    fn only_listed_steps_happen_and_each_is_logged(events in any_events()) {
        let mut it = payment();
        let mut applied = 0;
        for event in events {
            let (before, kind, told) = (it.clone(), event.kind(), event.clone());
            match it.apply(event, DAY, at()) {
                Ok(log) => {
                    applied += 1;
                    prop_assert_eq!(before.leads_to(&told), Some(it.state));
                    prop_assert!(step(before.state, kind).is_some());
                    prop_assert_eq!((log.from, log.to), (before.state, it.state));
                    prop_assert_eq!((log.version, log.amount), (it.version, before.order.amount));
                    prop_assert_eq!(log.was_settled, before.settled_on.is_some());
                }
                Err(Refusal::Exists) => prop_assert_eq!(&it, &before),
                Err(Refusal::NotAStep { state, event }) => {
                    prop_assert_eq!(&it, &before);
                    prop_assert_eq!((state, event), (before.state, kind));
                    prop_assert_eq!(before.leads_to(&told), None);
                }
            }
        }
        prop_assert_eq!((it.version, it.seen.len()), (applied, applied as usize));
    }

    #[test]
    fn a_life_told_twice_is_the_same_life(events in any_events()) {
        let mut it = payment();
        let life: Vec<Event> =
            events.into_iter().filter(|e| it.apply(e.clone(), DAY, at()).is_ok()).collect();
        let once = it.clone();
        for event in life {
            prop_assert_eq!(it.apply(event, DAY, at()), Err(Refusal::Exists));
        }
        prop_assert_eq!(it, once);
    }
}
