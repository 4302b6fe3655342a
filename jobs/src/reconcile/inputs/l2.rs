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

    fn trace(number: u64) -> TraceNumber {
        TraceNumber::from_number(number).unwrap()
    }

    fn answer(id: &str, number: u64) -> Answer {
        Answer {
            id: id.to_owned(),
            kind: AnswerKind::Return,
            code: "R03".to_owned(),
            by: trace(101),
            original_trace: trace(number),
            original_rdfi: DfiId::new(7_640_125).unwrap(),
            company: "1234567890".to_owned(),
            cents: SignedCents::new(500),
            settled: date(2026, 12, 1),
            received: date(2026, 12, 1),
            payment: None,
            account_last4: None,
        }
    }

    #[test]
    fn what_was_wrong_on_an_earlier_day_is_corrected_by_name() {
        let payment = PaymentId::from_key(1).unwrap();
        let wrong = Answer {
            received: date(2026, 11, 30),
            ..answer("a", 9)
        };
        let told = vec![Told::of(&wrong, None)];
        let inputs = L2Inputs {
            answers: vec![answer("b", 1)],
            entries: vec![Entry {
                payment,
                trace: trace(1),
                rdfi: DfiId::new(7_640_125).unwrap(),
                company: "1234567890".to_owned(),
                cents: SignedCents::new(500),
                direction: Direction::Debit,
                sec: None,
                sent: date(2026, 11, 24),
                settles: date(2026, 11, 25),
                account_last4: String::new(),
            }],
            ingested: Found {
                told: told.clone(),
                ..Found::default()
            },
        };
        assert_eq!(inputs.corrected(), [(&told[0], "b")]);
        assert_eq!(inputs.told()[0].payment, Some(payment));
    }
}
