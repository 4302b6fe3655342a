//! What the bank will bill: accrued day by day from what was sent and what came back, at the
//! prices of its profile, until a bill takes it.
//!
//! A bill is explained where it is what some days made, from one to another, all of them before
//! its own end; or, where a month made less than the contract's minimum, that minimum. When a
//! bank bills is its own affair: each day, each week, each month. What no days explain is a break.

use crate::bank::{BankProfile, Prices, micros};
use crate::calendar::next_banking_day;
use crate::exact::Exact;
use crate::money::{Cents, SignedCents};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Micro-dollars in a cent.
const CENT: i64 = 10_000;

/// Days kept for a bill, at most: a year of banking days. Whoever bills later is asked.
const MAX_DAYS: usize = 260;

/// Calendar days after which an accrued fee should have been billed: a month's first day is in
/// the bill of the next month's end at the latest.
pub const BILLED_WITHIN: i64 = 62;

/// What a day used of the bank's services.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Files sent.
    pub files: u64,
    /// Batches in them.
    pub batches: u64,
    /// Entries in these.
    pub items: u64,
    /// Entries of them that went through a same-day window.
    pub same_day: u64,
    /// Returns received.
    pub returns: u64,
    /// Notifications of change received.
    pub changes: u64,
}

impl Usage {
    /// What it costs in micro-dollars; `None` where that does not fit.
    pub fn cost(&self, prices: &Prices) -> Option<i64> {
        let priced = |price, count: u64| micros(price)?.checked_mul(i64::try_from(count).ok()?);
        prices
            .cost(self.files, self.batches, self.items, self.same_day)?
            .checked_add(priced(prices.return_item, self.returns)?)?
            .checked_add(priced(prices.noc, self.changes)?)
    }
}

/// How a bank's bills are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// A bill may differ by this for its rounding.
    pub tolerance: Cents,
    /// At least this for a month.
    pub minimum: Cents,
}

impl Terms {
    /// The terms of a profile; the minimum rounded half to even.
    pub fn of(profile: &BankProfile) -> Terms {
        // The profile's check has found every price to fit.
        let minimum = micros(profile.prices.monthly_minimum).map_or(0, |m| to_cents(m).0);
        Terms {
            tolerance: profile.tolerance.rounding_cents,
            minimum: SignedCents::new(minimum).magnitude(),
        }
    }
}

/// What a day made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// The banking day.
    pub date: Date,
    /// Its fees.
    pub cents: Cents,
}

/// Fees accrued and not billed yet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fees {
    /// By day, oldest first.
    pub days: Vec<Day>,
    /// What rounding has left of the days before, in micro-dollars: at most half a cent.
    pub carry: i64,
}

/// A bill that the days explain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bill {
    /// What its days have accrued.
    pub accrued: Cents,
    /// What the contract's minimum adds to that.
    pub minimum: Cents,
    /// What the bank's rounding adds; negative where it takes away.
    pub rounding: SignedCents,
}

impl Fees {
    /// Adds a day that cost so many micro-dollars, and answers with its cents. Rounded half to
    /// even; the rest goes to the next day. `None` where a sum does not fit.
    pub fn accrue(&mut self, date: Date, cost: i64) -> Option<Cents> {
        let (cents, rest) = to_cents(self.carry.checked_add(cost)?);
        assert!(
            rest.abs() <= CENT / 2,
            "{rest} micro-dollars of rounding are carried on"
        );
        self.carry = rest;
        // What is carried on can be below zero, by half a cent at most: it rounds to no cent.
        let cents = SignedCents::new(cents.max(0)).magnitude();
        if !cents.is_zero() {
            self.days.push(Day { date, cents });
        }
        // What falls out here stays accrued in the books, where its age makes it a break.
        if let Some(spare) = self.days.len().checked_sub(MAX_DAYS) {
            self.days.drain(..spare);
        }
        Some(cents)
    }

    /// Takes the days out that explain a bill of `cents` with this value date; `None`, and
    /// nothing taken, where none do. The oldest days go first, and an exact sum before a rounded
    /// one.
    pub fn bill(&mut self, cents: Cents, value_date: Date, terms: Terms) -> Option<Bill> {
        let mut best: Option<(u64, usize, usize, Bill)> = None;
        let due = self.days.partition_point(|day| day.date <= value_date);
        for from in 0..due {
            let mut sum = Cents::ZERO;
            for to in from..due {
                let day = self.days.get(to)?;
                sum = sum.checked_add(day.cents)?;
                let Some(bill) = explain(cents, sum, self.days.get(from..=to)?, terms) else {
                    continue;
                };
                let off = bill.rounding.magnitude().get();
                if best.is_none_or(|(least, ..)| off < least) {
                    best = Some((off, from, to, bill));
                }
            }
        }
        let (_, from, to, bill) = best?;
        self.days.drain(from..=to);
        Some(bill)
    }

    /// Takes days back in whose bill never was: a later version of its statement does not have it.
    pub fn put_back(&mut self, days: &[Day]) {
        self.days.extend(days);
        self.days.sort_by_key(|day| day.date);
    }

    /// The day of the oldest fee that should have been billed by `today`.
    pub fn overdue(&self, today: Date) -> Option<Date> {
        let oldest = self.days.first()?.date;
        let latest = oldest.checked_add(jiff::Span::new().days(BILLED_WITHIN));
        latest.is_ok_and(|latest| latest < today).then_some(oldest)
    }

