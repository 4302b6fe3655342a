//! Funds: what an originator may spend, against what it brought.
//!
//! A payout debits its originator on the day of its cut, so an originator who has not brought the
//! money stands below zero, with everybody's money. How far that may go is data of the originator
//! (`limit`); nothing, where the profile says nothing. Money on its way counts as there: what was
//! announced and is still inside its time, for the wire of a day is on the statement of the next
//! morning. It counts from the banking day before its own, when the entries are sent that settle
//! with it; a promise for next month covers nothing today.

use super::legs::{Break, BreakKind, Leg};
use crate::exact::Exact;
use crate::money::{Cents, SignedCents};

/// What one originator has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Funds {
    /// The originator, as the profile names it.
    pub originator: String,
    /// The balance of what it may spend, debits positive, as the books have it.
    pub balance: SignedCents,
    /// How far it may stand below zero.
    pub limit: Cents,
    /// What was announced, may still come in time, and is due by the next banking day.
    pub announced: Cents,
}

impl Funds {
    /// What is below zero beyond the limit and what was announced; `None` where nothing is.
    pub fn overdrawn(&self) -> Option<Break> {
        let allowed = i128::from(self.limit.get()).plus(i128::from(self.announced.get()));
        let over = i128::from(self.balance.get()).less(allowed);
        if over <= 0 {
            return None;
        }
        let cents = i64::try_from(over).unwrap_or(i64::MAX); // saturates: a figure of a report
        let Funds {
            originator,
            balance,
            limit,
            announced,
        } = self;
        Some(Break {
            kind: BreakKind::Overdrawn,
            leg: Leg::L5,
            key: originator.clone(),
            cents: SignedCents::new(cents),
            left: Some(originator.clone()),
            right: None,
            explanation: format!(
                "{balance} below zero on account 2010, with a limit of {limit} and {announced} \
                 announced and inside its time"
            ),
            note: false,
            nth: 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn over(balance: i64, limit: u64, announced: u64) -> Option<i64> {
        let funds = Funds {
            originator: "payroll".into(),
            balance: SignedCents::new(balance),
            limit: Cents::new(limit),
            announced: Cents::new(announced),
        };
        funds.overdrawn().map(|found| found.cents.get())
    }

    #[test]
    fn what_is_below_zero_beyond_limit_and_announcements_is_a_finding() {
        assert_eq!(over(-5, 0, 0), None, "it has five cents");
        assert_eq!(over(0, 0, 0), None);
        assert_eq!(over(1, 0, 0), Some(1));
        assert_eq!(over(100, 100, 0), None);
        assert_eq!(over(101, 100, 0), Some(1));
        assert_eq!(over(100, 0, 100), None);
        assert_eq!(over(100, 30, 60), Some(10));
        assert_eq!(over(i64::MAX, 0, 0), Some(i64::MAX));
        assert_eq!(over(i64::MAX, u64::MAX, u64::MAX), None);
    }
}
