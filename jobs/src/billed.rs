//! Which of the answers that came the bank bills, and as what: each once, however often it is
//! told. The books accrue by it, and so does the cost of each payment.

use crate::answer_rows::{answer, payment_of};
use crate::records::reconciled::Reconciled;
use desk::failure::Result;
use formats::tables::AchReturn;
use settlement::ids::TraceNumber;
use settlement::returns::{Again, Billed, Told};
use std::collections::BTreeMap;

/// The answers billed until now, by the traces that they answer.
pub struct BilledAnswers {
    billed: BTreeMap<TraceNumber, Vec<Told>>,
}

impl BilledAnswers {
    /// Those that the days before were told.
    pub fn before(before: Option<&Reconciled>) -> BilledAnswers {
        let mut billed: BTreeMap<_, Vec<Told>> = BTreeMap::new();
        for told in before.into_iter().flat_map(|before| &before.answered) {
            billed.entry(told.trace).or_default().push(told.clone());
        }
        BilledAnswers { billed }
    }

    /// As what a row's answer is billed; nothing where it is not, or was before. A return that
    /// corrects another is the same item.
    ///
    /// # Errors
    /// Where a value of the row is none of its kind.
    pub fn bill(&mut self, row: &AchReturn<'_>) -> Result<Option<Billed>> {
        let (answer, payment) = (answer(row)?, payment_of(row)?);
        let Some(billed) = answer.kind.billed() else {
            return Ok(None);
        };
        let told = self.billed.entry(answer.original_trace).or_default();
        let again = Told::among(told.iter(), &answer, payment);
        told.push(Told::of(&answer, payment));
        Ok((again == Again::New).then_some(billed))
    }
}
