//! Which of the answers that came the bank bills, and as what: each once, however often it is
//! told. The books accrue by it, and so does the cost of each payment.

use crate::records::reconciled::Reconciled;
use desk::failure::{Failure, Result};
use formats::tables::AchReturn;
use settlement::ids::TraceNumber;
use settlement::returns::{AnswerKind, Billed};
use std::collections::BTreeSet;

/// The kind of a row's answer.
///
/// # Errors
/// Where the row names none.
pub fn kind_of(row: &AchReturn<'_>) -> Result<AnswerKind> {
    let (file, line) = (&row.file, row.line);
    let wrong = |e| Failure::damaged(format!("ach_returns, {file}:{line}: {e}"));
    row.kind.parse().map_err(wrong)
}

/// The answers billed until now.
pub struct BilledAnswers {
    billed: BTreeSet<(i64, bool)>,
}

impl BilledAnswers {
    /// Those that the days before were told.
    pub fn before(before: Option<&Reconciled>) -> BilledAnswers {
        let answered = before.into_iter().flat_map(|before| &before.answered);
        let billed = answered.map(|answer| (key(answer.trace), answer.change));
        BilledAnswers {
            billed: billed.collect(),
        }
    }

    /// As what a row's answer is billed; nothing where it is not, or was before.
    ///
    /// # Errors
    /// Where the row names no kind.
    pub fn bill(&mut self, row: &AchReturn<'_>) -> Result<Option<Billed>> {
        let kind = kind_of(row)?;
        let billed = kind.billed();
        Ok(billed.filter(|_| self.billed.insert((row.original_trace, kind.is_notice()))))
    }
}

fn key(trace: TraceNumber) -> i64 {
    trace.key()
}
