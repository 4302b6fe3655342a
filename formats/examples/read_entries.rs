//! Reads an ACH file and walks its entries: who is paid how much, and what goes with it.
//!
//! `cargo run -p formats --example read_entries [FILE]`; without a file it reads one that it
//! makes. Account numbers are not printed.

use formats::nacha::generate::{Plan, generate};
use formats::nacha::{Event, Reader, SecCode};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let bytes = match std::env::args().nth(1) {
        Some(path) => std::fs::read(path)?,
        None => generate(Vec::new(), &Plan::of(SecCode::Ctx, 2))?.0,
    };
    let mut reader = Reader::new(&bytes[..]);
    while let Some(event) = reader.next()? {
        match event {
            Event::BatchHeader(batch, place) => println!(
                "line {}: {} for {}, dated {:?}",
                place.line,
                batch.description(),
                batch.company_name(),
                batch.effective_date(),
            ),
            Event::Entry(entry) => {
                let detail = entry.detail;
                println!(
                    "line {}: {:?} of {:?} to {}, trace {:?}, {} errors",
                    entry.place.line,
                    detail.transaction_code(),
                    detail.amount(),
                    detail.name(),
                    detail.trace(),
                    entry.errors,
                );
                for words in entry.addenda().filter_map(|a| a.payment_information()) {
                    println!("    {words}");
                }
            }
            _ => {}
        }
    }
    let report = reader.finish()?;
    let totals = report.totals;
    println!(
        "{} entries, debits {}, credits {}",
        totals.entries, totals.debit, totals.credit
    );
    for finding in report.findings.kept() {
        println!("{finding}");
    }
    Ok(())
}
