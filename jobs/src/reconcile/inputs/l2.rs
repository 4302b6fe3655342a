//! L2: what came back on a date, and the entries it may answer.

use crate::answer_rows::{answer, payment_of};
use crate::originals;
use crate::parts;
use crate::records::Read;
use crate::records::ingested::Ingested;
use crate::records::reconciled::Reconciled;
use desk::Desk;
use desk::failure::Result;
use formats::tables::{AchReturn, AchReturns};
use jiff::civil::Date;
use settlement::reconcile::legs::l2::{Answer, Entry, Ingested as Found, Judged, judge};
use settlement::reconcile::legs::l3::Returned;
use settlement::returns::Told;
use std::collections::BTreeMap;

/// What the second leg holds against each other.
pub struct L2Inputs {
    pub answers: Vec<Answer>,
    pub entries: Vec<Entry>,
    /// What is known of the answers beside their rows.
    pub ingested: Found,
}

impl L2Inputs {
    pub async fn read(
        desk: &Desk,
        date: Date,
        files: &[Read<Ingested>],
        before: &Reconciled,
    ) -> Result<L2Inputs> {
        let rows = returns(desk, files).await?;
        let answers = rows.iter().map(answer).collect::<Result<Vec<_>>>()?;
        let entries = originals::candidates(desk, date, &answers).await?;
        let mut ingested = Found {
            told: before.answered.clone(),
            ..Found::default()
        };
        for (row, answer) in rows.iter().zip(&answers) {
            if row.late {
                ingested.late.insert(answer.id.clone());
            }
            if let Some(payment) = payment_of(row)? {
                ingested.payments.insert(answer.id.clone(), payment);
            }
        }
        Ok(L2Inputs {
            answers,
            entries: entries.iter().map(parts::sent).collect::<Result<_>>()?,
            ingested,
        })
    }

    /// Each answer of the day with what the leg's rule says that it is.
    fn judged(&self) -> impl Iterator<Item = (&Answer, Judged)> {
        let judged = judge(&self.answers, &self.entries, &self.ingested.told);
        self.answers.iter().zip(judged)
    }

    /// What is kept of the day's answers: all but those told before.
    pub fn told(&self) -> Vec<Told> {
        let new = self.judged().filter(|(_, judged)| !judged.is_duplicate());
        let payment = |judged: &Judged| Some(self.entries.get(judged.entry()?)?.payment);
        new.map(|(answer, judged)| Told::of(answer, payment(&judged)))
            .collect()
    }

    /// Answers of before that gave a field wrong, and the names of those that correct them.
    pub fn corrected(&self) -> Vec<(&Told, &str)> {
        let right = self.judged().filter(|(_, judged)| judged.entry().is_some());
        let right: BTreeMap<_, _> = right.map(|(answer, _)| (answer.by, answer)).collect();
        let pairs = self.ingested.told.iter().filter_map(|told| {
            let answer = right.get(&told.by?)?;
            let corrects = told.is_corrected_by(answer);
            corrects.then_some((told, answer.id.as_str()))
        });
        pairs.collect()
    }

    /// The returns of the day whose money should come, and the steps of disputes: every one
    /// received, but none whose money another one has told of.
    pub fn for_money(&self) -> impl Iterator<Item = Returned> {
        let new = self.judged().filter(|(_, judged)| judged.is_new());
        let money = new.filter(|(answer, _)| !answer.kind.is_notice());
        money.map(|(answer, _)| Returned {
            trace: answer.original_trace,
            cents: answer.moves(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use settlement::ids::{DfiId, Direction, PaymentId, TraceNumber};
    use settlement::money::SignedCents;
    use settlement::reconcile::legs::l2::AnswerKind;

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
            direction: Direction::Debit,
            sec: None,
            sent: date(2026, 11, 24),
            settles: date(2026, 11, 25),
            account_last4: String::new(),
        }
    }

    fn answer(id: &str, number: u64) -> Answer {
        Answer {
            id: id.to_owned(),
            kind: AnswerKind::Return,
            code: "R03".to_owned(),
            by: trace(100 + number),
            original_trace: trace(number),
            original_rdfi: bank(),
            company: "1234567890".to_owned(),
            cents: SignedCents::new(500),
            settled: DAY,
            received: DAY,
            payment: None,
            account_last4: None,
        }
    }

    fn inputs(answers: &[Answer], told: &[Told]) -> L2Inputs {
        L2Inputs {
            answers: answers.to_vec(),
            entries: vec![entry(1), entry(2)],
            ingested: Found {
                told: told.to_vec(),
                ..Found::default()
            },
        }
    }

    /// The traces whose money is awaited after these answers came, with its cents.
    fn awaited(answers: &[Answer]) -> Vec<(u64, i64)> {
        let inputs = inputs(answers, &[]);
        let awaited = inputs.for_money();
        awaited.map(|r| (r.trace.get(), r.cents.get())).collect()
    }

    #[test]
    fn money_of_a_return_told_twice_or_corrected_is_awaited_once() {
        let first = answer("a", 1);
        assert_eq!(awaited(&[first.clone(), answer("b", 1)]), [(1, -500)]);
        let corrected = Answer {
            code: "R10".to_owned(),
            ..answer("b", 1)
        };
        assert_eq!(awaited(&[first.clone(), corrected]), [(1, -500)]);
        let wrong = Answer {
            original_trace: trace(9),
            ..answer("b", 1)
        };
        assert_eq!(awaited(&[wrong, first]), [(1, -500)]);
    }

    #[test]
    fn a_dispute_moves_the_money_there_and_back() {
        let step = |kind, code: &str, by| Answer {
            kind,
            code: code.to_owned(),
            by: trace(by),
            ..answer(code, 1)
        };
        let all = [
            answer("a", 1),
            step(AnswerKind::Dishonored, "R68", 7),
            step(AnswerKind::Contested, "R73", 8),
            step(AnswerKind::Notice, "C01", 9),
        ];
        assert_eq!(awaited(&all), [(1, -500), (1, 500), (1, -500)]);
    }

    #[test]
    fn what_was_wrong_on_an_earlier_day_is_corrected_by_name() {
        let wrong = Answer {
            original_trace: trace(9),
            received: date(2026, 11, 30),
            ..answer("a", 1)
        };
        let told = [Told::of(&wrong, None)];
        let inputs = inputs(&[answer("b", 1)], &told);
        assert_eq!(inputs.corrected(), [(&told[0], "b")]);
        assert_eq!(inputs.told()[0].payment, Some(payment(1)));
    }
}
