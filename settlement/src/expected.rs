//! Expected: what will become of a payment, and by when, as far as calendar, profile and code
//! tables say.
//!
//! Before it is cut, the first window that takes it says when it goes and settles; once it has an
//! entry, the entry does. Until when it may come back follows from the day on which it settles.

use crate::bank::BankProfile;
use crate::calendar::{next_banking_day, on_or_after};
use crate::codes::sec::Receiver;
use crate::cut::{Held, Slot, Waiting, lane_of};
use crate::ids::Direction;
use crate::payment::{Payment, State};
use crate::windows::{
    Window, cutoff_at, eastern_date, extended_return_deadline, ordinary_return_deadline,
};
use jiff::{Timestamp, civil::Date};

/// Banking days that are looked through for a window: a payment waits at most a year for its
/// effective date ([`crate::authorize::DAYS_AHEAD`]).
const DAYS_LOOKED_AT: usize = 370;

/// The window that will take a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Going {
    /// The window.
    pub window: Window,
    /// The business date of the cut.
    pub date: Date,
    /// Its cutoff: until then the payment can be cancelled.
    pub cut_at: Timestamp,
    /// The banking day on which it settles.
    pub settles_on: Date,
}

/// What will become of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// The window that takes it; none once it was cut, or where nothing takes it.
    pub going: Option<Going>,
    /// The banking day on which it settles, or did.
    pub settles_on: Option<Date>,
    /// When the funds of a pull become available.
    pub hold_ends: Option<Date>,
    /// The last day on which it may come back in the ordinary way.
    pub ordinary_return_until: Option<Date>,
    /// The last day on which a consumer may say that a debit was not authorized.
    pub unauthorized_return_until: Option<Date>,
    /// The day whose books close it: after them nothing is expected of it any more.
    pub final_on: Option<Date>,
}

/// What nothing more is expected of.
const ENDED: Expected = Expected {
    going: None,
    settles_on: None,
    hold_ends: None,
    ordinary_return_until: None,
    unauthorized_return_until: None,
    final_on: None,
};

/// What is expected of a payment at the bank of `profile` at the moment `now`.
pub fn expected(payment: &Payment, profile: &BankProfile, now: Timestamp) -> Expected {
    match payment.state {
        State::Init | State::Review => waiting(payment, profile, now),
        State::Batched | State::Unknown | State::SentToBank | State::Pending => sent(payment),
        State::Success | State::Final | State::Dishonored => sent(payment),
        State::Canceled | State::Failed | State::Returned | State::Contested => ENDED,
        State::ReversalPending | State::Reversed | State::ReversalReturned => ENDED,
    }
}

/// Of a payment that waits: by the first window after `now` that takes it.
fn waiting(payment: &Payment, profile: &BankProfile, now: Timestamp) -> Expected {
    let going = going(payment, profile, now);
    match going {
        None => ENDED,
        Some(going) => Expected {
            going: Some(going),
            ..after(payment, going.settles_on)
        },
    }
}

fn sent(payment: &Payment) -> Expected {
    let planned = payment.entry.map(|entry| entry.settles_on);
    match payment.settled_on.or(planned) {
        None => ENDED,
        Some(on) => after(payment, on),
    }
}

/// What follows from the day on which a payment settles.
fn after(payment: &Payment, on: Date) -> Expected {
    let is_debit = payment.order.direction == Direction::Debit;
    let ordinary = ordinary_return_deadline(on);
    let extended = extended_return_deadline(on);
    let of_consumer = payment.order.sec.rule().receiver != Receiver::Business;
    Expected {
        going: None,
        settles_on: Some(on),
        hold_ends: is_debit.then_some(ordinary),
        ordinary_return_until: Some(ordinary),
        unauthorized_return_until: (is_debit && of_consumer).then_some(extended),
        final_on: Some(extended),
    }
}

