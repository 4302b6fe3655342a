//! Entries that the bank rejects, and that it carries after all.
//!
//! What is rejected leaves the books as if it had never been initiated. Where the funds of a pull
//! were available by then, its originator pays with what is left and owes the rest. An entry that
//! had come back leaves together with its return: neither ever moves money.

use super::book::Book;
use super::fact::Fact;
use super::posted::{Journals, Keys, journal_of};
use crate::ids::Direction;
use crate::journal::{Account, Posting};
use crate::money::Cents;
use jiff::civil::Date;

/// The journals of such a fact; none of any other.
pub(super) fn journals(book: &Book, fact: &Fact, date: Date) -> Journals {
    match fact {
        Fact::Undone {
            payment,
            originator,
            batch,
            direction,
            amount,
            hold_had_ended,
        } => {
            let (batch, source) = (batch.to_string(), payment.to_string());
            let keys = Keys {
                originator,
                batch: &batch,
                ..Keys::default()
            };
            let journal =
                |posting, amounts: &[Cents]| journal_of(posting, amounts, &keys, &source, date);
            Ok(vec![match (direction, hold_had_ended) {
                (Direction::Credit, _) => journal(Posting::PayoutRejected, &[*amount])?,
                (Direction::Debit, false) => journal(Posting::PullRejected, &[*amount])?,
                (Direction::Debit, true) => {
                    let (covered, owed) = book.split_by_funds(originator, *amount);
                    journal(Posting::PullRejectedLate, &[covered, owed, *amount])?
                }
            }])
        }
        Fact::Carried { .. } => carried(book, fact, date),
        Fact::ReturnCarried {
            payment,
            batch,
            trace,
            direction,
            amount,
            carried,
        } => {
            let posting = match (direction, carried) {
                (Direction::Credit, false) => Posting::PayoutReturnRejected,
                (Direction::Credit, true) => Posting::PayoutReturnCarried,
                (Direction::Debit, false) => Posting::PullReturnRejected,
                (Direction::Debit, true) => Posting::PullReturnCarried,
            };
            let (batch, matter) = (batch.to_string(), trace.to_string());
            let keys = Keys {
                batch: &batch,
                matter: &matter,
                ..Keys::default()
            };
            let source = payment.to_string();
            let journal = journal_of(posting, &[*amount], &keys, &source, date)?;
            Ok(vec![journal])
        }
        _ => Ok(Vec::new()),
    }
}

/// An entry that joins its batch again. What had been available is so at once, and pays first what
/// its originator still owes.
fn carried(book: &Book, fact: &Fact, date: Date) -> Journals {
    let Fact::Carried {
        payment,
        originator,
        batch,
        direction,
        amount,
        hold_had_ended,
    } = fact
    else {
        return Ok(Vec::new());
    };
    let (batch, source) = (batch.to_string(), payment.to_string());
    let keys = Keys {
        originator,
        batch: &batch,
        ..Keys::default()
    };
    let journal = |posting, cents| journal_of(posting, &[cents], &keys, &source, date);
    let mut journals = vec![journal(initiate(*direction), *amount)?];
    if *direction == Direction::Debit && *hold_had_ended {
        journals.push(journal(Posting::HoldEnd, *amount)?);
        let owes = book.balance(Account::ReturnedItems, originator);
        let owes = if owes.get() > 0 {
            owes.magnitude()
        } else {
            Cents::ZERO
        };
        let pays = owes.min(*amount);
        if !pays.is_zero() {
            journals.push(journal(Posting::Recovery, pays)?);
        }
    }
    Ok(journals)
}

/// The posting of an entry that joins its batch.
pub(super) const fn initiate(direction: Direction) -> Posting {
    match direction {
        Direction::Credit => Posting::PayoutInitiate,
        Direction::Debit => Posting::PullInitiate,
    }
}
