//! Posting: from what happened to journals.
//!
//! A [`Book`] holds the balances of every account and key. [`Fact`]s go in, one at a time; each
//! becomes journals through [`Posting`], and their lines are added to the balances: all lines of
//! a fact, or none.
//!
//! # The order of facts
//!
//! Sums do not depend on an order, and most facts say by themselves which posting they are. Three
//! look at the balances, though, and every balance knows since when it has not been zero. So the
//! facts of a date are posted in one order, always the same:
//!
//! 0. **The opening balance** of an account, once.
//! 1. **What an earlier version had explained and not booked**: differences, and lines that named
//!    no batch. With them go lines that the bank has taken back: their money leaves where it was
//!    booked, before a corrected line comes to the same place.
//! 2. **Entries of the day's cuts.** They open the batches on the accounts in transit. A same-day
//!    batch may be refused or settle on the very date on which it was cut: what takes it off those
//!    accounts finds it there, and none of them ever stands the wrong way round in between.
//! 3. **The fees of the day.** A bank that bills each day takes today's fees with a line of today:
//!    they must be accrued before the line is looked at.
//! 4. **Events of payments**, by payment and version: entries undone, holds that ended, returns. A
//!    late return takes what the originator has left and the rest becomes a receivable
//!    ([`Account::ReturnedItems`]), so a hold that ends today counts only for the payments after
//!    it. The order is arbitrary, but it is that of the event log, and so the same on every run.
//! 5. **Lines of the bank's statements**, as they stand in the files: straight to the clearing
//!    account of what they answer with all of their money (a wire that was announced, to its
//!    originator's), or else into suspense under their own id.
//! 6. **Allocations** that are of more than one receipt and one expectation, or of a receipt of a
//!    day before: out of suspense, and onto every account that they name, in one journal.
//!
//! The order itself is kept by the job that posts; the rules here hold in any.

mod book;
mod carried;
mod fact;
mod lines;
mod posted;

pub use book::{Balance, Book};
pub use fact::Fact;
pub use posted::{Posted, PostedLine, PostingError};

use crate::ids::{BatchKey, Direction, PaymentId};
use crate::journal::{Account, Posting};
use crate::money::{Cents, SignedCents};
use crate::payment::Side;
use jiff::civil::Date;
use posted::{Journals, Keys, journal_of};

impl Book {
    /// Posts one fact on `date`.
    ///
    /// # Errors
    /// Where a journal would not balance, a balance would not fit, or a line cannot be what it is
    /// said to be; nothing is posted then.
    pub fn post(&mut self, fact: &Fact, date: Date) -> Journals {
        let journals = journals(self, fact, date)?;
        self.add(&journals, date)?;
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
        let covered = funds.min(amount);
        let owed = amount.abs_diff(covered);
        assert!(
            covered.checked_add(owed) == Some(amount),
            "a split that is not the whole"
        );
        (covered, owed)
    }
}

/// The journals of a fact.
fn journals(book: &Book, fact: &Fact, date: Date) -> Journals {
    match fact {
        Fact::Opened { account, cents, on } => lines::opened(account, *cents, *on),
        Fact::Initiated {
            originator,
            batch,
            direction,
            amount,
        } => {
            let side = Side {
                batch: *batch,
                direction: *direction,
            };
            let posting = carried::initiate(*direction);
            let about = (side.to_string(), date);
            in_transit(posting, *amount, originator, *batch, about)
        }
        Fact::Undone { .. } | Fact::Carried { .. } | Fact::ReturnCarried { .. } => {
            carried::journals(book, fact, date)
        }
        Fact::HoldEnded {
            of,
            originator,
            amount,
        } => hold_ended(of, originator, *amount, date),
        Fact::Returned { .. } | Fact::ReturnUndone { .. } => back_and_forth(book, fact, date),
        Fact::BankLine {
            id,
            cents,
            value,
            answers,
        } => lines::posted(id, *cents, *value, *answers),
        Fact::Funded {
            id,
            cents,
            value,
            originator,
        } => lines::funded(id, *cents, *value, originator.as_deref()),
        Fact::Allocated(made) => lines::allocated(made, date),
        Fact::Applied {
            line,
            batch,
            direction,
        } => lines::applied(line, *batch, *direction, date),
        Fact::Reversed { line, journals } => reversed(line, journals),
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
            explained(posting, residue.magnitude(), *batch, found_by, date)
        }
    }
}

