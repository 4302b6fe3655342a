//! `tieout cut --dry-run` for people.

use crate::cut::Preview;
use comfy_table::{CellAlignment, Table, presets};
use settlement::foreign;
use settlement::money::Cents;
use settlement::savings::MicroDollars;

/// What a cut would do.
pub fn text(preview: &Preview) -> String {
    if preview.cut_already {
        return format!("{} {} is cut already\n", preview.date, preview.window);
    }
    let mut text = format!("{} {}, if it were cut now:\n", preview.date, preview.window);
    if preview.batches.is_empty() {
        text.push_str("  nothing waits for this window\n");
    } else {
        text.push_str(&format!("{}\n", table(preview)));
    }
    for (why, (count, cents)) in &preview.held {
        text.push_str(&format!(
            "  {count} stay ({}): {}\n",
            Cents::new(*cents),
            foreign::line(why)
        ));
    }
    let cost = MicroDollars::new(preview.cost_micros);
    text.push_str(&format!("  the bank would charge {cost} dollars\n"));
    text
}

fn table(preview: &Preview) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header([
        "batch", "lane", "side", "settles", "entries", "debits", "credits",
    ]);
    for batch in &preview.batches {
        table.add_row([
            batch.key.clone(),
            foreign::line(&batch.lane).into_owned(),
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
    table
}
