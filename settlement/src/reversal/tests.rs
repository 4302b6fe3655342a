//! When a payment may be reversed, and when what gives one back does not go.

use super::*;
use crate::codes::sec::SecCode;
use crate::ids::{AccountToken, Direction};
use crate::money::Cents;
use crate::payment::{Accepted, AccountKind, Receiver, Sealed};
use jiff::civil::date;

fn profile() -> BankProfile {
    BankProfile::parse(include_str!("../../../data/banks/sandbox.toml")).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A pull that settled on Wednesday 2026-11-25.
fn settled() -> Payment {
    let receiver = Receiver {
        routing: "091000019".parse().unwrap(),
        account: AccountKind::Checking,
        token: AccountToken {
            token: "00".repeat(12),
            last4: "1614".to_owned(),
        },
        sealed: Sealed {
            wrapped_key: vec![1],
            nonce: vec![2],
            ciphertext: vec![3],
        },
        name: "RECEIVER ONE".to_owned(),
    };
    let order = Order {
        direction: Direction::Debit,
        amount: Cents::new(5_000),
        originator: "billing".to_owned(),
        sec: SecCode::Web,
        description: "INVOICE".to_owned(),
        speed: Speed::SameDay,
        effective: Some(date(2026, 11, 25)),
    };
    let id = PaymentId::from_key(42).unwrap();
    Payment {
        state: State::Success,
        settled_on: Some(date(2026, 11, 25)),
        ..Payment::new(id, order, receiver, None, at("2026-11-24T15:00:00Z"))
    }
}

fn giving(description: &str) -> Payment {
    let mut payment = settled();
    payment.order.description = description.to_owned();
    payment.accepted = Some(Box::new(Accepted {
        refunds: Some(PaymentId::from_key(42).unwrap()),
        ..Accepted::default()
    }));
    (payment.state, payment.settled_on) = (State::Init, None);
    payment
}

#[test]
fn a_reversal_has_everything_of_its_original_but_the_way_and_the_word() {
    let original = settled().order;
    let reversal = order(&original);
    assert_eq!(reversal.direction, Direction::Credit);
    assert_eq!(
        (reversal.speed, reversal.effective),
        (Speed::Standard, None)
    );
    assert_eq!(reversal.description, "REVERSAL");
    let same = |of: &Order| (of.amount, of.originator.clone(), of.sec);
    assert_eq!(same(&reversal), same(&original));
    assert_eq!(order(&reversal).direction, Direction::Debit);
}

#[test]
fn a_payment_is_reversed_until_the_cut_of_the_fifth_banking_day_after_it_settled() {
    let (payment, profile) = (settled(), profile());
    // Thanksgiving and a weekend do not count.
    let last = date(2026, 12, 3);
    assert_eq!(last_day(date(2026, 11, 25)), last);
    let asked = |now| reversible(&payment, &profile, at(now));
    assert_eq!(asked("2026-11-25T23:00:00Z"), Ok(last));
    assert_eq!(asked("2026-12-04T01:00:00Z"), Ok(last), "at the cutoff");
    let late = Err(NotReversed::Late(last));
    assert_eq!(
        asked("2026-12-04T01:00:01Z"),
        late,
        "the next cut is a day later"
    );
    assert_eq!(asked("2027-12-04T01:00:01Z"), late);
}

#[test]
fn only_what_has_settled_and_is_no_reversal_is_reversed() {
    let (profile, now) = (profile(), at("2026-11-25T23:00:00Z"));
    for state in State::ALL.iter().filter(|state| **state != State::Success) {
        let other = Payment {
            state: *state,
            ..settled()
        };
        let refused = Err(NotReversed::State(*state));
        assert_eq!(reversible(&other, &profile, now), refused, "{state}");
    }
    let mut reversal = giving("REVERSAL");
    (reversal.state, reversal.settled_on) = (State::Success, settled().settled_on);
    let refused = reversible(&reversal, &profile, now);
    assert_eq!(refused, Err(NotReversed::Reversal));
    let mut nobodys = settled();
    nobodys.order.originator = "nobody".to_owned();
    let refused = reversible(&nobodys, &profile, now);
    assert_eq!(refused, Err(NotReversed::NoWindow));
}

#[test]
fn a_reversal_begins_in_review_and_a_refund_does_not() {
    assert_eq!(giving("REVERSAL").begins(), State::Review);
    assert_eq!(giving("REVERSAL").as_created().state, State::Review);
    assert_eq!(giving("REFUND").begins(), State::Init);
    assert_eq!(giving("REFUND").reverses(), None);
    assert_eq!(settled().begins(), State::Init);
    // The word alone is no reversal.
    let mut word = settled();
    word.order.description = REVERSAL.to_owned();
    assert_eq!((word.reverses(), word.begins()), (None, State::Init));
}

#[test]
fn what_gives_back_goes_only_while_the_original_stands() {
    let (original, last) = (settled(), date(2026, 12, 3));
    for giving in [giving("REFUND"), giving("REVERSAL")] {
        for state in State::ALL {
            let of = Payment {
                state: *state,
                ..original.clone()
            };
            let found = withheld(&giving, &of, last);
            let expected = match state {
                State::Success | State::Final => None,
                State::Pending | State::SentToBank => Some(Withheld::Waits),
                _ => Some(Withheld::CameBack(of.id, *state)),
            };
            assert_eq!(found, expected, "{state}");
            let ends = found.is_some_and(|why| why.reason().is_some());
            assert_eq!(ends, matches!(expected, Some(Withheld::CameBack(..))));
        }
    }
    let after = date(2026, 12, 4);
    assert_eq!(withheld(&giving("REFUND"), &original, after), None);
    let late = Some(Withheld::Late(original.id, last));
    assert_eq!(withheld(&giving("REVERSAL"), &original, after), late);
}

/// What nobody approved in time goes no more, and says since when.
#[test]
fn a_reversal_that_waits_lapses_with_its_last_cut() {
    let original = settled();
    let mut reversal = giving("REVERSAL");
    reversal.state = State::Review;
    (reversal.order.speed, reversal.order.effective) = (Speed::Standard, None);
    let at_moment = |text| lapsed(&reversal, &original, &profile(), at(text));
    // Thursday 2026-12-03, at the standard cutoff and after it.
    assert_eq!(at_moment("2026-12-04T01:00:00Z"), None);
    let why = at_moment("2026-12-04T01:00:01Z").unwrap();
    assert!(why.contains("2026-12-03 at the latest"), "{why}");
    let refund = giving("REFUND");
    assert_eq!(
        lapsed(&refund, &original, &profile(), at("2026-12-04T01:00:01Z")),
        None
    );
}