/// The first window whose cutoff is at or after `now` and that takes the payment.
fn going(payment: &Payment, profile: &BankProfile, now: Timestamp) -> Option<Going> {
    let waiting = Waiting {
        id: payment.id,
        order: payment.order.clone(),
        account: payment.receiver.account,
    };
    let mut date = on_or_after(eastern_date(now));
    for _ in 0..DAYS_LOOKED_AT {
        let open = Window::ALL.iter().copied().map(|window| {
            let cut_at = cutoff_at(date, profile.cutoffs.of(window));
            (window, cut_at)
        });
        for (window, cut_at) in open.filter(|(_, cut_at)| now <= *cut_at) {
            let slot = Slot {
                date,
                window,
                last_sequence: 0,
                files_so_far: 0,
            };
            match lane_of(&waiting, profile, &slot) {
                Ok((_, settles_on)) => {
                    return Some(Going {
                        window,
                        date,
                        cut_at,
                        settles_on,
                    });
                }
                Err(Held::OtherWindow | Held::TooEarly(_)) => {}
                Err(Held::OverEntryLimit | Held::NotAgreed) => return None,
            }
        }
        date = next_banking_day(date);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::sec::SecCode;
    use crate::ids::{AccountToken, PaymentId};
    use crate::money::Cents;
    use crate::payment::{AccountKind, Order, Sealed, Speed};
    use jiff::civil::date;

    fn asked(at: &str, change: impl FnOnce(&mut Order)) -> (Payment, Timestamp) {
        let at: Timestamp = at.parse().unwrap();
        let mut order = Order {
            direction: Direction::Debit,
            amount: Cents::new(4_200),
            originator: "billing".to_owned(),
            sec: SecCode::Ppd,
            description: "BILL PAY".to_owned(),
            speed: Speed::Standard,
            effective: None,
        };
        change(&mut order);
        let receiver = crate::payment::Receiver {
            routing: "076401251".parse().unwrap(),
            account: AccountKind::Checking,
            token: AccountToken {
                token: "0".repeat(24),
                last4: "6789".to_owned(),
            },
            sealed: Sealed {
                wrapped_key: Vec::new(),
                nonce: Vec::new(),
                ciphertext: Vec::new(),
            },
            name: "A RECEIVER".to_owned(),
        };
        let id = PaymentId::new(at, 7).unwrap();
        (Payment::new(id, order, receiver, None, at), at)
    }

    fn profile() -> BankProfile {
        BankProfile::parse(include_str!("../../data/banks/sandbox.toml")).unwrap()
    }

    #[test]
    fn a_pull_goes_tonight_and_settles_on_the_next_banking_day() {
        // Tuesday; Thursday is Thanksgiving.
        let (payment, at) = asked("2026-11-24T18:37:00Z", |_| {});
        let expected = expected(&payment, &profile(), at);
        let going = expected.going.unwrap();
        assert_eq!(
            (going.window, going.date),
            (Window::Standard, date(2026, 11, 24))
        );
        assert_eq!(going.cut_at, "2026-11-25T01:00:00Z".parse().unwrap());
        assert_eq!(expected.settles_on, Some(date(2026, 11, 25)));
        assert_eq!(expected.hold_ends, Some(date(2026, 11, 30)));
        assert_eq!(expected.ordinary_return_until, Some(date(2026, 11, 30)));
        assert_eq!(expected.unauthorized_return_until, Some(date(2027, 1, 25)));
        assert_eq!(expected.final_on, expected.unauthorized_return_until);
    }

    #[test]
    fn after_the_cutoff_it_goes_on_the_next_banking_day() {
        let (payment, at) = asked("2026-11-26T01:00:00.001Z", |_| {});
        let going = expected(&payment, &profile(), at).going.unwrap();
        assert_eq!(going.date, date(2026, 11, 27));
        assert_eq!(going.settles_on, date(2026, 11, 30));
    }

    #[test]
    fn a_same_day_payment_takes_the_first_window_it_meets() {
        let same_day = |order: &mut Order| order.speed = Speed::SameDay;
        for (at, window, settles) in [
            ("2026-11-24T14:59:00Z", Window::SameDay1, date(2026, 11, 24)),
            ("2026-11-24T19:00:00Z", Window::SameDay2, date(2026, 11, 24)),
            ("2026-11-24T21:30:00Z", Window::SameDay1, date(2026, 11, 25)),
        ] {
            let (payment, at) = asked(at, same_day);
            let going = expected(&payment, &profile(), at).going.unwrap();
            assert_eq!((going.window, going.settles_on), (window, settles));
        }
    }

    #[test]
    fn a_wished_date_is_waited_for() {
        let (payment, at) = asked("2026-11-24T18:37:00Z", |order| {
            order.effective = Some(date(2027, 1, 15));
        });
        let going = expected(&payment, &profile(), at).going.unwrap();
        assert_eq!(
            (going.date, going.settles_on),
            (date(2027, 1, 14), date(2027, 1, 15))
        );
    }

    #[test]
    fn what_nothing_takes_is_expected_by_nobody() {
        let (payment, at) = asked("2026-11-24T18:37:00Z", |order| {
            order.originator = "nobody".to_owned();
        });
        assert_eq!(expected(&payment, &profile(), at), ENDED);
        let (mut payment, at) = asked("2026-11-24T18:37:00Z", |_| {});
        payment.state = State::Canceled;
        assert_eq!(expected(&payment, &profile(), at), ENDED);
    }
}
