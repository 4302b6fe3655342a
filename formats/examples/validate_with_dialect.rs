//! Holds one file against the rules as they stand, and as one bank weighs them.
//!
//! `cargo run -p formats --example validate_with_dialect`

use formats::nacha::generate::{Plan, generate};
use formats::nacha::{Arm, Dialect, Report, SecCode, validate, validate_under};
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    // A file without the records of nines that fill up its last block, and with a wrong amount.
    let whole = generate(Vec::new(), &Plan::of(SecCode::Ppd, 3))?.0;
    let text = String::from_utf8(whole)?;
    let lines = text.lines().filter(|line| !line.starts_with("99999"));
    let mut lines: Vec<_> = lines.map(str::to_owned).collect();
    lines[2].replace_range(29..39, "0000O12345");
    let bytes = lines.join("\n").into_bytes();

    show("the rules as they stand", &validate(&bytes[..])?);

    // The arms come from a bank's profile; each is there for a reason that the profile names.
    let lenient = Dialect::of([Arm::OpenBlock]);
    show(
        "a bank that takes open blocks",
        &validate_under(&bytes[..], &lenient)?,
    );
    let strict = Dialect::of([Arm::FullBlock]);
    show(
        "a bank that does not",
        &validate_under(&bytes[..], &strict)?,
    );
    Ok(())
}

fn show(whose: &str, report: &Report) {
    let findings = &report.findings;
    println!(
        "{whose}: {} errors, {} warnings",
        findings.errors(),
        findings.warnings()
    );
    for finding in findings.kept() {
        println!("  {finding}");
    }
}
