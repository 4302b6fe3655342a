//! The balances of every account and key.

use super::posted::{Posted, PostedLine, PostingError};
use crate::journal::Account;
use crate::money::SignedCents;
use jiff::civil::Date;
use std::collections::BTreeMap;

/// One balance that is not zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    /// Positive where debits are more.
    pub cents: SignedCents,
    /// Since when it has not been zero.
    pub since: Date,
}

type Balances = BTreeMap<(Account, String), Balance>;

/// The balances, carried on from the day before.
#[derive(Clone, Debug, Default)]
pub struct Book {
    balances: Balances,
}

impl Book {
    /// A book that goes on from yesterday's balances.
    pub fn open(balances: impl IntoIterator<Item = ((Account, String), Balance)>) -> Book {
        Book {
            balances: balances.into_iter().collect(),
        }
    }

    /// Every balance that is not zero, by account and key.
    pub fn balances(&self) -> impl Iterator<Item = (&(Account, String), &Balance)> {
        self.balances.iter()
    }

    /// The balance of one account and key; positive where debits are more.
    pub fn balance(&self, account: Account, key: &str) -> SignedCents {
        let balance = self.balances.get(&(account, key.to_owned()));
        balance.map_or(SignedCents::ZERO, |b| b.cents)
    }

    /// Adds the lines of journals, all of them or none: the first sum that does not fit leaves
    /// the book as it was.
    pub(super) fn add(&mut self, journals: &[Posted], date: Date) -> Result<(), PostingError> {
        let mut changed = Balances::new();
        for line in journals.iter().flat_map(|journal| &journal.lines) {
            let key = (line.account, line.key.clone());
            let before = changed.get(&key).or_else(|| self.balances.get(&key));
            let after = sum(before.copied(), line, date)?;
            changed.insert(key, after);
        }
        for (key, balance) in changed {
            match balance.cents.is_zero() {
                true => self.balances.remove(&key),
                false => self.balances.insert(key, balance),
            };
        }
        Ok(())
    }
}

/// A balance after a line: one that was zero dates from today.
fn sum(before: Option<Balance>, line: &PostedLine, date: Date) -> Result<Balance, PostingError> {
    let open = before.filter(|balance| !balance.cents.is_zero());
    let Balance { cents, since } = open.unwrap_or(Balance {
        cents: SignedCents::ZERO,
        since: date,
    });
    let cents = cents.checked_add(line.cents);
    let too_large = || PostingError::TooLarge {
        account: line.account.number(),
        key: line.key.clone(),
    };
    Ok(Balance {
        cents: cents.ok_or_else(too_large)?,
        since,
    })
}
