//! The lines of statements: as rows of the table, and as the legs see them.

use crate::parts;
use crate::records;
use crate::records::ingested::Ingested;
use desk::failure::{Failure, Result};
use desk::{Desk, names};
use formats::tables::{BankLine, BankLines};
use jiff::civil::Date;
use settlement::ids::TraceNumber;
use settlement::reconcile::legs::l3;

/// The statement lines ingested on `date`, in the order of files and lines.
///
/// # Errors
/// Where a part cannot be read.
pub async fn lines(desk: &Desk, date: Date) -> Result<Vec<BankLine<'static>>> {
    let objects = &*desk.ports.objects;
    let mut lines = Vec::new();
    let all = records::all::<Ingested>(objects, &names::ingested_prefix(date)).await?;
    let all = all.iter();
    for part in all.flat_map(|file| parts::of_table::<BankLines>(&file.parts)) {
        lines.extend(parts::rows_of::<BankLines>(objects, part).await?);
    }
    Ok(lines)
}

/// The line behind a row of the table.
///
/// # Errors
/// Where the row's role is not one.
pub fn line_of(row: &BankLine<'_>) -> Result<l3::Line> {
    let wrong = |e| Failure::damaged(format!("bank_lines, {}: {e}", row.line_id));
    let trace = row.trace.and_then(|t| u64::try_from(t).ok());
    Ok(l3::Line {
        id: row.line_id.to_string(),
        role: row.role.parse().map_err(wrong)?,
        batch: row
            .batch_key
            .and_then(|_| row.customer_reference.parse().ok()),
        trace: trace.and_then(|t| TraceNumber::from_number(t).ok()),
        cents: row.amount,
        value_date: row.value_date,
        reference: row.bank_reference.to_string(),
    })
}
