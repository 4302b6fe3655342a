//! What became of a date's files, as a tally: every record in one disposition, and every file that
//! somebody must look at by its name and reason.

use crate::records;
use crate::records::ingested::{Aside, Ingested, Kept, Outcome, Waiting};
use crate::records::part::Part;
use crate::records::sum::Sum;
use crate::tally::Tally;
use desk::Desk;
use desk::failure::{Failure, Result};
use desk::names;
use formats::tables::{BankBalances, BankLineDetails, Table};
use jiff::civil::Date;
use settlement::foreign;
use settlement::money::SignedCents;
use settlement::reconcile::legs::BreakKind;
use std::collections::BTreeSet;

/// Files spoken of by name, at most; further ones are counted.
const MAX_SPOKEN: usize = 100;

/// Records and cents in the files against rows in the tables and what was put aside.
///
/// # Errors
/// Where a record cannot be read.
pub async fn report(desk: &Desk, date: Date) -> Result<Tally> {
    let objects = &*desk.ports.objects;
    let all = records::all::<Ingested>(objects, &names::ingested_prefix(date)).await?;
    let mut tally = Tally::new("ingest", date);
    let (mut duplicates, mut quarantined, mut rejected) = (0u64, 0u64, 0u64);
    let healed: BTreeSet<&Kept> = all.iter().flat_map(|file| &file.healed).collect();
    let waits = |one: &&Waiting| !healed.contains(&one.kept);
    for file in &all {
        let Sum { records, mut cents } = file.records;
        if file.outcome == Outcome::Quarantined {
            cents = SignedCents::ZERO; // nobody believes them, so nobody adds them up
        }
        tally.take(records, cents)?;
        tally.findings += file.waiting.iter().filter(waits).count() as u64;
        match file.outcome {
            Outcome::Taken => {
                given(&mut tally, file)?;
                tally.findings += file.quarantined.records;
                rejected += file.rejected.len() as u64;
            }
            Outcome::Duplicate { .. } => duplicates += 1,
            Outcome::Quarantined => {
                quarantined += 1;
                tally.give("quarantined", records, cents)?;
            }
        }
    }
    tally.findings += quarantined;
    tally.note("files", all.len());
    tally.note("duplicates", duplicates);
    tally.note("quarantined files", quarantined);
    tally.note("rejected files", rejected);
    tally.proofs = all.iter().flat_map(|file| spoken(file, &waits)).collect();
    if tally.proofs.len() > MAX_SPOKEN {
        let more = tally.proofs.len() - MAX_SPOKEN;
        tally.proofs.truncate(MAX_SPOKEN);
        tally
            .proofs
            .push(format!("and {more} more: see the date's ingested records"));
    }
    Ok(tally)
}

/// Whether what a record says was made of its file comes to what it says was in it.
///
/// # Errors
/// Where more was put aside than came.
pub fn ties_out(file: &Ingested) -> Result<bool> {
    // Nothing of it was believed, or statements of several files are told of one.
    let apart = file.outcome != Outcome::Taken || !file.healed.is_empty();
    if apart || !file.waiting.is_empty() {
        return Ok(true);
    }
    let mut tally = Tally::new("ingest", Date::MIN);
    tally.take(file.records.records, file.records.cents)?;
    given(&mut tally, file)?;
    Ok(tally.ties_out())
}

/// What the tables have of a file: an acknowledgement has no rows, its records are events.
fn given(tally: &mut Tally, file: &Ingested) -> Result<()> {
    let (bad, left) = (file.quarantined, file.left_out);
    let waiting = file.waiting.iter().map(|one| one.lines).sum::<u64>();
    let said = [BankBalances::INFO.name, BankLineDetails::INFO.name];
    let rows = |part: &&Part| !said.contains(&part.table.as_str());
    if !file.parts.iter().any(|part| rows(&part)) {
        let good = file.records.records.checked_sub(bad.records);
        let good = good.and_then(|good| good.checked_sub(left.records));
        let good = good.and_then(|good| good.checked_sub(waiting));
        let wrong = || Failure::damaged(format!("{}: more put aside than came", file.name));
        tally.give(&file.kind, good.ok_or_else(wrong)?, SignedCents::ZERO)?;
    }
    if waiting > 0 {
        tally.give("waiting", waiting, SignedCents::ZERO)?;
    }
    // Balances and parts are said of the lines, and are no records more.
    for part in file.parts.iter().filter(rows) {
        tally.give(&file.kind, part.rows, part.cents)?;
    }
    for (name, sum) in [("quarantined", bad), ("not booked", left)] {
        if sum.records > 0 {
            tally.give(name, sum.records, sum.cents)?;
        }
    }
    Ok(())
}

/// What is to be said of a file by name: why it is in quarantine, what of it is, what it rejects.
fn spoken(file: &Ingested, waits: &dyn Fn(&&Waiting) -> bool) -> Vec<String> {
    let name = foreign::line(&file.name);
    let mut lines = Vec::new();
    if file.outcome == Outcome::Quarantined {
        let kind = file.break_kind.unwrap_or(BreakKind::ControlTotal);
        let why = file.reason.as_deref().unwrap_or("no reason is recorded");
        lines.push(format!("{name}: quarantined, {kind}: {why}"));
        return lines;
    }
    if let Some(Aside { why: first, .. }) = file.aside.first() {
        let count = file.quarantined.records;
        lines.push(format!("{name}: {count} put aside, the first: {first}"));
    }
    for Waiting { why, .. } in file.waiting.iter().filter(waits) {
        lines.push(format!("{name}: waits, {}: {why}", BreakKind::SequenceGap));
    }
    for rejected in &file.rejected {
        let said = file.findings.iter().find(|f| f.contains(rejected.as_str()));
        let said = said.map_or(rejected.as_str(), String::as_str);
        lines.push(format!("{name}: {said}"));
    }
    lines
}
