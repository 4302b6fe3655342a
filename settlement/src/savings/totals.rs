//! Costs of many payments: by day, and from days by month and year.

use super::{cost::PaymentCost, money::MicroDollars};
use crate::money::Cents;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Costs of some payments together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// Payments.
    pub payments: u64,
    /// Their amounts, in cents, whichever way the money went.
    pub volume: Cents,
    /// Batches that carried them.
    pub batches: u64,
    /// Files that carried them.
    pub files: u64,
    /// Every item of their cost, and the baselines.
    pub cost: PaymentCost,
}

impl Totals {
    /// With one more payment; none where a sum does not fit.
    pub fn with(&self, amount: Cents, cost: &PaymentCost) -> Option<Totals> {
        self.merged(&Totals {
            payments: 1,
            volume: amount,
            batches: 0,
            files: 0,
            cost: *cost,
        })
    }

    /// Both together; none where a sum does not fit.
    pub fn merged(&self, other: &Totals) -> Option<Totals> {
        Some(Totals {
            payments: self.payments.checked_add(other.payments)?,
            volume: self.volume.checked_add(other.volume)?,
            batches: self.batches.checked_add(other.batches)?,
            files: self.files.checked_add(other.files)?,
            cost: self.cost.checked_add(&other.cost)?,
        })
    }

    /// What the bank bills on top, where a month's fees stay under its minimum.
    pub fn minimum_gap(&self, monthly_minimum: i64) -> Option<MicroDollars> {
        let gap = MicroDollars::new(monthly_minimum).checked_sub(self.cost.bank()?)?;
        Some(gap.max(MicroDollars::ZERO))
    }
}

/// Totals of days, from which months and years follow.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Books {
    /// Totals by business date.
    pub days: BTreeMap<Date, Totals>,
}

impl Books {
    /// Adds to a day; none where a sum does not fit.
    pub fn add(&mut self, date: Date, totals: &Totals) -> Option<()> {
        let day = self.days.entry(date).or_default();
        *day = day.merged(totals)?;
        Some(())
    }

    /// The days of a month together.
    pub fn month(&self, year: i16, month: i8) -> Option<Totals> {
        self.sum(|date| date.year() == year && date.month() == month)
    }

    /// The days of a year together.
    pub fn year(&self, year: i16) -> Option<Totals> {
        self.sum(|date| date.year() == year)
    }

    /// All days together.
    pub fn all(&self) -> Option<Totals> {
        self.sum(|_| true)
    }

    fn sum(&self, counts: impl Fn(&Date) -> bool) -> Option<Totals> {
        let days = self.days.iter().filter(|(date, _)| counts(date));
        days.map(|(_, day)| day)
            .try_fold(Totals::default(), |sum, day| sum.merged(day))
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)] // sums of a test
mod tests {
    use super::{
        super::cost::tests::{PULL, rates},
        *,
    };
    use jiff::civil::date;

    #[test]
    fn months_and_years_are_the_sum_of_their_days() {
        let cost = rates().cost(&PULL).unwrap();
        let one = Totals::default().with(PULL.amount, &cost).unwrap();
        let mut books = Books::default();
        for day in [
            date(2025, 12, 31),
            date(2026, 1, 2),
            date(2026, 1, 5),
            date(2026, 2, 2),
        ] {
            books.add(day, &one).unwrap();
        }
        books.add(date(2026, 1, 5), &one).unwrap();
        let january = books.month(2026, 1).unwrap();
        assert_eq!((january.payments, january.volume), (3, Cents::new(30_000)));
        assert_eq!(books.year(2026).unwrap().payments, 4);
        assert_eq!(books.all().unwrap().payments, 5);
        let total = cost.total().unwrap().get();
        assert_eq!(books.all().unwrap().cost.total().unwrap().get(), 5 * total);
        assert_eq!(
            january.minimum_gap(100_000_000).unwrap().get(),
            100_000_000 - 3 * 388_334
        );
        assert_eq!(january.minimum_gap(1).unwrap(), MicroDollars::ZERO);
    }
}
