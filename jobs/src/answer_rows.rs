//! Rows of `ach_returns` as answers: read alike by whoever prices, books or reconciles them.

use desk::failure::{Failure, Result, too_large};
use formats::tables::AchReturn;
use settlement::ids::{DfiId, Direction, PaymentId, TraceNumber};
use settlement::returns::{Answer, AnswerKind};

/// The kind of a row's answer.
///
/// # Errors
/// Where the row names none.
pub fn kind_of(row: &AchReturn<'_>) -> Result<AnswerKind> {
    let (file, line) = (&row.file, row.line);
    let wrong = |e| Failure::damaged(format!("ach_returns, {file}:{line}: {e}"));
    row.kind.parse().map_err(wrong)
}

/// The payment that ingestion found a row to be about.
///
/// # Errors
/// Where the row's number is none of a payment.
pub fn payment_of(row: &AchReturn<'_>) -> Result<Option<PaymentId>> {
    Ok(row.payment_key.map(PaymentId::from_key).transpose()?)
}

/// What a row says. A row of before rows had names goes by its file and line.
///
/// # Errors
/// Where a value of the row is none of its kind.
pub fn answer(row: &AchReturn<'_>) -> Result<Answer> {
    let direction: Direction = row.direction.parse()?;
    let id = match &row.return_id {
        Some(id) => id.to_string(),
        None => format!("{}:{}", row.file, row.line),
    };
    let cents = direction.on_our_account(row.amount.magnitude());
    let rdfi = u32::try_from(row.original_rdfi)
        .map_err(|_| Failure::damaged(format!("ach_returns, {id}: no number of a bank")))?;
    Ok(Answer {
        kind: kind_of(row)?,
        code: row.code.to_string(),
        by: trace_of(row.return_trace)?,
        original_trace: trace_of(row.original_trace)?,
        original_rdfi: DfiId::new(rdfi)?,
        company: row.company_id.to_string(),
        cents: cents.ok_or_else(|| too_large(&id))?,
        settled: row.settled_date.unwrap_or(row.received_date),
        received: row.received_date,
        payment: row.names_payment.map(PaymentId::from_key).transpose()?,
        // The rows do not have it, and what ingestion made of it is held against them.
        account_last4: None,
        id,
    })
}

fn trace_of(key: i64) -> Result<TraceNumber> {
    let number =
        u64::try_from(key).map_err(|_| Failure::damaged("ach_returns: a trace is negative"))?;
    Ok(TraceNumber::from_number(number)?)
}
