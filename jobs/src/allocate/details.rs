//! The parts of the lines of a date, as the bank lists them.

use crate::parts;
use crate::records;
use crate::records::ingested::Ingested;
use desk::failure::Result;
use desk::{CHUNK, Desk, names};
use formats::tables::{BankLineDetail, BankLineDetails};
use jiff::civil::Date;
use settlement::ids::{PaymentId, TraceNumber};
use settlement::money::SignedCents;
use std::collections::BTreeMap;

/// A part of a line.
pub struct Part {
    /// What it moved, where the bank says so.
    pub cents: Option<SignedCents>,
    /// Its references, and its text last.
    pub fields: Vec<String>,
    /// The entry of the payment whose id it repeats.
    pub trace: Option<TraceNumber>,
}

/// The parts of the lines that came on a date, by the line's name, in the bank's order.
///
/// # Errors
/// Where a table or the store cannot be read.
pub async fn of(desk: &Desk, date: Date) -> Result<BTreeMap<String, Vec<Part>>> {
    let objects = &*desk.ports.objects;
    let all = records::all::<Ingested>(objects, &names::ingested_prefix(date)).await?;
    let all = all.iter();
    let mut rows = Vec::new();
    for part in all.flat_map(|file| parts::of_table::<BankLineDetails>(&file.parts)) {
        rows.extend(parts::rows_of::<BankLineDetails>(objects, part).await?);
    }
    let entries = entries(desk, &rows).await?;
    let mut all: BTreeMap<String, Vec<Part>> = BTreeMap::new();
    for row in &rows {
        let trace = payments(row).find_map(|id| entries.get(&id).copied());
        let fields = [&*row.references, &*row.text];
        all.entry(row.line_id.to_string()).or_default().push(Part {
            cents: row.amount,
            fields: fields.map(str::to_owned).into(),
            trace,
        });
    }
    Ok(all)
}

/// The words of a part that may be ids of payments of ours.
fn payments(row: &BankLineDetail<'_>) -> impl Iterator<Item = PaymentId> {
    let words = row.references.split(|c: char| !c.is_ascii_alphanumeric());
    words.filter_map(|word| word.parse().ok())
}

/// The entries of the payments that parts name.
async fn entries(
    desk: &Desk,
    rows: &[BankLineDetail<'_>],
) -> Result<BTreeMap<PaymentId, TraceNumber>> {
    let mut ids: Vec<PaymentId> = rows.iter().flat_map(payments).collect();
    ids.sort_unstable();
    ids.dedup();
    let mut entries = BTreeMap::new();
    for chunk in ids.chunks(CHUNK) {
        for payment in desk.ports.payments.get(chunk).await?.into_iter().flatten() {
            if let Some(entry) = payment.entry {
                entries.insert(payment.id, entry.trace);
            }
        }
    }
    Ok(entries)
}
