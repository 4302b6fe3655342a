//! L2: what came back on a date, and the entries it may answer.

use crate::billed::kind_of;
use crate::parts;
use crate::records::Read;
use crate::records::ingested::Ingested;
use crate::records::reconciled::Reconciled;
use desk::Desk;
use desk::failure::{Failure, Result, too_large};
use formats::tables::{AchReturn, AchReturns};
use jiff::civil::Date;
use settlement::ids::{DfiId, Direction, PaymentId, TraceNumber};
use settlement::reconcile::legs::l2::{Answer, Entry, Ingested as Found};
use std::collections::BTreeSet;

/// What the second leg holds against each other.
pub struct L2Inputs {
    pub answers: Vec<Answer>,
    pub entries: Vec<Entry>,
    /// What ingestion said of the answers.
    pub ingested: Found,
}

impl L2Inputs {
    pub async fn read(desk: &Desk, date: Date, files: &[Read<Ingested>]) -> Result<L2Inputs> {
        let rows = returns(desk, files).await?;
        let traces = rows.iter().map(|row| row.original_trace).collect();
        let entries = parts::with_traces(desk, date, &traces).await?;
        let (mut answers, mut ingested) = (Vec::with_capacity(rows.len()), Found::default());
        for row in &rows {
            let answer = answer(row)?;
            if row.late {
                ingested.late.insert(answer.key());
            }
            if let Some(key) = row.payment_key {
                let payment = PaymentId::from_key(key)?;
                ingested.payments.insert(answer.key(), payment);
            }
            answers.push(answer);
        }
        Ok(L2Inputs {
            answers,
            entries: entries.iter().map(parts::sent).collect::<Result<_>>()?,
            ingested,
        })
    }

    /// Answers that an answer of an earlier day makes duplicates.
    pub fn answered_before(&self, before: &Reconciled) -> impl Iterator<Item = &Answer> {
        let answered = answered(before);
        let again = move |answer: &&Answer| answered.contains(&about(answer));
        self.answers.iter().filter(again)
    }
}

/// The rows of the day's files.
async fn returns(desk: &Desk, files: &[Read<Ingested>]) -> Result<Vec<AchReturn<'static>>> {
    let mut rows = Vec::new();
    for part in files
        .iter()
        .flat_map(|file| parts::of_table::<AchReturns>(&file.parts))
    {
        rows.extend(parts::rows_of::<AchReturns>(&*desk.ports.objects, part).await?);
    }
    Ok(rows)
}

fn answer(row: &AchReturn<'_>) -> Result<Answer> {
    let direction: Direction = row.direction.parse()?;
    let id = format!("{}:{}", row.file, row.line);
    let cents = direction.on_our_account(row.amount.magnitude());
    let rdfi = u32::try_from(row.original_rdfi)
        .map_err(|_| Failure::damaged(format!("ach_returns, {id}: no number of a bank")))?;
    Ok(Answer {
        kind: kind_of(row)?,
        original_trace: trace_of(row.original_trace)?,
        original_rdfi: DfiId::new(rdfi)?,
        company: row.company_id.to_string(),
        cents: cents.ok_or_else(|| too_large(&id))?,
        received: row.received_date,
        // The rows have neither, and what ingestion made of them is held against the leg's answer.
        payment: None,
        account_last4: None,
        id,
    })
}

fn trace_of(key: i64) -> Result<TraceNumber> {
    let number =
        u64::try_from(key).map_err(|_| Failure::damaged("ach_returns: a trace is negative"))?;
    Ok(TraceNumber::from_number(number)?)
}

/// By what an answer of another day is the same: the trace that it answers, and whether it is
/// about a change.
fn about(answer: &Answer) -> (TraceNumber, bool) {
    (answer.original_trace, answer.kind.is_notice())
}

fn answered(before: &Reconciled) -> BTreeSet<(TraceNumber, bool)> {
    let answered = before.answered.iter();
    answered
        .map(|answer| (answer.trace, answer.change))
        .collect()
}
