//! What commands print: text for people, one JSON document for programs.

use crate::cut::Preview;
use crate::day::Day;
use crate::tally::Tally;
use crate::verify::Proof;
use desk::failure::{Failure, Result, Status};
use serde::Serialize;
use settlement::money::Cents;
use std::io::Write;

/// Where results go.
pub struct Output {
    /// One JSON document instead of text.
    pub json: bool,
}

impl Output {
    /// Prints text.
    pub fn text(&self, text: &str) -> Result<()> {
        written(writeln!(std::io::stdout().lock(), "{}", text.trim_end()))
    }

    /// Prints a document.
    pub fn json<T: Serialize>(&self, document: &T) -> Result<()> {
        let text = serde_json::to_string(document)
            .map_err(|e| Failure::could_not(format!("cannot print the result: {e}")))?;
        written(writeln!(std::io::stdout().lock(), "{text}"))
    }

    /// Prints a job's tally; findings are exit status 1.
    pub fn tally(&self, tally: &Tally) -> Result<Option<Status>> {
        if self.json {
            self.json(tally)?
        } else {
            self.text(&tally.to_string())?
        }
        Ok(status(std::slice::from_ref(tally)))
    }

    /// Prints several tallies.
    pub fn tallies(&self, tallies: &[Tally]) -> Result<Option<Status>> {
        if self.json {
            self.json(&tallies)?;
        } else {
            tallies
                .iter()
                .try_for_each(|tally| self.text(&tally.to_string()))?;
        }
        Ok(status(tallies))
    }

    /// Prints a day.
    pub fn day(&self, day: &Day) -> Result<Option<Status>> {
        if !self.json {
            return self.tallies(&day.tallies);
        }
        self.json(day)?;
        Ok(status(&day.tallies))
    }

    /// Prints what was proved.
    pub fn proof(&self, proof: &Proof) -> Result<()> {
        if self.json {
            self.json(proof)
        } else {
            self.text(&proof.to_string())
        }
    }

    /// Prints what cuts would do.
    pub fn previews(&self, previews: &[Preview]) -> Result<()> {
        if self.json {
            return self.json(&previews);
        }
        previews
            .iter()
            .try_for_each(|preview| self.text(&preview_text(preview)))
    }
}

fn status(tallies: &[Tally]) -> Option<Status> {
    tallies
        .iter()
        .any(|tally| tally.findings > 0)
        .then_some(Status::Findings)
}

fn preview_text(preview: &Preview) -> String {
    if preview.cut_already {
        return format!("{} {} is cut already\n", preview.date, preview.window);
    }
    use comfy_table::{CellAlignment, Table, presets};
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header([
        "batch", "lane", "side", "settles", "entries", "debits", "credits",
    ]);
    for batch in &preview.batches {
        table.add_row([
            batch.key.clone(),
            batch.lane.clone(),
            batch.side.to_owned(),
            batch.settles_on.to_string(),
            batch.entries.to_string(),
            Cents::new(batch.debit_cents).to_string(),
            Cents::new(batch.credit_cents).to_string(),
        ]);
    }
    for column in 4..7 {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    let mut text = format!("{} {}, if it were cut now:\n", preview.date, preview.window);
    if preview.batches.is_empty() {
        text.push_str("  nothing waits for this window\n");
    } else {
        text.push_str(&format!("{table}\n"));
    }
    for (why, (count, cents)) in &preview.held {
        text.push_str(&format!("  {count} stay ({}): {why}\n", Cents::new(*cents)));
    }
    let cost = settlement::savings::MicroDollars::new(preview.cost_micros);
    text.push_str(&format!("  the bank would charge {cost} dollars\n"));
    text
}

/// A reader of ours that went away (`| head`) is not an error.
fn written(result: std::io::Result<()>) -> Result<()> {
    match result {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            let kept = "what was asked for is done; only its result is not printed";
            Err(Failure::of_file(std::path::Path::new("stdout"), kept)(
                error,
            ))
        }
        _ => Ok(()),
    }
}
