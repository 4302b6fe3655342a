//! Lines that the bank has taken back: a later version of a statement does not have them.
//!
//! What was booked for such a line is booked the other way, from the journals that were written
//! for it and for its allocations, so that the books are as if it had never come. Those
//! allocations are taken back (`allocate`), so what the line had answered waits again. A break
//! about it needs nobody any more (`reconcile/outputs/breaks.rs`). The days that a fee line had
//! billed wait for their bill again.

use crate::parts;
use crate::records;
use crate::records::allocated::Allocated;
use crate::records::posted::PostedDay;
use crate::statement_lines::lines;
use desk::failure::{Failure, Result};
use desk::{Desk, names};
use formats::tables::{BankLine, Journal, JournalLine};
use jiff::civil::Date;
use settlement::allocate::{Allocation, Item, Kind, Pass, Share};
use settlement::calendar::next_banking_day;
use settlement::fees::Day;
use settlement::ids::{Direction, TraceNumber};
use settlement::journal::{Account, Side};
use settlement::money::SignedCents;
use settlement::posting::{Fact, Posted, PostedLine};
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
    /// What it had been allocated to.
    allocations: Vec<Allocation>,
    /// The days that it had billed, where it was a fee: they wait for their bill again.
    pub billed: Vec<Day>,
}

impl Reversed {
    /// What the books must know of it.
    pub fn fact(&self) -> Fact {
        Fact::Reversed {
            line: self.row.line_id.to_string(),
            journals: self.journals.clone(),
        }
    }

    /// What the line had been allocated to: as its day recorded it, or as the journals of a version
    /// that allocated nothing say.
    pub fn allocations(&self, date: Date) -> Vec<Allocation> {
        match self.allocations.is_empty() {
            true => self.booked_as(date).into_iter().collect(),
            false => self.allocations.clone(),
        }
    }

    /// The allocation that the journals come to.
    fn booked_as(&self, date: Date) -> Option<Allocation> {
        let lines = self.journals.iter().flat_map(|(_, journal)| &journal.lines);
        let share = |line: &PostedLine| {
            let trace = || TraceNumber::from_number(line.key.parse().ok()?).ok();
            let id = match line.account {
                Account::DebitsInTransit => Kind::side_id(line.key.parse().ok()?, Direction::Debit),
                Account::CreditsInTransit => {
                    Kind::side_id(line.key.parse().ok()?, Direction::Credit)
                }
                Account::ReturnsClearing if line.cents.get() > 0 => {
                    Kind::return_id(trace()?, Direction::Debit, date)
                }
                Account::ReturnsClearing => Kind::return_id(trace()?, Direction::Credit, date),
                _ => return None,
            };
            let (item, cents) = (Item::Expectation(id), line.cents);
            Some(Share { item, cents })
        };
        let mut shares: Vec<Share> = lines.filter_map(share).collect();
        let whole = SignedCents::sum(shares.iter().map(|share| share.cents))?.checked_neg()?;
        if whole.is_zero() {
            return None;
        }
        let item = Item::Receipt(self.line.clone());
        shares.push(Share { item, cents: whole });
        let evidence = "as it was booked".to_owned();
        Some(Allocation::new(date, Pass::Named, evidence, shares))
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
        reversed.push(Reversed {
            row,
            line,
            journals: Vec::new(),
            allocations: Vec::new(),
            billed: Vec::new(),
        });
    }
    let Some(first) = reversed.iter().map(|one| one.row.statement_date).min() else {
        return Ok(reversed);
    };
    let places = reversed
        .iter()
        .enumerate()
        .map(|(at, one)| (one.line.clone(), at));
    let mut places: BTreeMap<String, usize> = places.collect();
    let mut stand: BTreeMap<String, usize> = BTreeMap::new();
    let mut day = settlement::calendar::on_or_after(first);
    for _ in 0..MOST_DAYS {
        if day >= date {
            break;
        }
        let known = (&mut places, &mut stand);
        allocated(desk, day, known, &mut reversed).await?;
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

/// Adds what a day allocated the lines to, and leaves out what it took back; the journals of those
/// allocations are the lines' as well. Where a line falls away, so does what had taken back what it
/// had answered. Where that falls away by itself, what was answered before stands again, and what
/// had come in its place since is of nobody.
async fn allocated(
    desk: &Desk,
    day: Date,
    (places, stand): (&mut BTreeMap<String, usize>, &mut BTreeMap<String, usize>),
    reversed: &mut [Reversed],
) -> Result<()> {
    let objects = &*desk.ports.objects;
    let Some(done) = records::get::<Allocated>(objects, &names::allocated(day)).await? else {
        return Ok(());
    };
    for made in &done.allocations {
        let of = made.receipts().find_map(|(id, _)| places.get(id).copied());
        let undoes = made.pass == Pass::Reversal;
        let back = |one: &Allocation| Some(&one.id) == made.reverses.as_ref();
        let fallen = |one: &Reversed| one.allocations.iter().any(back);
        let fallen = reversed.iter().position(fallen);
        if !undoes {
            let all = reversed.iter_mut().map(|one| &mut one.allocations);
            all.for_each(|all| all.retain(|one| !back(one)));
        }
        let instead = || {
            made.expectations()
                .find_map(|(id, _)| stand.get(id).copied())
        };
        let falls = match (&made.reverses, undoes) {
            (None, _) => of.or_else(instead),
            (Some(_), true) => fallen.or(of),
            (Some(_), false) => None,
        };
        match (falls, of) {
            (Some(at), _) => {
                places.insert(made.id.clone(), at);
                reversed[at].allocations.push(made.clone());
                if undoes && fallen.is_none() {
                    stand.extend(made.expectations().map(|(id, _)| (id.to_owned(), at)));
                }
            }
            // It gave way to another line: its money went back to suspense with this journal.
            (None, Some(at)) if made.pass == Pass::Displaced => {
                places.insert(made.id.clone(), at);
            }
            _ => {}
        }
    }
    Ok(())
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
    let Some(posted) = posted else {
        return Ok(());
    };
    for bill in posted.bills {
        if let Some(at) = places.get(&bill.line) {
            reversed[*at].billed.extend(bill.days);
        }
    }
    let Some(part) = posted.journal else {
        return Ok(());
    };
    for row in parts::rows_of::<Journal>(objects, &part).await? {
        // What was booked the other way before, with another line, is even.
        if let Some(even) = &row.corrects {
            let all = reversed.iter_mut().map(|one| &mut one.journals);
            all.for_each(|all| all.retain(|(name, _)| name != even));
        }
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