    /// All that is accrued and not billed.
    pub fn unbilled(&self) -> Option<Cents> {
        Cents::sum(self.days.iter().map(|day| day.cents))
    }
}

fn explain(bill: Cents, sum: Cents, days: &[Day], terms: Terms) -> Option<Bill> {
    let off = bill.signed()?.checked_sub(sum.signed()?)?;
    if off.magnitude() <= terms.tolerance {
        return Some(Bill {
            accrued: sum,
            minimum: Cents::ZERO,
            rounding: off,
        });
    }
    let (first, last) = (days.first()?.date, days.last()?.date);
    let ends = next_banking_day(last).month() != last.month();
    let month = first.year() == last.year() && first.month() == last.month() && ends;
    (month && bill == terms.minimum && sum < bill).then_some(Bill {
        accrued: sum,
        minimum: bill.checked_sub(sum)?,
        rounding: SignedCents::ZERO,
    })
}

/// Whole cents, half to even, and the micro-dollars that are left.
fn to_cents(micros: i64) -> (i64, i64) {
    let (down, rest) = (micros.div_euclid(CENT), micros.rem_euclid(CENT));
    let half = CENT.div_euclid(2);
    let odd = down.rem_euclid(2) == 1;
    if rest > half || (rest == half && odd) {
        // `down` is at most a ten-thousandth of 64 bits, and `rest` is positive.
        return (down.plus(1), rest.less(CENT));
    }
    (down, rest)
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects)] // sums of a test
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    const TERMS: Terms = Terms {
        tolerance: Cents::new(1),
        minimum: Cents::new(5_000),
    };

    fn fees(cents: &[u64]) -> Fees {
        let mut fees = Fees::default();
        let mut day = date(2026, 11, 24);
        for cents in cents {
            let micros = i64::try_from(*cents).unwrap().saturating_mul(CENT);
            assert_eq!(fees.accrue(day, micros), Some(Cents::new(*cents)));
            day = next_banking_day(day);
        }
        fees
    }

    #[test]
    fn a_bill_is_what_some_days_made_before_its_end() {
        let all = [150, 300, 7]; // Tuesday, Wednesday, Friday after Thanksgiving
        let bill = |cents, day| {
            let mut fees = fees(&all);
            let bill = fees.bill(Cents::new(cents), date(2026, 11, day), TERMS);
            (bill.map(|b| b.accrued.get()), fees.days.len())
        };
        assert_eq!(bill(150, 24), (Some(150), 2));
        assert_eq!(bill(450, 25), (Some(450), 1));
        assert_eq!(bill(457, 27), (Some(457), 0));
        assert_eq!(bill(300, 27), (Some(300), 2), "a bill before it was wrong");
        assert_eq!(bill(457, 25), (None, 3), "not before its days are over");
        assert_eq!(bill(440, 27), (None, 3));
        assert_eq!(bill(100_000_000, 27), (None, 3));
    }

    #[test]
    fn days_whose_bill_never_was_are_billed_by_the_right_one() {
        let mut fees = fees(&[150, 300, 7]);
        let all = fees.clone();
        let wrong = fees.bill(Cents::new(150), date(2026, 11, 25), TERMS);
        assert!(wrong.is_some());
        fees.put_back(&all.days[..1]);
        assert_eq!(fees, all);
        let right = fees.bill(Cents::new(450), date(2026, 11, 25), TERMS);
        assert_eq!(right.map(|bill| bill.accrued.get()), Some(450));
    }

    #[test]
    fn a_cent_of_rounding_is_told_apart_from_the_fees() {
        let mut fees = fees(&[150, 300]);
        let bill = fees
            .bill(Cents::new(451), date(2026, 11, 25), TERMS)
            .unwrap();
        assert_eq!((bill.accrued.get(), bill.rounding.get()), (450, 1));
    }

    #[test]
    fn a_month_under_the_minimum_is_billed_the_minimum() {
        let all = [150, 300, 7, 20]; // the last is of Monday the 30th
        let mut month = fees(&all);
        let bill = month
            .bill(Cents::new(5_000), date(2026, 12, 4), TERMS)
            .unwrap();
        assert_eq!((bill.accrued.get(), bill.minimum.get()), (477, 4_523));
        let mut half = fees(&all[..2]);
        assert_eq!(half.bill(Cents::new(5_000), date(2026, 12, 4), TERMS), None);
    }

    #[test]
    fn what_is_not_billed_in_two_months_is_overdue() {
        let fees = fees(&[150]);
        assert_eq!(fees.overdue(date(2027, 1, 25)), None);
        assert_eq!(fees.overdue(date(2027, 1, 26)), Some(date(2026, 11, 24)));
    }

    proptest! {
        #[test]
        fn rounding_each_day_never_strays_from_the_sum(
            costs in prop::collection::vec(0i64..99_999, 1..50),
        ) {
            let mut fees = Fees::default();
            let mut day = date(2026, 1, 2);
            for cost in &costs {
                fees.accrue(day, *cost).unwrap();
                day = next_banking_day(day);
            }
            let exact: i64 = costs.iter().sum();
            let posted = fees.unbilled().unwrap().signed().unwrap().get() * CENT;
            prop_assert!((exact - posted).abs() <= CENT / 2, "{exact} {posted}");
            prop_assert_eq!(exact - posted, fees.carry);
        }
    }
}
