//! The numbers that a bank gives the statements of an account: camt's electronic and legal sequence
//! numbers.
//!
//! Balances and days prove that nothing is missing between two statements that move money. They
//! cannot show one whose lines net to nothing and that is of no banking day, a page that was left
//! out with what took it back, or a version that never came. Where a bank numbers its statements,
//! the numbers do. They prove nothing by themselves: banks start them anew, skip them, and count
//! what they send to nobody. So a gap is something to ask about, and stops nothing.

use crate::exact::Exact;
use serde::{Deserialize, Serialize};

/// The numbers of one statement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Numbers {
    /// One more with each statement that is sent: `ElctrncSeqNb`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub electronic: Option<u64>,
    /// The number that it has on paper: `LglSeqNb`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal: Option<u64>,
}

/// What the numbers of a statement are to those of one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The next one, the first of a new sequence, or nobody can say.
    Follows,
    /// Those between are missing: the first and the last of them.
    Missing(u64, u64),
    /// The very number.
    Same(u64),
    /// A number of before.
    Back(u64, u64),
}

impl Numbers {
    /// Whether the bank gives none.
    pub fn is_none(&self) -> bool {
        *self == Numbers::default()
    }

    /// Those that both have, this one's first: the electronic ones, or else the legal ones.
    fn both(self, other: Numbers) -> Option<(u64, u64)> {
        let electronic = self.electronic.zip(other.electronic);
        electronic.or_else(|| self.legal.zip(other.legal))
    }

    /// Whether both have one number: then they are versions of one statement.
    pub fn is_one_with(self, other: Numbers) -> bool {
        self.both(other).is_some_and(|(one, other)| one == other)
    }

    /// What these are to those of the statement before.
    pub fn after(self, before: Numbers) -> Order {
        let Some((now, was)) = self.both(before) else {
            return Order::Follows;
        };
        let next = was.plus(1);
        match now {
            _ if now == next => Order::Follows,
            _ if now == was => Order::Same(now),
            _ if now > next => Order::Missing(next, now.less(1)),
            0 | 1 => Order::Follows, // a new year's first
            _ => Order::Back(was, now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn electronic(number: u64) -> Numbers {
        Numbers {
            electronic: Some(number),
            legal: None,
        }
    }

    #[test]
    fn numbers_follow_miss_repeat_and_start_again() {
        for (was, now, order) in [
            (7, 8, Order::Follows),
            (7, 9, Order::Missing(8, 8)),
            (7, 12, Order::Missing(8, 11)),
            (7, 7, Order::Same(7)),
            (7, 5, Order::Back(7, 5)),
            (251, 1, Order::Follows),
            (251, 0, Order::Follows),
            (1, 1, Order::Same(1)),
        ] {
            let found = electronic(now).after(electronic(was));
            assert_eq!(found, order, "{now} after {was}");
        }
    }

    #[test]
    fn only_like_numbers_are_compared_and_the_electronic_ones_first() {
        let legal = |number: u64| Numbers {
            legal: Some(number),
            ..Numbers::default()
        };
        assert_eq!(legal(9).after(electronic(3)), Order::Follows);
        assert_eq!(legal(9).after(legal(3)), Order::Missing(4, 8));
        let both = |electronic: u64, legal: u64| Numbers {
            electronic: Some(electronic),
            legal: Some(legal),
        };
        assert_eq!(both(4, 9).after(both(3, 3)), Order::Follows);
        assert!(both(4, 9).is_one_with(both(4, 3)) && !both(4, 9).is_one_with(both(5, 9)));
        assert!(!Numbers::default().is_one_with(Numbers::default()));
        assert!(Numbers::default().is_none() && !legal(1).is_none());
    }
}
