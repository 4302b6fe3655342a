//! What a line of the bank's statement is to the books.

use super::posted::{Keys, Posted, PostedLine, PostingError, journal_of};
use crate::allocate::{Allocation, Item, Kind, Pass, Share};
use crate::fees::Bill;
use crate::ids::{BatchKey, Direction};
use crate::journal::{Account, Posting};
use crate::money::{Cents, SignedCents};
use crate::reconcile::legs::l3::Line;
use jiff::civil::Date;

/// The journal of a line: what it answers, or suspense under its id.
pub(super) fn posted(
    id: &str,
    cents: SignedCents,
    value: Date,
    answers: Option<Kind>,
) -> Result<Vec<Posted>, PostingError> {
    if cents.is_zero() {
        return Ok(Vec::new());
    }
    let taken = cents.get() < 0;
    let (posting, key) = match answers {
        Some(Kind::Side(batch, Direction::Credit)) => (payout(taken), batch.to_string()),
        Some(Kind::Side(batch, Direction::Debit)) => (pull(taken), batch.to_string()),
        // A dishonored return moves the money once more the way the entry went.
        Some(Kind::Return(trace, direction)) => {
            let posting = match (direction, taken) {
                (Direction::Credit, false) => Posting::PayoutReturnBankLine,
                (Direction::Credit, true) => Posting::PayoutReturnUndoneBankLine,
                (Direction::Debit, true) => Posting::PullReturnBankLine,
                (Direction::Debit, false) => Posting::PullReturnUndoneBankLine,
            };
            (posting, trace.to_string())
        }
        // A funding is of an originator: see `funded`.
        None | Some(Kind::Funding(_)) if taken => (Posting::UnknownDebit, id.to_owned()),
        None | Some(Kind::Funding(_)) => (Posting::UnknownCredit, id.to_owned()),
    };
    let keys = Keys {
        batch: &key,
        matter: &key,
        ..Keys::default()
    };
    Ok(vec![journal_of(
        posting,
        &[cents.magnitude()],
        &keys,
        id,
        value,
    )?])
}

/// The journal of a wire that was announced: an originator's, or ours.
pub(super) fn funded(
    id: &str,
    cents: SignedCents,
    value: Date,
    originator: Option<&str>,
) -> Result<Vec<Posted>, PostingError> {
    if cents.is_zero() {
        return Ok(Vec::new());
    }
    let posting = match (originator, cents.get() < 0) {
        (Some(_), false) => Posting::Funding,
        (Some(_), true) => Posting::FundingTaken,
        (None, false) => Posting::OwnFunding,
        (None, true) => Posting::OwnFundingTaken,
    };
    let keys = Keys {
        originator: originator.unwrap_or_default(),
        ..Keys::default()
    };
    let journal = journal_of(posting, &[cents.magnitude()], &keys, id, value)?;
    Ok(vec![journal])
}

/// The journal of an allocation: each of its lines, as it stands, on the account that its money
/// rests on.
pub(super) fn allocated(made: &Allocation, date: Date) -> Result<Vec<Posted>, PostingError> {
    let line = |share: &Share| {
        let (account, key) = rests_on(share, made.pass == Pass::Displaced)?;
        Some(PostedLine {
            account,
            key,
            cents: share.cents,
        })
    };
    let lines = made
        .shares
        .iter()
        .map(|share| line(share).ok_or_else(|| PostingError::Unknown(share.item.id().to_owned())));
    let lines = lines.collect::<Result<Vec<_>, _>>()?;
    Ok(vec![Posted {
        source: made.id.clone(),
        effective: date,
        posting: Posting::Allocated,
        lines,
        corrects: made.reverses.clone(),
    }])
}

/// The account on which a share's money rests, and by what it is kept there; where it is taken
/// back, to the one that it had come from.
fn rests_on(share: &Share, back: bool) -> Option<(Account, String)> {
    let money_in = (share.cents.get() > 0) != back;
    Some(match &share.item {
        Item::Receipt(id) if money_in => (Account::SuspenseReceipts, id.clone()),
        Item::Receipt(id) => (Account::SuspenseDebits, id.clone()),
        Item::NettedFee(_) => (Account::BankFees, String::new()),
        Item::Rounding(_) => (Account::OverShort, String::new()),
        Item::Expectation(id) => match Kind::of_id(id)? {
            Kind::Side(batch, Direction::Debit) => (Account::DebitsInTransit, batch.to_string()),
            Kind::Side(batch, Direction::Credit) => (Account::CreditsInTransit, batch.to_string()),
            Kind::Return(trace, _) => (Account::ReturnsClearing, trace.to_string()),
            Kind::Funding(_) => match Kind::funded(id)?.0 {
                Some(originator) => (Account::CustomerAvailable, originator.to_owned()),
                None => (Account::OwnFunds, String::new()),
            },
        },
    })
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

/// The journal of an opening balance; none where there was nothing.
pub(super) fn opened(
    account: &str,
    cents: SignedCents,
    on: Date,
) -> Result<Vec<Posted>, PostingError> {
    if cents.is_zero() {
        return Ok(Vec::new());
    }
    let posting = match cents.get() < 0 {
        true => Posting::OpeningOverdrawn,
        false => Posting::Opening,
    };
    let source = format!("opening/{account}");
    Ok(vec![journal_of(
        posting,
        &[cents.magnitude()],
        &Keys::default(),
        &source,
        on,
    )?])
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
