//! Millionths of a dollar.

use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Decimal places of a micro-dollar.
const PLACES: u32 = 6;

/// An amount in millionths of a US dollar; negative where something costs more than it saves.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MicroDollars(i64);

impl MicroDollars {
    /// Nothing.
    pub const ZERO: MicroDollars = MicroDollars(0);

    /// `micros` millionths of a dollar.
    pub const fn new(micros: i64) -> MicroDollars {
        MicroDollars(micros)
    }

    /// The number of millionths.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// `usd` dollars, rounded half to even; none where it does not fit.
    pub fn from_usd(usd: Decimal) -> Option<MicroDollars> {
        let micros = usd.checked_mul(Decimal::from(1_000_000))?;
        let whole = micros.round_dp_with_strategy(0, RoundingStrategy::MidpointNearestEven);
        whole.to_i64().map(MicroDollars)
    }

    /// Exactly so many dollars.
    pub fn usd(self) -> Decimal {
        Decimal::new(self.0, PLACES)
    }

    /// The sum, or none where it does not fit.
    pub fn checked_add(self, other: MicroDollars) -> Option<MicroDollars> {
        self.0.checked_add(other.0).map(MicroDollars)
    }

    /// The difference, or none where it does not fit.
    pub fn checked_sub(self, other: MicroDollars) -> Option<MicroDollars> {
        self.0.checked_sub(other.0).map(MicroDollars)
    }

    /// The sum of `amounts`, or none where it does not fit.
    pub fn sum(amounts: impl IntoIterator<Item = MicroDollars>) -> Option<MicroDollars> {
        amounts
            .into_iter()
            .try_fold(MicroDollars::ZERO, MicroDollars::checked_add)
    }
}

/// Dollars with six places: `0.250010`.
impl fmt::Display for MicroDollars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.usd().to_string())
    }
}

impl fmt::Debug for MicroDollars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
