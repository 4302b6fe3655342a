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
                "line {}: {} for {}",
                place.line,
                batch.description(),
                batch.company_name(),
            ),
            Event::Entry(entry) => {
                let (line, detail) = (entry.place.line, entry.detail);
                let (Some(amount), Some(trace)) = (detail.amount(), detail.trace()) else {
                    println!("line {line}: an entry that cannot be read, the findings say why");
                    continue;
                };
                println!("line {line}: {amount} to {}, trace {trace}", detail.name());
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