/// The journal of entries that join a batch or leave it.
fn in_transit(
    posting: Posting,
    amount: Cents,
    originator: &str,
    batch: BatchKey,
    (source, date): (String, Date),
) -> Journals {
    let batch = batch.to_string();
    let keys = Keys {
        originator,
        batch: &batch,
        ..Keys::default()
    };
    let journal = journal_of(posting, &[amount], &keys, &source, date)?;
    Ok(vec![journal])
}

/// The journal of funds that become available.
fn hold_ended(of: &str, originator: &str, amount: Cents, date: Date) -> Journals {
    let keys = Keys {
        originator,
        ..Keys::default()
    };
    let journal = journal_of(Posting::HoldEnd, &[amount], &keys, of, date)?;
    Ok(vec![journal])
}

/// The journals of an entry that came back, or whose return was dishonored.
fn back_and_forth(book: &Book, fact: &Fact, date: Date) -> Journals {
    let (Fact::Returned {
        payment,
        originator,
        trace,
        direction,
        amount,
        hold_had_ended,
    }
    | Fact::ReturnUndone {
        payment,
        originator,
        trace,
        direction,
        amount,
        hold_had_ended,
    }) = fact
    else {
        return Ok(Vec::new());
    };
    let matter = trace.to_string();
    let keys = Keys {
        originator,
        matter: &matter,
        ..Keys::default()
    };
    let (way, about) = ((*direction, *hold_had_ended), (*payment, date));
    match fact {
        Fact::ReturnUndone { .. } => return_undone(book, &keys, way, *amount, about),
        _ => returned(book, &keys, way, *amount, about),
    }
}

/// The journal of an entry that came back.
fn returned(
    book: &Book,
    keys: &Keys<'_>,
    (direction, hold_had_ended): (Direction, bool),
    amount: Cents,
    (payment, date): (PaymentId, Date),
) -> Journals {
    let source = payment.to_string();
    let journal = |posting, amounts: &[Cents]| journal_of(posting, amounts, keys, &source, date);
    let own = match (direction, hold_had_ended) {
        (Direction::Credit, _) => journal(Posting::PayoutReturned, &[amount])?,
        (Direction::Debit, false) => journal(Posting::PullReturnedInHold, &[amount])?,
        (Direction::Debit, true) => {
            let (covered, owed) = book.split_by_funds(keys.originator, amount);
            journal(Posting::LateReturn, &[covered, owed, amount])?
        }
    };
    Ok(vec![own])
}

/// The journals of a line that the bank has taken back.
fn reversed(line: &str, journals: &[(String, Posted)]) -> Journals {
    let reversed = journals
        .iter()
        .map(|(name, journal)| journal.reversed(line, name));
    reversed.collect()
}

/// The journals of a difference on a batch.
fn explained(
    posting: Posting,
    amount: Cents,
    batch: BatchKey,
    found_by: &str,
    date: Date,
) -> Journals {
    let batch = batch.to_string();
    let keys = Keys {
        batch: &batch,
        ..Keys::default()
    };
    let journal = journal_of(posting, &[amount], &keys, found_by, date)?;
    Ok(vec![journal])
}

/// The journals of a return that was dishonored: its own legs the other way. What had come back
/// inside the hold is available at once: a hold lasts two banking days, and what is dishonored has
/// come back before. Of a late return first what its originator still owes is paid.
fn return_undone(
    book: &Book,
    keys: &Keys<'_>,
    (direction, hold_had_ended): (Direction, bool),
    amount: Cents,
    (payment, date): (PaymentId, Date),
) -> Journals {
    let source = payment.to_string();
    let journal = |posting, amounts: &[Cents]| journal_of(posting, amounts, keys, &source, date);
    match (direction, hold_had_ended) {
        (Direction::Credit, _) => Ok(vec![journal(Posting::PayoutReturnUndone, &[amount])?]),
        (Direction::Debit, false) => Ok(vec![
            journal(Posting::PullReturnUndone, &[amount])?,
            journal(Posting::HoldEnd, &[amount])?,
        ]),
        (Direction::Debit, true) => {
            let owes = book.balance(Account::ReturnedItems, keys.originator);
            let owes = match owes.get() > 0 {
                true => owes.magnitude(),
                false => Cents::ZERO,
            };
            let owed = owes.min(amount);
            let left = amount.abs_diff(owed);
            let amounts = [amount, left, owed];
            Ok(vec![journal(Posting::LateReturnUndone, &amounts)?])
        }
    }
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

#[cfg(test)]
mod tests;
