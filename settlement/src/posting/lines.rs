//! What a line of the bank's statement is to the books.

use super::book::Book;
use super::posted::{Keys, Posted, PostingError, journal_of};
use crate::bank::LineRole;
use crate::fees::Bill;
use crate::ids::{BatchKey, Direction};
use crate::journal::{Account, Posting};
use crate::money::Cents;
use crate::reconcile::legs::l3::{Fate, Line};
use jiff::civil::Date;

/// The journals of a line; none where it moves nothing.
pub(super) fn posted(book: &Book, line: &Line, fate: Fate) -> Result<Vec<Posted>, PostingError> {
    let cents = line.cents.magnitude();
    if cents.is_zero() {
        return Ok(Vec::new());
    }
    // A line that settles names its batch, one of a return its trace; any other is kept by what
    // names it best.
    let batch = line.batch.map(|b| b.to_string()).unwrap_or_default();
    let suspense = suspense(line);
    let clears = clearing(book, line, fate)?;
    let (posting, matter) = match clears {
        Some(posting) if fate == Fate::Settles => (posting, ""),
        Some(posting) => (posting, suspense.as_str()),
        None if line.cents.get() < 0 => (Posting::UnknownDebit, suspense.as_str()),
        None => (Posting::UnknownCredit, suspense.as_str()),
    };
    let keys = Keys {
        batch: &batch,
        matter,
        ..Keys::default()
    };
    let journal = journal_of(posting, &[cents], &keys, &line.id, line.value_date)?;
    Ok(vec![journal])
}

/// The posting by which a line clears what it answers; `None` where it goes to suspense.
fn clearing(book: &Book, line: &Line, fate: Fate) -> Result<Option<Posting>, PostingError> {
    let taken = line.cents.get() < 0;
    let posting = match (fate, line.role) {
        (Fate::Nothing | Fate::Again | Fate::Aside, _) => None,
        (Fate::Settles, LineRole::CreditSettlement) => Some(payout(taken)),
        (Fate::Settles, LineRole::DebitSettlement) => Some(pull(taken)),
        (Fate::Returns, LineRole::CreditReturned) => Some(Posting::PayoutReturnBankLine),
        (Fate::Returns, LineRole::DebitReturned) => Some(Posting::PullReturnBankLine),
        (Fate::Settles | Fate::Returns, role) => {
            return Err(PostingError::Impossible {
                line: line.id.clone(),
                role: role.as_str(),
                fate,
            });
        }
    };
    if fate != Fate::Returns {
        return Ok(posting);
    }
    // The return itself may not be in the books: it was of no entry of ours.
    let trace = line.trace.map(|t| t.to_string()).unwrap_or_default();
    let open = !book.balance(Account::ReturnsClearing, &trace).is_zero();
    Ok(posting.filter(|_| open))
}

/// The journals of money that leaves suspense for the batch it was of.
pub(super) fn applied(
    line: &Line,
    batch: BatchKey,
    direction: Direction,
    date: Date,
) -> Result<Vec<Posted>, PostingError> {
    let posting = match direction {
        Direction::Credit => Posting::UnknownDebitAppliedToPayout,
        Direction::Debit => Posting::UnknownCreditAppliedToPull,
    };
    let (batch, matter) = (batch.to_string(), suspense(line));
    let keys = Keys {
        batch: &batch,
        matter: &matter,
        ..Keys::default()
    };
    let journal = journal_of(posting, &[line.cents.magnitude()], &keys, &line.id, date)?;
    Ok(vec![journal])
}

/// The journals of what a day will cost.
pub(super) fn accrued(bank: &str, amount: Cents, date: Date) -> Result<Vec<Posted>, PostingError> {
    let keys = Keys {
        matter: bank,
        ..Keys::default()
    };
    let journal = journal_of(Posting::BankFeeAccrued, &[amount], &keys, bank, date)?;
    Ok(vec![journal])
}

/// The journals of a bill: what it took, and what the days it is explained by had not accrued.
pub(super) fn billed(
    line: &Line,
    bank: &str,
    bill: &Bill,
    date: Date,
) -> Result<Vec<Posted>, PostingError> {
    let keys = Keys {
        matter: bank,
        ..Keys::default()
    };
    let rounding = match bill.rounding.get() < 0 {
        true => Posting::RoundingOverOnFee,
        false => Posting::RoundingShortOnFee,
    };
    let journal = |posting, cents, on| journal_of(posting, &[cents], &keys, &line.id, on);
    let taken = line.cents.magnitude();
    let mut journals = vec![journal(Posting::BankFeeTaken, taken, line.value_date)?];
    for (posting, cents) in [
        (Posting::BankFeeAccrued, bill.minimum),
        (rounding, bill.rounding.magnitude()),
    ] {
        if !cents.is_zero() {
            journals.push(journal(posting, cents, date)?);
        }
    }
    Ok(journals)
}

/// The key under which a line's money waits in suspense: what names the line best.
fn suspense(line: &Line) -> String {
    match line.trace {
        Some(trace) => trace.to_string(),
        None if line.reference.is_empty() => line.id.clone(),
        None => line.reference.clone(),
    }
}

/// A batch of payouts takes money; where the bank gives more back than it takes, it brings some.
fn payout(taken: bool) -> Posting {
    match taken {
        true => Posting::PayoutSettle,
        false => Posting::PayoutSettleBrought,
    }
}

/// A batch of pulls brings money; where the bank keeps more than it brings, it takes some.
fn pull(taken: bool) -> Posting {
    match taken {
        true => Posting::PullSettleTaken,
        false => Posting::PullSettle,
    }
}
