//! What became of a date's files, as a tally: every record in one disposition, and every file that
//! somebody must look at by its name and reason.

use crate::records;
use crate::records::ingested::{Aside, Ingested, Outcome};
use crate::records::sum::Sum;
use crate::tally::Tally;
use desk::Desk;
use desk::failure::{Failure, Result};
use desk::names;
use jiff::civil::Date;
use settlement::foreign;
use settlement::money::SignedCents;
use settlement::reconcile::legs::BreakKind;

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
    for file in &all {
        let Sum { records, cents } = file.records;
        tally.take(records, cents)?;
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
    tally.proofs = all.iter().flat_map(|file| spoken(file)).collect();
    if tally.proofs.len() > MAX_SPOKEN {
        let more = tally.proofs.len() - MAX_SPOKEN;
        tally.proofs.truncate(MAX_SPOKEN);
        tally
            .proofs
            .push(format!("and {more} more: see the date's ingested records"));
    }
    Ok(tally)
}

/// What the tables have of a file: an acknowledgement has no rows, its records are events.
fn given(tally: &mut Tally, file: &Ingested) -> Result<()> {
    let (bad, left) = (file.quarantined, file.left_out);
    if file.parts.is_empty() {
        let good = file.records.records.checked_sub(bad.records);
        let good = good.and_then(|good| good.checked_sub(left.records));
        let wrong = || Failure::damaged(format!("{}: more put aside than came", file.name));
        tally.give(&file.kind, good.ok_or_else(wrong)?, SignedCents::ZERO)?;
    }
    for part in &file.parts {
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
fn spoken(file: &Ingested) -> Vec<String> {
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
    for rejected in &file.rejected {
        let said = file.findings.iter().find(|f| f.contains(rejected.as_str()));
        let said = said.map_or(rejected.as_str(), String::as_str);
        lines.push(format!("{name}: {said}"));
    }
    lines
}
