//! Lines that the bank has taken back: a later version of a statement does not have them.
//!
//! What was booked for such a line is booked the other way, from the journals that were written
//! for it, so that the books are as if it had never come. What the line had answered waits again,
//! and it is not remembered as seen: the corrected line may look like it. A break about it needs
//! nobody any more (`reconcile/outputs/breaks.rs`).

use crate::parts;
use crate::records;
use crate::records::posted::PostedDay;
use crate::records::reconciled::{OpenBatch, Reconciled};
use crate::statement_lines::{line_of, lines};
use crate::waiting;
use desk::failure::{Failure, Result, too_large};
use desk::{Desk, names};
use formats::tables::{BankLine, Journal, JournalLine};
use jiff::civil::Date;
use settlement::calendar::next_banking_day;
use settlement::ids::{BatchKey, Direction, TraceNumber};
use settlement::journal::{Account, Posting, Side};
use settlement::money::SignedCents;
use settlement::posting::{Fact, Posted, PostedLine};
use settlement::reconcile::legs::l3;
use std::collections::BTreeMap;

/// Banking days on whose journals a line may stand: more than statements are remembered for.
const MOST_DAYS: usize = 100;

/// A line that was taken back.
pub struct Reversed {
    /// The row that takes it back.
    pub row: BankLine<'static>,
    /// The line.
    pub line: String,
    /// What was booked for it, each journal with its name.
    journals: Vec<(String, Posted)>,
}

impl Reversed {
    /// What the books must know of it.
    pub fn fact(&self) -> Fact {
        Fact::Reversed {
            line: self.row.line_id.to_string(),
            journals: self.journals.clone(),
        }
    }

    fn was(&self, postings: &[Posting]) -> bool {
        let mut posted = self.journals.iter().map(|(_, journal)| journal.posting);
        posted.any(|posting| postings.contains(&posting))
    }

    /// The batch and side that it had settled, and under which its money stood.
    fn batch(&self) -> Option<(BatchKey, Direction)> {
        use Posting as P;
        let (side, account) = if self.was(&[
            P::PayoutSettle,
            P::PayoutSettleBrought,
            P::UnknownDebitAppliedToPayout,
        ]) {
            (Direction::Credit, Account::CreditsInTransit)
        } else if self.was(&[
            P::PullSettle,
            P::PullSettleTaken,
            P::UnknownCreditAppliedToPull,
        ]) {
            (Direction::Debit, Account::DebitsInTransit)
        } else {
            return None;
        };
        let mut lines = self.journals.iter().flat_map(|(_, journal)| &journal.lines);
        let key = lines
            .find(|line| line.account == account)?
            .key
            .parse()
            .ok()?;
        Some((key, side))
    }

    /// The return whose money it was.
    fn returned(&self, date: Date) -> Result<Option<l3::Returned>> {
        if !self.was(&[Posting::PayoutReturnBankLine, Posting::PullReturnBankLine]) {
            return Ok(None);
        }
        let number = self.row.trace.and_then(|trace| u64::try_from(trace).ok());
        let Some(trace) = number.and_then(|number| TraceNumber::from_number(number).ok()) else {
            return Ok(None);
        };
        let cents = self.row.amount.checked_neg();
        Ok(Some(l3::Returned {
            trace,
            cents: cents.ok_or_else(|| too_large(&self.line))?,
            received: date,
        }))
    }
}

/// The lines of dates before that the statements of `date` take back.
///
/// # Errors
/// Where a journal cannot be read.
pub async fn on(desk: &Desk, date: Date) -> Result<Vec<Reversed>> {
    let back = lines(desk, date).await?.back;
    let mut reversed = Vec::new();
    for row in back {
        let line = row.corrects.as_deref().unwrap_or_default().to_owned();
        let journals = Vec::new();
        reversed.push(Reversed {
            row,
            line,
            journals,
        });
    }
    let Some(first) = reversed.iter().map(|one| one.row.statement_date).min() else {
        return Ok(reversed);
    };
    let places = reversed
        .iter()
        .enumerate()
        .map(|(at, one)| (one.line.clone(), at));
    let places: BTreeMap<String, usize> = places.collect();
    let mut day = settlement::calendar::on_or_after(first);
    for _ in 0..MOST_DAYS {
        if day >= date {
            break;
        }
        booked(desk, day, &places, &mut reversed).await?;
        day = next_banking_day(day);
    }
    for one in &reversed {
        if one.journals.is_empty() && !one.row.amount.is_zero() {
            let why = format!("bank_lines, {}: nothing was booked for it", one.line);
            return Err(Failure::damaged(why));
        }
    }
    Ok(reversed)
}

/// Adds what the journal of a day has of the lines.
async fn booked(
    desk: &Desk,
    day: Date,
    places: &BTreeMap<String, usize>,
    reversed: &mut [Reversed],
) -> Result<()> {
    let objects = &*desk.ports.objects;
    let posted = records::get::<PostedDay>(objects, &names::posted(day)).await?;
    let Some(part) = posted.and_then(|posted| posted.journal) else {
        return Ok(());
    };
    for row in parts::rows_of::<Journal>(objects, &part).await? {
        let Some(at) = places.get(&*row.source) else {
            continue;
        };
        let line = line(&row).ok_or_else(|| {
            Failure::damaged(format!("journal, {}: a line that is none", row.journal_id))
        })?;
        let journals = &mut reversed[*at].journals;
        match journals
            .iter_mut()
            .find(|(name, _)| *name == *row.journal_id)
        {
            Some((_, journal)) => journal.lines.push(line),
            None => {
                let name = row.journal_id.to_string();
                let posting = row.posting.parse().map_err(|error| {
                    Failure::damaged(format!("journal, {}: {error}", row.journal_id))
                })?;
                let journal = Posted {
                    source: row.source.to_string(),
                    effective: row.effective_date,
                    posting,
                    lines: vec![line],
                    corrects: None,
                };
                journals.push((name, journal));
            }
        }
    }
    Ok(())
}

fn line(row: &JournalLine<'_>) -> Option<PostedLine> {
    let debit = row.side == Side::Debit.as_str();
    let cents: Option<SignedCents> = match debit {
        true => Some(row.amount),
        false => row.amount.checked_neg(),
    };
    Some(PostedLine {
        account: Account::from_number(&row.account)?,
        key: row.key.to_string(),
        cents: cents?,
    })
}

/// The state before a date as it is once lines are taken back.
///
/// # Errors
/// Where a cut cannot be read.
pub async fn undo(desk: &Desk, date: Date, before: &mut Reconciled) -> Result<Vec<Reversed>> {
    let reversed = on(desk, date).await?;
    for one in &reversed {
        before.seen.retain(|line| line.id != one.line);
        if let Some(returned) = one.returned(date)? {
            before.open_returns.push(returned);
        }
        let Some((key, side)) = one.batch() else {
            continue;
        };
        let is = |batch: &OpenBatch| (batch.key, batch.direction) == (key, side);
        if before.open.iter().any(is) {
            continue;
        }
        let cuts = parts::frozen_on(desk, key.date()).await?;
        let sent = waiting::batches(&Reconciled::first(date), &cuts, &[])?;
        before.open.extend(sent.into_iter().filter(is));
        before
            .settled
            .retain(|batch| (batch.key, batch.direction) != (key, side));
    }
    Ok(reversed)
}

/// The rows that take lines back, as the fourth leg sees them.
///
/// # Errors
/// Where a row's role is not one.
pub fn as_lines(reversed: &[Reversed]) -> Result<Vec<l3::Line>> {
    reversed.iter().map(|one| line_of(&one.row)).collect()
}
