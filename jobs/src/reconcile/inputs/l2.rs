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
use settlement::money::SignedCents;
use settlement::reconcile::legs::l2::{Answer, Entry, Ingested as Found};
use settlement::reconcile::legs::l3::Returned;
use settlement::reconcile::legs::{BreakKind, Outcome};
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

    /// The returns of the day whose money should come: every one received, but not one received
    /// twice.
    pub fn for_money(
        &self,
        before: &Reconciled,
        found: &Outcome,
    ) -> impl Iterator<Item = Returned> {
        let (answered, twice) = (answered(before), told_twice(found));
        let matched: BTreeSet<usize> = found.matches.iter().map(|pair| pair.left).collect();
        let answers = self.answers.iter().enumerate();
        let new = answers.filter(move |(at, answer)| {
            // The one that met its entry is the first of those that are told twice.
            let again = !matched.contains(at) && twice.contains(&identity(answer));
            !answer.kind.is_notice() && !again && !answered.contains(&about(answer))
        });
        new.map(|(_, answer)| Returned {
            trace: answer.original_trace,
            // The return undoes the original: its money goes the other way. What an entry can
            // carry has another sign too.
            cents: answer.cents.checked_neg().unwrap_or(answer.cents),
            received: answer.received,
        })
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

/// All that a break of the leg says of its answer. File and line alone are not enough: a bank may
/// use a file's name twice a day, and the same line of both is then two answers.
type Identity = (String, String, SignedCents);

fn identity(answer: &Answer) -> Identity {
    let trace = answer.original_trace.to_string();
    (answer.id.clone(), trace, answer.money())
}

/// Answers to an entry that another answer of the day has met.
fn told_twice(found: &Outcome) -> BTreeSet<Identity> {
    let twice = found
        .breaks
        .iter()
        .filter(|b| b.kind == BreakKind::DupEntry);
    let twice = twice.filter_map(|b| Some((b.left.clone()?, b.key.clone(), b.cents)));
    twice.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use settlement::reconcile::legs::l2::{AnswerKind, reconcile};

    const DAY: Date = date(2026, 12, 1);

    fn trace(number: u64) -> TraceNumber {
        TraceNumber::from_number(number).unwrap()
    }

    fn bank() -> DfiId {
        DfiId::new(7_640_125).unwrap()
    }

    fn payment(number: u64) -> PaymentId {
        PaymentId::from_key(i64::try_from(number).unwrap()).unwrap()
    }

    fn entry(number: u64) -> Entry {
        Entry {
            payment: payment(number),
            trace: trace(number),
            rdfi: bank(),
            company: "1234567890".to_owned(),
            cents: SignedCents::new(500),
            sent: date(2026, 11, 24),
            account_last4: String::new(),
        }
    }

    fn answer(id: &str, number: u64) -> Answer {
        Answer {
            id: id.to_owned(),
            kind: AnswerKind::Return,
            original_trace: trace(number),
            original_rdfi: bank(),
            company: "1234567890".to_owned(),
            cents: SignedCents::new(500),
            received: DAY,
            payment: None,
            account_last4: None,
        }
    }

    /// The traces whose money is awaited after these answers came.
    fn awaited(answers: &[Answer]) -> Vec<u64> {
        let about = |answer: &Answer| payment(answer.original_trace.get());
        let payments = answers.iter().map(|answer| (answer.key(), about(answer)));
        let inputs = L2Inputs {
            answers: answers.to_vec(),
            entries: vec![entry(1), entry(2)],
            ingested: Found {
                payments: payments.collect(),
                ..Found::default()
            },
        };
        let found = reconcile(&inputs.answers, &inputs.entries, &inputs.ingested);
        let before = Reconciled::first(DAY);
        let awaited = inputs.for_money(&before, &found);
        awaited.map(|returned| returned.trace.get()).collect()
    }

    #[test]
    fn money_of_a_return_told_twice_is_awaited_once() {
        assert_eq!(awaited(&[answer("a:3", 1), answer("b:3", 1)]), [1]);
    }

    #[test]
    fn the_same_line_of_two_files_of_one_name_is_two_returns() {
        let again = [answer("a:9", 1), answer("b:3", 1), answer("b:3", 2)];
        assert_eq!(awaited(&again), [1, 2], "the second `b` returns another");
        let same = [answer("b:3", 1), answer("b:3", 1)];
        assert_eq!(awaited(&same), [1], "told again word for word");
    }
}
