//! The lines of statements, as rows of the table.
//!
//! A later version of a statement takes lines back. A line that came and was taken back on the
//! same date never was; one that was booked on a date before is for [`crate::reversed`].

use crate::parts;
use crate::records;
use crate::records::ingested::Ingested;
use desk::failure::Result;
use desk::{Desk, names};
use formats::statement;
use formats::tables::{BankLine, BankLines};
use jiff::civil::Date;
use settlement::reconcile::receipt::Receipt;
use std::collections::BTreeSet;

/// The statement lines ingested on a date.
#[derive(Debug, Default)]
pub struct DayLines {
    /// Those that stand, in the order of files and lines.
    pub fresh: Vec<BankLine<'static>>,
    /// Rows that take back a line of a date before.
    pub back: Vec<BankLine<'static>>,
}

/// The statement lines ingested on `date`.
///
/// # Errors
/// Where a part cannot be read.
pub async fn lines(desk: &Desk, date: Date) -> Result<DayLines> {
    let objects = &*desk.ports.objects;
    let mut rows = Vec::new();
    let all = records::all::<Ingested>(objects, &names::ingested_prefix(date)).await?;
    let all = all.iter();
    for part in all.flat_map(|file| parts::of_table::<BankLines>(&file.parts)) {
        rows.extend(parts::rows_of::<BankLines>(objects, part).await?);
    }
    let (mut back, mut fresh): (Vec<_>, Vec<_>) =
        rows.into_iter().partition(|row| row.corrects.is_some());
    let came: BTreeSet<String> = fresh.iter().map(|row| row.line_id.to_string()).collect();
    let taken = back.iter().filter_map(|row| row.corrects.as_deref());
    let never: BTreeSet<String> = taken
        .filter(|id| came.contains(*id))
        .map(str::to_owned)
        .collect();
    fresh.retain(|row| !never.contains(&*row.line_id));
    back.retain(|row| row.corrects.as_deref().is_none_or(|id| !never.contains(id)));
    Ok(DayLines { fresh, back })
}

/// What a line of a file is.
pub fn receipt(line: &statement::Line) -> Receipt<'_> {
    Receipt {
        cents: line.amount,
        type_code: &line.type_code,
        bank_reference: &line.bank_reference,
        customer_reference: &line.customer_reference,
    }
}

/// What a row of the table is.
pub fn receipt_of<'a>(row: &'a BankLine<'_>) -> Receipt<'a> {
    Receipt {
        cents: row.amount,
        type_code: &row.type_code,
        bank_reference: &row.bank_reference,
        customer_reference: &row.customer_reference,
    }
}
