//! Journals: what an event means to the books, in debits and credits that balance.
//!
//! The chart of accounts ([`accounts`]) and the postings ([`postings`]) are data. A [`Journal`] can
//! only be made from a posting, by [`Posting::journal`], and only balanced: debits equal credits,
//! to the cent. A journal is never changed; a correction is a new journal that names the old one.
//!
//! ```
//! use settlement::journal::{Account, Posting, Side};
//! use settlement::money::Cents;
//!
//! // A pull of 100.00 comes back after its hold; 40.00 of it are still there.
//! let amounts = [Cents::new(4_000), Cents::new(6_000), Cents::new(10_000)];
//! let journal = Posting::LateReturn.journal(&amounts).unwrap();
//! let owed = &journal.lines()[1];
//! assert_eq!((owed.account, owed.side), (Account::ReturnedItems, Side::Debit));
//! assert_eq!(journal.total().to_string(), "100.00");
//! ```

pub mod accounts;
pub mod postings;

pub use accounts::{Account, AccountRow, CHART, Class, UnknownAccount};
pub use postings::{Leg, POSTINGS, Posting, PostingRow, UnknownPosting};

use crate::money::{Cents, SignedCents};
use serde::{Deserialize, Serialize};

/// Debit or credit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Side {
    /// The left side: raises assets and expenses.
    #[serde(rename = "D")]
    Debit,
    /// The right side: raises liabilities and income.
    #[serde(rename = "C")]
    Credit,
}

impl Side {
    /// `D` or `C`, as tables write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Side::Debit => "D",
            Side::Credit => "C",
        }
    }
}

impl Leg {
    /// The account of the leg.
    pub const fn account(self) -> Account {
        match self {
            Leg::Debit(account) | Leg::Credit(account) => account,
        }
    }

    /// The side of the leg.
    pub const fn side(self) -> Side {
        match self {
            Leg::Debit(_) => Side::Debit,
            Leg::Credit(_) => Side::Credit,
        }
    }
}

/// One line of a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JournalLine {
    /// The account.
    pub account: Account,
    /// Debited or credited.
    pub side: Side,
    /// By how much; never nothing.
    pub cents: Cents,
}

impl JournalLine {
    /// The amount with a sign, debits positive; `None` above 92 quadrillion dollars.
    pub fn signed(&self) -> Option<SignedCents> {
        let cents = self.cents.signed()?;
        match self.side {
            Side::Debit => Some(cents),
            Side::Credit => cents.checked_neg(),
        }
    }
}

/// A balanced set of lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Journal {
    posting: Posting,
    lines: Vec<JournalLine>,
    total: Cents,
}

/// Why a posting and its amounts make no journal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// Neither one amount for all legs nor one for each.
    #[error(
        "posting {posting}: needs one amount, or one for each of its {legs} legs; got {amounts}"
    )]
    Amounts {
        /// The posting.
        posting: Posting,
        /// How many legs it has.
        legs: usize,
        /// How many amounts were given.
        amounts: usize,
    },
    /// Debits and credits differ.
    #[error("posting {posting}: debits {debits} and credits {credits} differ; check the split")]
    Unbalanced {
        /// The posting.
        posting: Posting,
        /// The sum of the debits.
        debits: Cents,
        /// The sum of the credits.
        credits: Cents,
    },
    /// No money at all.
    #[error("posting {0}: of nothing; an event that moves no money posts no journal")]
    Nothing(Posting),
    /// A sum does not fit.
    #[error("posting {0}: the sum of its amounts does not fit")]
    TooLarge(Posting),
}

impl Posting {
    /// The journal of this posting: `amounts` is one amount for every leg, or one for each leg in
    /// their order. Legs of no money leave no line.
    ///
    /// # Errors
    /// Where the number of amounts is another, or the journal would not balance or be empty.
    pub fn journal(self, amounts: &[Cents]) -> Result<Journal, JournalError> {
        let legs = self.legs();
        if amounts.len() != 1 && amounts.len() != legs.len() {
            let (legs, amounts) = (legs.len(), amounts.len());
            return Err(JournalError::Amounts {
                posting: self,
                legs,
                amounts,
            });
        }
        let lines: Vec<JournalLine> = legs
            .iter()
            .zip(amounts.iter().cycle())
            .map(|(leg, cents)| JournalLine {
                account: leg.account(),
                side: leg.side(),
                cents: *cents,
            })
            .filter(|line| !line.cents.is_zero())
            .collect();
        let side = |side| {
            lines
                .iter()
                .filter(move |line| line.side == side)
                .map(|line| line.cents)
        };
        let sum = |of| Cents::sum(side(of)).ok_or(JournalError::TooLarge(self));
        let (debits, credits) = (sum(Side::Debit)?, sum(Side::Credit)?);
        if debits != credits {
            return Err(JournalError::Unbalanced {
                posting: self,
                debits,
                credits,
            });
        }
        if debits.is_zero() {
            return Err(JournalError::Nothing(self));
        }
        Ok(Journal {
            posting: self,
            lines,
            total: debits,
        })
    }
}

impl Journal {
    /// What the journal was made for.
    pub const fn posting(&self) -> Posting {
        self.posting
    }

    /// The lines, in the order of the posting's legs.
    pub fn lines(&self) -> &[JournalLine] {
        &self.lines
    }

    /// The sum of the debits, which is the sum of the credits.
    pub const fn total(&self) -> Cents {
        self.total
    }
}

#[cfg(test)]
mod tests;
