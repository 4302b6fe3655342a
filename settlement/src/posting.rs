//! Posting: from what happened to journals.
//!
//! A [`Book`] holds the balances of every account and key. Facts go in, in a fixed order; each
//! becomes journals through [`Posting`]. Most facts say by themselves which
//! posting they are. A bank line clears what its [`Fate`] says that it answers, and goes to
//! suspense where it answers nothing; the fate is given by the rule by which it will be
//! reconciled. Two facts depend on the balances: a late return takes what the originator has left
//! and the rest becomes a receivable; and a return whose money came first takes it out of
//! suspense.

mod lines;

use crate::fees::Bill;
use crate::ids::{BatchKey, Direction, PaymentId, TraceNumber};
use crate::journal::{Account, Journal, JournalError, Posting};
use crate::money::{Cents, SignedCents};
use crate::reconcile::legs::l3::{Fate, Line};
use jiff::civil::Date;
use std::collections::BTreeMap;

/// What happened, as far as the books care.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// An entry was frozen into a batch.
    Initiated {
        /// The payment it carries.
        payment: PaymentId,
        /// Whose payment.
        originator: String,
        /// Its batch.
        batch: BatchKey,
        /// Which way the money goes.
        direction: Direction,
        /// How much.
        amount: Cents,
    },
    /// The bank will not carry an entry: as if it had never been initiated.
    Undone {
        /// The payment it carried.
        payment: PaymentId,
        /// Whose payment.
        originator: String,
        /// Its batch.
        batch: BatchKey,
        /// Which way the money would have gone.
        direction: Direction,
        /// How much.
        amount: Cents,
    },
    /// An entry came back.
    Returned {
        /// The payment it carried.
        payment: PaymentId,
        /// Whose payment.
        originator: String,
        /// The original trace.
        trace: TraceNumber,
        /// Which way the original went.
        direction: Direction,
        /// How much.
        amount: Cents,
        /// Whether the funds of a pull had been made available.
        hold_had_ended: bool,
    },
    /// The funds of a pull become available.
    HoldEnded {
        /// The payment.
        payment: PaymentId,
        /// Whose payment.
        originator: String,
        /// How much.
        amount: Cents,
    },
    /// A line of the bank's statement.
    BankLine {
        /// The line.
        line: Line,
        /// What it answers.
        fate: Fate,
    },
    /// A line that named no batch has been found to be a batch's: what it left in suspense is
    /// the batch's money.
    Applied {
        /// The line, as it was when it was posted.
        line: Line,
        /// The batch.
        batch: BatchKey,
        /// Its side.
        direction: Direction,
    },
    /// What a day will cost at the bank.
    FeesAccrued {
        /// The bank, as its profile is named.
        bank: String,
        /// How much.
        amount: Cents,
    },
    /// A line that bills what was accrued.
    FeeBilled {
        /// The line.
        line: Line,
        /// The bank, as its profile is named.
        bank: String,
        /// What explains it.
        bill: Bill,
    },
    /// A difference on a batch that the rules explain by themselves: a netted fee or rounding.
    Difference {
        /// The break that found it.
        found_by: String,
        /// The batch.
        batch: BatchKey,
        /// Which side's clearing account is left with it.
        direction: Direction,
        /// What remains on the clearing account: positive where debits are more.
        residue: SignedCents,
        /// Whether it is a fee the bank netted; otherwise rounding.
        fee: bool,
    },
}

/// A journal with what it was made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posted {
    /// The record it was posted for.
    pub source: String,
    /// The day from which it counts.
    pub effective: Date,
    /// The rule that made it.
    pub posting: Posting,
    /// Account, key, signed cents (debits positive), in the posting's order.
    pub lines: Vec<PostedLine>,
}

/// One line of a [`Posted`] journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostedLine {
    /// The account.
    pub account: Account,
    /// What the account is kept by.
    pub key: String,
    /// Positive for a debit.
    pub cents: SignedCents,
}

