//! The summary for a terminal: fits 100 columns and needs no colors.

use super::data::{ReportData, Savings, Tally, number, percent, usd};
use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use settlement::savings::MicroDollars;
use std::fmt::Write;

/// Columns that every terminal has room for.
const WIDTH: u16 = 100;
/// Breaks shown one by one; the page lists them all.
const MAX_BREAKS: usize = 20;

/// The summary of `data`, ending in a line end.
pub fn render(data: &ReportData) -> String {
    let mut text = String::new();
    let word = if data.tied_out { "yes" } else { "NO" };
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "Tied out: {word}   {} to {}   {}",
        data.from, data.to, data.source
    );
    data.reasons
        .iter()
        .for_each(|reason| text.push_str(&format!("  - {reason}\n")));
    section(&mut text, "Payments", conservation(data));
    section(&mut text, "Days", days(data));
    section(&mut text, "Breaks", breaks(data));
    section(&mut text, "Clearing accounts", clearing(data));
    section(&mut text, "Return rates", rates(data));
    if let Some(savings) = &data.savings {
        section(&mut text, "Cost and savings, US dollars", costs(savings));
        text.push_str(
            "The card column changes the payment method; the page says what is left out.\n",
        );
    }
    section(&mut text, "Jobs", timings(data));
    for (name, figure) in &data.figures {
        let _ = writeln!(text, " {name}: {figure}");
    }
    section(&mut text, "Files", files(data));
    if let Some(newest) = data.archive.last() {
        let (days, hash) = (data.archive.len(), &newest.manifest);
        let _ = writeln!(
            text,
            "\nArchive: {days} days sealed, newest manifest\n {hash}"
        );
    }
    text
}

fn section(text: &mut String, title: &str, table: Table) {
    if table.row_count() == 0 {
        let _ = writeln!(text, "\n{title}: none");
        return;
    }
    // Trailing blanks would show up in every diff.
    let lines: Vec<String> = table
        .lines()
        .map(|line| line.trim_end().to_owned())
        .collect();
    let _ = writeln!(text, "\n{title}\n{}", lines.join("\n"));
}

/// A table whose columns from `right` to before `left` are right-aligned.
fn table(header: &[&str], right: std::ops::Range<usize>) -> Table {
    let mut table = Table::new();
    let rule = LineStyle::none().fill('─').junction('─');
    table.load_style(TableStyle::new().header_separator(rule));
    table
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(WIDTH);
    table.set_header(header.iter().copied());
    for at in right {
        if let Some(column) = table.column_mut(at) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

fn tally(tally: Tally) -> [String; 2] {
    [number(tally.count), tally.cents.to_string()]
}

fn conservation(data: &ReportData) -> Table {
    let mut table = table(&["", "payments", "dollars"], 1..3);
    let mut row = |name: &str, of: Tally| {
        let [count, cents] = tally(of);
        table.add_row([name.to_owned(), count, cents]);
    };
    row("In", data.conservation.taken_in);
    data.conservation
        .places()
        .into_iter()
        .for_each(|(name, of)| row(name, of));
    row(
        "Accounted for",
        data.conservation.accounted_for().unwrap_or_default(),
    );
    table
}

fn days(data: &ReportData) -> Table {
    let header = [
        "date", "cut", "files", "entries", "settled", "dollars", "returned", "breaks",
    ];
    let mut table = table(&header, 1..8);
    for day in &data.days {
        let [settled, dollars] = tally(day.settled);
        table.add_row([
            day.date.to_string(),
            number(day.cut.count),
            number(day.files),
            number(day.entries),
            settled,
            dollars,
            number(day.returned.count),
            number(day.breaks),
        ]);
    }
    table
}

fn breaks(data: &ReportData) -> Table {
    let mut table = table(&["kind", "key", "dollars", "status"], 2..3);
    for found in data.breaks.iter().take(MAX_BREAKS) {
        let (kind, key) = (found.kind.clone(), found.key.clone());
        table.add_row([kind, key, found.amount.to_string(), found.status.clone()]);
    }
    let more = data.breaks.len().saturating_sub(MAX_BREAKS);
    if more > 0 {
        table.add_row([format!("and {more} more")]);
    }
    table
}

fn clearing(data: &ReportData) -> Table {
    let mut table = table(&["account", "name", "balance", "why"], 2..3);
    for of in &data.clearing {
        let why = if of.why.is_empty() {
            "at zero".to_owned()
        } else {
            of.why.clone()
        };
        table.add_row([
            of.account.clone(),
            of.name.clone(),
            of.balance.to_string(),
            why,
        ]);
    }
    table
}

fn rates(data: &ReportData) -> Table {
    let mut table = table(
        &[
            "rate",
            "returned",
            "debits sent",
            "percent",
            "threshold",
            "",
        ],
        1..5,
    );
    for rate in &data.rates {
        table.add_row([
            rate.name.clone(),
            number(rate.returned),
            number(rate.originated),
            percent(rate.rate()),
            percent(u64::from(rate.limit)),
            if rate.exceeded() { "ABOVE" } else { "below" }.to_owned(),
        ]);
    }
    table
}

fn costs(savings: &Savings) -> Table {
    let mut table = table(
        &[
            "period",
            "payments",
            "cost",
            "like for like",
            "card processor",
        ],
        1..5,
    );
    let all = ("all days".to_owned(), savings.totals);
    for (name, totals) in savings.periods.iter().chain([&all]) {
        let sum = |amount: Option<MicroDollars>| usd(amount.unwrap_or_default());
        table.add_row([
            name.clone(),
            number(totals.payments),
            sum(totals.cost.total()),
            sum(totals.cost.like_for_like()),
            usd(totals.cost.card),
        ]);
    }
    table
}

fn timings(data: &ReportData) -> Table {
    let mut table = table(&["job", "ms", "items", "items/s"], 1..4);
    for of in &data.timings {
        let rate = of.per_second().map_or_else(|| "-".to_owned(), number);
        table.add_row([
            of.job.clone(),
            number(of.elapsed_ms),
            number(of.items),
            rate,
        ]);
    }
    table
}

fn files(data: &ReportData) -> Table {
    let mut table = table(&["what", "files", "where"], 1..2);
    for of in &data.files {
        table.add_row([of.what.clone(), number(of.count), of.place.clone()]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::{super::sample::sample, *};

    #[test]
    fn the_summary_fits_a_hundred_columns_and_has_no_escapes() {
        let text = render(&sample());
        assert!(
            text.lines()
                .all(|line| line.chars().count() <= usize::from(WIDTH)),
            "{text}"
        );
        assert!(!text.contains('\u{1b}'));
        assert!(text.starts_with("Tied out: yes"));
        for found in ["missing_settlement", "2110", "Unauthorized", "all days"] {
            assert!(text.contains(found), "{found} is not in\n{text}");
        }
    }
}
