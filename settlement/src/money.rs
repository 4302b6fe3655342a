//! Money in whole US cents. There is no `+` and no float: every sum can say that it overflowed.

use crate::exact::Exact;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The ISO code of the one currency in which books are kept.
pub const CURRENCY: &str = "USD";

/// A currency of which a hundredth is the least that a bank moves.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs)]
pub enum Currency {
    #[default]
    Usd,
    Cad,
    Eur,
    Gbp,
    Mxn,
}

impl Currency {
    /// Its ISO code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Currency::Usd => CURRENCY,
            Currency::Cad => "CAD",
            Currency::Eur => "EUR",
            Currency::Gbp => "GBP",
            Currency::Mxn => "MXN",
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// An amount of US cents that is never negative.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cents(u64);

/// A US cent amount with a sign: positive raises the account it belongs to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SignedCents(i64);

impl Cents {
    /// No money.
    pub const ZERO: Cents = Cents(0);

    /// `cents` as an amount.
    pub const fn new(cents: u64) -> Cents {
        Cents(cents)
    }

    /// The number of cents.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// Whether this is no money at all.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The sum, or `None` where it does not fit.
    pub const fn checked_add(self, other: Cents) -> Option<Cents> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Cents(sum)),
            None => None,
        }
    }

    /// The difference, or `None` where it would be negative.
    pub const fn checked_sub(self, other: Cents) -> Option<Cents> {
        match self.0.checked_sub(other.0) {
            Some(rest) => Some(Cents(rest)),
            None => None,
        }
    }

    /// The sum of `amounts`, or `None` where it does not fit.
    pub fn sum(amounts: impl IntoIterator<Item = Cents>) -> Option<Cents> {
        amounts
            .into_iter()
            .try_fold(Cents::ZERO, Cents::checked_add)
    }

    /// The distance between two amounts; it fits, and is never negative.
    pub const fn abs_diff(self, other: Cents) -> Cents {
        Cents(self.0.abs_diff(other.0))
    }

    /// The same amount with a positive sign, or `None` above 92 quadrillion dollars.
    pub fn signed(self) -> Option<SignedCents> {
        i64::try_from(self.0).ok().map(SignedCents)
    }
}

impl SignedCents {
    /// No money.
    pub const ZERO: SignedCents = SignedCents(0);

    /// `cents` as a signed amount.
    pub const fn new(cents: i64) -> SignedCents {
        SignedCents(cents)
    }

    /// The number of cents.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// Whether this is no money at all.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The amount without its sign.
    pub const fn magnitude(self) -> Cents {
        Cents(self.0.unsigned_abs())
    }

    /// The sum, or `None` where it does not fit.
    pub fn checked_add(self, other: SignedCents) -> Option<SignedCents> {
        self.0.checked_add(other.0).map(SignedCents)
    }

    /// The difference, or `None` where it does not fit.
    pub fn checked_sub(self, other: SignedCents) -> Option<SignedCents> {
        self.0.checked_sub(other.0).map(SignedCents)
    }

    /// The sum of `amounts`, or `None` where it does not fit.
    pub fn sum(amounts: impl IntoIterator<Item = SignedCents>) -> Option<SignedCents> {
        amounts
            .into_iter()
            .try_fold(SignedCents::ZERO, SignedCents::checked_add)
    }

    /// The same amount with the other sign, or `None` where it does not fit.
    pub fn checked_neg(self) -> Option<SignedCents> {
        self.0.checked_neg().map(SignedCents)
    }
}

/// Dollars with thousands separators: `1,234.56`.
impl fmt::Display for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&dollars(self.0, false))
    }
}

/// Dollars with thousands separators: `-1,234.56`.
impl fmt::Display for SignedCents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&dollars(self.0.unsigned_abs(), self.0 < 0))
    }
}

impl fmt::Debug for Cents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Debug for SignedCents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

fn dollars(cents: u64, negative: bool) -> String {
    let whole = (cents / 100).to_string();
    let mut text = String::with_capacity(24);
    if negative {
        text.push('-');
    }
    for (at, digit) in whole.chars().enumerate() {
        // `at` counts the digits of `whole`.
        if at > 0 && whole.len().less(at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text.push_str(&format!(".{:02}", cents % 100));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_read_as_people_write_them() {
        assert_eq!(Cents::new(0).to_string(), "0.00");
        assert_eq!(Cents::new(99_999).to_string(), "999.99");
        assert_eq!(Cents::new(100_000).to_string(), "1,000.00");
        assert_eq!(SignedCents::new(-123_456_789).to_string(), "-1,234,567.89");
        assert_eq!(
            SignedCents::new(i64::MIN).to_string(),
            "-92,233,720,368,547,758.08"
        );
    }

    #[test]
    fn sums_say_when_they_do_not_fit() {
        assert_eq!(Cents::new(u64::MAX).checked_add(Cents::new(1)), None);
        assert_eq!(Cents::new(1).checked_sub(Cents::new(2)), None);
        assert_eq!(
            Cents::sum([Cents::new(1), Cents::new(2)]),
            Some(Cents::new(3))
        );
        assert_eq!(Cents::new(u64::MAX).signed(), None);
        let signed = |cents: &[i64]| SignedCents::sum(cents.iter().map(|c| SignedCents::new(*c)));
        assert_eq!(signed(&[5, -7]), Some(SignedCents::new(-2)));
        assert_eq!(signed(&[i64::MAX, 1]), None);
    }
}