/// One balance that is not zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    /// Positive where debits are more.
    pub cents: SignedCents,
    /// Since when it has not been zero.
    pub since: Date,
}

/// Why a fact cannot be posted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PostingError {
    /// The posting's legs do not balance: the rule is wrong.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A balance would exceed 63 bits of cents.
    #[error("account {0}: the balance does not fit")]
    TooLarge(String),
}

/// The balances, and the journals posted since the book was opened.
#[derive(Clone, Debug, Default)]
pub struct Book {
    balances: BTreeMap<(Account, String), Balance>,
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

    /// Posts one fact on `date`.
    ///
    /// # Errors
    /// Where a journal would not balance or a balance would not fit; nothing is posted then.
    pub fn post(&mut self, fact: &Fact, date: Date) -> Result<Vec<Posted>, PostingError> {
        let journals = self.journals(fact, date)?;
        for journal in &journals {
            for line in &journal.lines {
                self.add(line, date)?;
            }
        }
        Ok(journals)
    }

    fn add(&mut self, line: &PostedLine, date: Date) -> Result<(), PostingError> {
        let key = (line.account, line.key.clone());
        let fresh = Balance {
            cents: SignedCents::ZERO,
            since: date,
        };
        let balance = self.balances.entry(key.clone()).or_insert(fresh);
        let sum = balance.cents.checked_add(line.cents);
        let too_large = || PostingError::TooLarge(line.account.number().to_string());
        balance.cents = sum.ok_or_else(too_large)?;
        if balance.cents.is_zero() {
            self.balances.remove(&key);
        }
        Ok(())
    }

    fn journals(&self, fact: &Fact, date: Date) -> Result<Vec<Posted>, PostingError> {
        match fact {
            Fact::Initiated {
                payment,
                originator,
                batch,
                direction,
                amount,
            } => {
                let posting = match direction {
                    Direction::Credit => Posting::PayoutInitiate,
                    Direction::Debit => Posting::PullInitiate,
                };
                in_transit(posting, *amount, originator, *batch, (*payment, date))
            }
            Fact::Undone {
                payment,
                originator,
                batch,
                direction,
                amount,
            } => {
                let posting = match direction {
                    Direction::Credit => Posting::PayoutRejected,
                    Direction::Debit => Posting::PullRejected,
                };
                in_transit(posting, *amount, originator, *batch, (*payment, date))
            }
            Fact::HoldEnded {
                payment,
                originator,
                amount,
            } => {
                let by = keys(originator, "");
                one(
                    Posting::HoldEnd,
                    &[*amount],
                    &by,
                    &payment.to_string(),
                    date,
                )
            }
            Fact::Returned { .. } => self.returned(fact, date),
            Fact::BankLine { line, fate } => lines::posted(self, line, *fate),
            Fact::Applied {
                line,
                batch,
                direction,
            } => lines::applied(line, *batch, *direction, date),
            Fact::FeesAccrued { bank, amount } => lines::accrued(bank, *amount, date),
            Fact::FeeBilled { line, bank, bill } => lines::billed(line, bank, bill, date),
            Fact::Difference {
                found_by,
                batch,
                direction,
                residue,
                fee,
            } => {
                let posting = difference(*direction, *residue, *fee);
                let batch = batch.to_string();
                let by = keys("", &batch);
                one(posting, &[residue.magnitude()], &by, found_by, date)
            }
        }
    }

