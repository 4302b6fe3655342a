//! The lines of statements, as rows of the table.

use crate::parts;
use crate::records;
use crate::records::ingested::Ingested;
use desk::failure::Result;
use desk::{Desk, names};
use formats::tables::{BankLine, BankLines};
use jiff::civil::Date;

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
