//! Which way the money of an entry goes.

use super::bad::{BadId, bad};
use crate::money::{Cents, SignedCents};
use serde::{Deserialize, Serialize};
use std::str::FromStr;

/// Which way money goes, seen from the receiver: a credit pays them, a debit pulls from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// A payout: the receiver's account is credited.
    Credit,
    /// A pull: the receiver's account is debited.
    Debit,
}

impl Direction {
    /// `credit` or `debit`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Direction::Credit => "credit",
            Direction::Debit => "debit",
        }
    }

    /// The other way.
    pub const fn opposite(self) -> Direction {
        match self {
            Direction::Credit => Direction::Debit,
            Direction::Debit => Direction::Credit,
        }
    }

    /// What an entry of this direction moves on our own account at the bank: what a payout pays
    /// is taken from it, what a pull pulls is brought to it. A return moves it the
    /// [opposite](Direction::opposite) way.
    ///
    /// `None` above 92 quadrillion dollars.
    ///
    /// ```
    /// use settlement::ids::Direction;
    /// use settlement::money::{Cents, SignedCents};
    ///
    /// let amount = Cents::new(6_806);
    /// assert_eq!(Direction::Debit.on_our_account(amount), Some(SignedCents::new(6_806)));
    /// assert_eq!(Direction::Credit.on_our_account(amount), Some(SignedCents::new(-6_806)));
    /// ```
    pub fn on_our_account(self, amount: Cents) -> Option<SignedCents> {
        match self {
            Direction::Credit => amount.signed()?.checked_neg(),
            Direction::Debit => amount.signed(),
        }
    }
}

impl FromStr for Direction {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Direction, BadId> {
        match text {
            "credit" => Ok(Direction::Credit),
            "debit" => Ok(Direction::Debit),
            _ => Err(bad("direction", "must be credit or debit")),
        }
    }
}