    fn returned(&self, fact: &Fact, date: Date) -> Result<Vec<Posted>, PostingError> {
        let Fact::Returned {
            payment,
            originator,
            trace,
            direction,
            amount,
            hold_had_ended,
        } = fact
        else {
            return Ok(Vec::new());
        };
        let (source, key) = (payment.to_string(), trace.to_string());
        let by = Keys {
            originator,
            batch: "",
            other: &key,
        };
        let mut journals = match (direction, hold_had_ended) {
            (Direction::Credit, _) => one(Posting::PayoutReturned, &[*amount], &by, &source, date)?,
            (Direction::Debit, false) => {
                one(Posting::PullReturnedInHold, &[*amount], &by, &source, date)?
            }
            (Direction::Debit, true) => {
                let (left, owed) = self.split_by_funds(originator, *amount);
                one(
                    Posting::LateReturn,
                    &[left, owed, *amount],
                    &by,
                    &source,
                    date,
                )?
            }
        };
        // The money may have come before the return that explains it.
        let (suspense, posting) = match direction {
            Direction::Credit => (Account::SuspenseReceipts, Posting::UnknownCreditApplied),
            Direction::Debit => (Account::SuspenseDebits, Posting::UnknownDebitApplied),
        };
        if self.balance(suspense, &key).magnitude() == *amount {
            journals.extend(one(posting, &[*amount], &by, &source, date)?);
        }
        Ok(journals)
    }

    /// What of `amount` the originator's available funds cover, and what they do not.
    fn split_by_funds(&self, originator: &str, amount: Cents) -> (Cents, Cents) {
        let balance = self.balance(Account::CustomerAvailable, originator);
        let funds = if balance.get() < 0 {
            balance.magnitude()
        } else {
            Cents::ZERO
        };
        let left = funds.min(amount);
        (left, amount.checked_sub(left).unwrap_or(Cents::ZERO))
    }
}

/// The journal of an entry that joins a batch or leaves it.
fn in_transit(
    posting: Posting,
    amount: Cents,
    originator: &str,
    batch: BatchKey,
    (payment, date): (PaymentId, Date),
) -> Result<Vec<Posted>, PostingError> {
    let batch = batch.to_string();
    let by = keys(originator, &batch);
    one(posting, &[amount], &by, &payment.to_string(), date)
}

fn difference(direction: Direction, residue: SignedCents, fee: bool) -> Posting {
    match (fee, direction, residue.get() > 0) {
        (true, Direction::Credit, _) => Posting::FeeNettedOnPayout,
        (true, Direction::Debit, _) => Posting::FeeNettedOnPull,
        (false, Direction::Credit, true) => Posting::RoundingShortOnPayout,
        (false, Direction::Credit, false) => Posting::RoundingOverOnPayout,
        (false, Direction::Debit, true) => Posting::RoundingShortOnPull,
        (false, Direction::Debit, false) => Posting::RoundingOverOnPull,
    }
}

/// What each account is kept by in one journal.
struct Keys<'a> {
    originator: &'a str,
    batch: &'a str,
    other: &'a str,
}

/// The keys of a posting that names no third account's key.
fn keys<'a>(originator: &'a str, batch: &'a str) -> Keys<'a> {
    let other = "";
    Keys {
        originator,
        batch,
        other,
    }
}

impl Keys<'_> {
    fn of(&self, account: Account) -> &str {
        match account {
            Account::CustomerAvailable | Account::CustomerHeld | Account::ReturnedItems => {
                self.originator
            }
            Account::DebitsInTransit | Account::CreditsInTransit => self.batch,
            Account::ReturnsClearing | Account::FeesClearing => self.other,
            Account::SuspenseDebits | Account::SuspenseReceipts => self.other,
            _ => "",
        }
    }
}

fn one(
    posting: Posting,
    amounts: &[Cents],
    keys: &Keys<'_>,
    source: &str,
    effective: Date,
) -> Result<Vec<Posted>, PostingError> {
    let journal: Journal = posting.journal(amounts)?;
    let line = |line: &crate::journal::JournalLine| {
        let cents = line
            .signed()
            .ok_or(PostingError::TooLarge(source.to_owned()))?;
        let key = keys.of(line.account).to_owned();
        Ok(PostedLine {
            account: line.account,
            key,
            cents,
        })
    };
    let lines = journal
        .lines()
        .iter()
        .map(line)
        .collect::<Result<Vec<_>, PostingError>>()?;
    let lines = lines.into_iter().filter(|l| !l.cents.is_zero()).collect();
    Ok(vec![Posted {
        source: source.to_owned(),
        effective,
        posting,
        lines,
    }])
}

#[cfg(test)]
mod tests;
