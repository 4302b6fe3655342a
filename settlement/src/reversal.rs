//! What gives a payment back: a refund, all or a part of a pull, and a reversal, an entry of ours
//! that takes back another whole.
//!
//! A reversal goes the other way with the same amount, company and entry class, in a batch that
//! says REVERSAL, and must be at the receiver's bank within five banking days after the erroneous
//! entry settled. It is for an error of ours (a payment made twice, a wrong amount, account or
//! date), not for want of money. Both are payments of their own, and the one given back stays what
//! it was: settled.
//!
//! Whether either may go is asked again when it goes. Between a request and its cut the original
//! may come back by itself, and who gives back then pays twice.
//!
//! Source: Nacha Rules 2013, 2.8 and 2.9; Appendix Three for the codes.

use crate::bank::BankProfile;
use crate::calendar::add_banking_days;
use crate::codes::descriptions::REVERSAL;
use crate::expected::expected;
use crate::ids::PaymentId;
use crate::payment::{Order, Payment, Speed, State};
use jiff::{Timestamp, civil::Date};

/// Banking days after an entry's settlement within which its reversal goes.
pub const BANKING_DAYS: u16 = 5;

/// Why a payment is not reversed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotReversed {
    /// It has not settled, has come back, or is closed.
    #[error("only what has settled is reversed, and the payment is {0}")]
    State(State),
    /// Its five banking days are over by the next cut.
    #[error("its reversal had to go on {0} at the latest, five banking days after it settled")]
    Late(Date),
    /// It is a reversal itself.
    #[error("a reversal is not reversed; ask for a new payment")]
    Reversal,
    /// No window takes it: the profile was changed since the original went.
    #[error("no window of the bank takes its reversal")]
    NoWindow,
}

/// Why what gives a payment back does not go with a cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withheld {
    /// The bank has taken back the settlement of the payment: it may come again.
    Waits,
    /// The payment came back by itself, or never was paid.
    CameBack(PaymentId, State),
    /// A reversal whose last day is past.
    Late(PaymentId, Date),
}

impl Withheld {
    /// Why, for the event that ends it; none where it only waits.
    pub fn reason(self) -> Option<String> {
        match self {
            Withheld::Waits => None,
            Withheld::CameBack(of, state) => Some(format!(
                "payment {of}, which it gives back, is {state}: it would be given back twice"
            )),
            Withheld::Late(of, last) => Some(format!(
                "the reversal of payment {of} had to go on {last} at the latest"
            )),
        }
    }
}

/// The last day on which a cut may take the reversal of what settled on a date.
pub fn last_day(settled_on: Date) -> Date {
    add_banking_days(settled_on, BANKING_DAYS)
}

/// The terms of a reversal.
pub fn order(of: &Order) -> Order {
    Order {
        direction: of.direction.opposite(),
        description: REVERSAL.to_owned(),
        speed: Speed::Standard,
        effective: None,
        ..of.clone()
    }
}

/// Whether a payment may be reversed by a request, or an approval, at the moment `now`: the last
/// day on which it may.
///
/// # Errors
/// Why it may not.
pub fn reversible(
    of: &Payment,
    profile: &BankProfile,
    now: Timestamp,
) -> Result<Date, NotReversed> {
    if of.reverses().is_some() {
        return Err(NotReversed::Reversal);
    }
    let settled_on = of.settled_on.filter(|_| of.state == State::Success);
    let last = last_day(settled_on.ok_or(NotReversed::State(of.state))?);
    let waiting = Payment {
        order: order(&of.order),
        state: State::Init,
        ..of.clone()
    };
    let going = expected(&waiting, profile, now).going;
    match going.ok_or(NotReversed::NoWindow)?.date > last {
        true => Err(NotReversed::Late(last)),
        false => Ok(last),
    }
}

/// Why `giving`, which gives back `original`, does not go with the cut of `date`; none where it
/// goes.
pub fn withheld(giving: &Payment, original: &Payment, date: Date) -> Option<Withheld> {
    match original.state {
        State::Success | State::Final => {}
        State::SentToBank | State::Pending => return Some(Withheld::Waits),
        state => return Some(Withheld::CameBack(original.id, state)),
    }
    let last = last_day(original.settled_on?);
    let is_late = giving.reverses().is_some() && date > last;
    is_late.then_some(Withheld::Late(original.id, last))
}

/// Why a reversal that waits to be approved never goes with the next cut after `now`, approved or
/// not: it has lapsed. None where it may still go.
pub fn lapsed(
    reversal: &Payment,
    original: &Payment,
    profile: &BankProfile,
    now: Timestamp,
) -> Option<String> {
    reversal.reverses()?;
    let going = expected(reversal, profile, now).going?;
    withheld(reversal, original, going.date)?.reason()
}

#[cfg(test)]
mod tests;
