//! Facts of sides: what they make of a payment is what events of its own would have made of it.

#![allow(clippy::arithmetic_side_effects)] // counters of a test

use super::*;
use crate::ids::TraceNumber;
use crate::payment::tests::{event, payment};
use crate::payment::{EventKind, Refusal, SideFact, State};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use proptest::prelude::*;

const DAY: Date = date(2026, 11, 25);

fn at() -> Timestamp {
    "2026-11-25T15:00:00Z".parse().unwrap()
}

fn trace(n: u64) -> TraceNumber {
    TraceNumber::from_number(n).unwrap()
}

/// A store of one payment and its side, as every adapter keeps them.
#[derive(Clone)]
struct Kept {
    payment: Payment,
    follows: u32,
    own: Vec<(PaymentEvent, u32)>,
    facts: Vec<Numbered>,
}

impl Kept {
    fn sent() -> Kept {
        let mut payment = payment();
        payment.version = 1;
        let mut kept = Kept {
            own: vec![(payment.created(DAY), 0)],
            payment,
            follows: 0,
            facts: Vec::new(),
        };
        for kind in [EventKind::Claimed, EventKind::Sent] {
            kept.happens(event(kind, 1)).unwrap();
        }
        kept
    }

    fn now(&self) -> Payment {
        let mut now = self.payment.clone();
        now.take_facts(&self.facts, self.follows);
        now
    }

    fn happens(&mut self, event: Event) -> Result<(), Refusal> {
        let mut now = self.now();
        let made = now.apply(event, DAY, at())?;
        self.follows = u32::try_from(self.facts.len()).unwrap();
        self.own.push((made, self.follows));
        self.payment = now;
        Ok(())
    }

    fn told(&mut self, event: Event, except: Vec<TraceNumber>) {
        let fact = SideFact::new(event, DAY, at(), except).unwrap();
        let number = u32::try_from(self.facts.len()).unwrap() + 1;
        self.facts.push(Numbered { number, fact });
    }

    fn history(&self) -> Vec<PaymentEvent> {
        self.payment.history(self.own.clone(), &self.facts)
    }
}

/// What can come of a side, and what of its payments alone.
const OF_SIDES: &[EventKind] = &[
    EventKind::Acknowledged,
    EventKind::Rejected,
    EventKind::Settled,
    EventKind::SettlementUndone,
    EventKind::HoldEnded,
    EventKind::Closed,
];
const OF_PAYMENTS: &[EventKind] = &[
    EventKind::Returned,
    EventKind::NoticeOfChange,
    EventKind::Dishonored,
    EventKind::Contested,
    EventKind::Settled,
];

/// One thing that happens: to the side (and whether it leaves the payment out), or to the payment.
#[derive(Clone, Debug)]
struct Step {
    kind: EventKind,
    of_side: bool,
    n: u32,
    except: bool,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let of_side = (proptest::sample::select(OF_SIDES), 1u32..4, any::<bool>());
    let alone = (proptest::sample::select(OF_PAYMENTS), 1u32..4);
    let step = prop_oneof![
        3 => of_side.prop_map(|(kind, n, except)| Step { kind, of_side: true, n, except }),
        1 => alone.prop_map(|(kind, n)| Step { kind, of_side: false, n, except: false }),
    ];
    proptest::collection::vec(step, 0..14)
}

proptest! {
    #[test]
    fn a_fact_of_a_side_is_to_a_payment_what_an_event_of_its_own_would_be(steps in steps()) {
        let (mut kept, mut alone) = (Kept::sent(), Kept::sent());
        for Step { kind, of_side, n, except } in steps {
            let before = kept.history();
            let happened = event(kind, n);
            if of_side {
                let except = if except { vec![trace(1)] } else { vec![trace(2)] };
                let concerned = !except.contains(&trace(1));
                kept.told(happened.clone(), except);
                if concerned {
                    let _ = alone.happens(happened);
                }
            } else {
                let one = kept.happens(happened.clone());
                let other = alone.happens(happened);
                prop_assert_eq!(one, other);
            }
            let history = kept.history();
            prop_assert!(history.starts_with(&before), "what was known is a prefix");
            prop_assert_eq!(kept.now(), alone.payment.clone());
            let versions = history.iter().map(|event| event.version);
            prop_assert!(versions.eq(1..=kept.now().version), "versions without a gap");
            let told = history.into_iter().map(|event| PaymentEvent { fact: None, ..event });
            let told: Vec<PaymentEvent> = told.collect();
            let own: Vec<_> = alone.own.iter().map(|(event, _)| event.clone()).collect();
            prop_assert_eq!(told, own);
        }
    }

    #[test]
    fn an_entry_that_is_left_out_hears_nothing_of_it(steps in steps()) {
        let mut kept = Kept::sent();
        for Step { kind, n, .. } in steps.into_iter().filter(|step| step.of_side) {
            kept.told(event(kind, n), vec![trace(9), trace(1)]);
        }
        prop_assert_eq!(kept.now(), kept.payment.clone());
        prop_assert_eq!(kept.history().len(), 3);
    }
}

#[test]
fn in_any_order_the_facts_of_a_side_and_of_a_payment_lead_to_one_state() {
    let of_side = [
        EventKind::Acknowledged,
        EventKind::Rejected,
        EventKind::Settled,
        EventKind::SettlementUndone,
    ];
    let all: Vec<(EventKind, bool)> = of_side
        .into_iter()
        .map(|kind| (kind, true))
        .chain([(EventKind::Returned, false)])
        .collect();
    let mut states = std::collections::BTreeSet::new();
    for order in crate::payment::tests::orders(&all) {
        let mut kept = Kept::sent();
        for (kind, of_side) in order {
            match of_side {
                true => kept.told(event(kind, 1), Vec::new()),
                false => kept.happens(event(kind, 1)).unwrap(),
            }
        }
        states.insert(kept.now().state);
    }
    // It came back, and the settlement that the bank took back counts no more.
    assert_eq!(states, [State::Failed].into());
}

#[test]
fn what_finds_no_step_when_it_is_said_finds_none_later() {
    let mut kept = Kept::sent();
    kept.told(event(EventKind::Settled, 1), vec![trace(1)]);
    kept.told(event(EventKind::HoldEnded, 1), Vec::new());
    kept.happens(event(EventKind::Settled, 1)).unwrap();
    assert!(!kept.now().hold_ended, "its own hold has not ended");
    kept.told(event(EventKind::HoldEnded, 1), Vec::new());
    assert!(kept.now().hold_ended);
    let last = kept.history().pop().unwrap();
    assert_eq!((last.fact, last.version), (Some(3), 5));
}

#[test]
fn what_happens_to_single_payments_is_no_fact_of_a_side() {
    let of = |kind| SideFact::new(event(kind, 1), DAY, at(), Vec::new());
    for kind in crate::payment::tests::KINDS {
        assert_eq!(of(*kind).is_ok(), OF_SIDES.contains(kind), "{kind:?}");
    }
    assert!(of(EventKind::Created).is_err());
}

#[test]
fn a_fact_told_twice_is_the_same_and_another_days_hold_is_another() {
    let fact = |kind, on: Date| SideFact::new(event(kind, 1), on, at(), Vec::new()).unwrap();
    let next = date(2026, 11, 27);
    for kind in OF_SIDES {
        let again = fact(*kind, next).sameness() == fact(*kind, DAY).sameness();
        let windows = matches!(kind, EventKind::HoldEnded | EventKind::Closed);
        assert_eq!(again, !windows, "{kind:?}");
        assert_eq!(fact(*kind, DAY).sameness(), fact(*kind, DAY).sameness());
    }
}
