//! What a line of the bank's statement is to the books.

use super::{Book, Keys, Posted, PostingError, keys, one};
use crate::bank::LineRole;
use crate::fees::Bill;
use crate::ids::{BatchKey, Direction};
use crate::journal::{Account, Posting};
use crate::money::Cents;
use crate::reconcile::legs::l3::{Fate, Line};
use jiff::civil::Date;

/// The journals of a line.
pub(super) fn posted(book: &Book, line: &Line, fate: Fate) -> Result<Vec<Posted>, PostingError> {
    let cents = line.cents.magnitude();
    if cents.is_zero() {
        return Ok(Vec::new());
    }
    let trace = line.trace.map(|t| t.to_string()).unwrap_or_default();
    let batch = line.batch.map(|b| b.to_string()).unwrap_or_default();
    let taken = line.cents.get() < 0;
    let clearing = match (fate, line.role) {
        (Fate::Settles, LineRole::CreditSettlement) => Some((payout(taken), "")),
        (Fate::Settles, LineRole::DebitSettlement) => Some((pull(taken), "")),
        // The return itself may not be in the books: it was of no entry of ours.
        (Fate::Returns, role) if !book.balance(Account::ReturnsClearing, &trace).is_zero() => {
            Some((returned(role), trace.as_str()))
        }
        _ => None,
    };
    let suspense = suspense(line);
    let (posting, other) = clearing.unwrap_or(match taken {
        true => (Posting::UnknownDebit, suspense.as_str()),
        false => (Posting::UnknownCredit, suspense.as_str()),
    });
    let by = Keys {
        originator: "",
        batch: &batch,
        other,
    };
    one(posting, &[cents], &by, &line.id, line.value_date)
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
    let (batch, other) = (batch.to_string(), suspense(line));
    let by = Keys {
        other: &other,
        ..keys("", &batch)
    };
    one(posting, &[line.cents.magnitude()], &by, &line.id, date)
}

/// The journals of what a day will cost.
pub(super) fn accrued(bank: &str, amount: Cents, date: Date) -> Result<Vec<Posted>, PostingError> {
    let by = Keys {
        other: bank,
        ..keys("", "")
    };
    one(Posting::BankFeeAccrued, &[amount], &by, bank, date)
}

/// The journals of a bill: what it took, and what the days it is explained by had not accrued.
pub(super) fn billed(
    line: &Line,
    bank: &str,
    bill: &Bill,
    date: Date,
) -> Result<Vec<Posted>, PostingError> {
    let by = Keys {
        other: bank,
        ..keys("", "")
    };
    let rounding = match bill.rounding.get() < 0 {
        true => Posting::RoundingOverOnFee,
        false => Posting::RoundingShortOnFee,
    };
    let taken = line.cents.magnitude();
    let mut all = one(
        Posting::BankFeeTaken,
        &[taken],
        &by,
        &line.id,
        line.value_date,
    )?;
    for (posting, cents) in [
        (Posting::BankFeeAccrued, bill.minimum),
        (rounding, bill.rounding.magnitude()),
    ] {
        if !cents.is_zero() {
            all.extend(one(posting, &[cents], &by, &line.id, date)?);
        }
    }
    Ok(all)
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

fn returned(role: LineRole) -> Posting {
    match role {
        LineRole::CreditReturned => Posting::PayoutReturnBankLine,
        _ => Posting::PullReturnBankLine,
    }
}
