//! The summary for a terminal: fits 80 columns and needs no colors.

use super::data::{ReportData, Savings, Tally, number, percent, usd};
use super::verdict::verdict;
use comfy_table::{CellAlignment, ContentArrangement, LineStyle, Table, TableStyle};
use settlement::foreign;
use settlement::savings::MicroDollars;
use std::fmt::Write;

/// Columns that every terminal has room for.
const WIDTH: u16 = 80;
/// Open breaks shown one by one; the page has those of every kind.
const MAX_BREAKS: usize = 20;

/// The summary of `data`, ending in a line end.
pub fn render(data: &ReportData) -> String {
    let mut text = String::new();
    head(&mut text, data);
    section(&mut text, "Payments", conservation(data));
    section(&mut text, "Days", days(data));
    section(&mut text, "Breaks, the most dollars first", kinds(data));
    section(&mut text, "Open breaks", open_breaks(data));
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
        let _ = writeln!(text, " {}: {}", foreign::line(name), foreign::line(figure));
    }
    let below = format!("Files, below {}", foreign::line(&data.dir));
    section(&mut text, &below, files(data));
    foot(&mut text, data);
    text
}

// Writing to a String cannot fail.
fn head(text: &mut String, data: &ReportData) {
    let word = if data.tied_out { "yes" } else { "NO" };
    let (from, to, source) = (data.from, data.to, foreign::line(&data.source));
    let _ = writeln!(text, "Tied out: {word}   {from} to {to}   {source}");
    for reason in &data.reasons {
        let _ = writeln!(text, "  - {}", foreign::line(reason));
    }
    let mut table = table(&[], 0..0);
    for said in verdict(data) {
        add(&mut table, [said.mark.as_str(), said.about, &said.text]);
    }
    text.push_str(&lines(&table));
}

fn foot(text: &mut String, data: &ReportData) {
    if let Some(newest) = data.archive.last() {
        let (days, hash) = (data.archive.len(), foreign::line(&newest.manifest));
        let _ = writeln!(
            text,
            "\nArchive: {days} days sealed, newest manifest\n {hash}"
        );
    }
    if !data.claims().is_empty() {
        let (count, page) = (data.claims().len(), data.below("claims.html"));
        let _ = writeln!(
            text,
            "The cost proposal's {count} claims, computed again, are in {page}"
        );
    }
}

fn section(text: &mut String, title: &str, table: Table) {
    if table.row_count() == 0 {
        let _ = writeln!(text, "\n{title}: none");
        return;
    }
    let _ = write!(text, "\n{title}\n{}", lines(&table));
}

/// The lines of a table, without trailing blanks, which would show up in every diff.
fn lines(table: &Table) -> String {
    table
        .lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect()
}

/// Adds a row of text that may come from outside.
fn add<const N: usize>(table: &mut Table, row: [impl AsRef<str>; N]) {
    table.add_row(row.map(|cell| foreign::line(cell.as_ref()).into_owned()));
}

/// A table whose columns from `right` to before `left` are right-aligned.
fn table(header: &[&str], right: std::ops::Range<usize>) -> Table {
    let mut table = Table::new();
    let rule = LineStyle::none().fill('─').junction('─');
    table.load_style(TableStyle::new().header_separator(rule));
    table
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(WIDTH);
    if !header.is_empty() {
        table.set_header(header.iter().copied());
    }
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
        "date", "cut", "files", "settled", "dollars", "returned", "breaks",
    ];
    let mut table = table(&header, 1..7);
    for day in &data.days {
        let [settled, dollars] = tally(day.settled);
        table.add_row([
            day.date.to_string(),
            number(day.cut.count),
            number(day.files),
            settled,
            dollars,
            number(day.returned.count),
            number(day.breaks),
        ]);
    }
    table
}

/// How many breaks of each kind, those that need somebody first.
fn kinds(data: &ReportData) -> Table {
    let mut table = table(&["status", "kind", "breaks", "dollars"], 2..4);
    for (status, of) in [
        ("open", &data.breaks.open),
        ("cleared", &data.breaks.cleared),
    ] {
        for kind in &of.kinds {
            let [count, cents] = tally(kind.sum);
            add(&mut table, [status, &kind.name, &count, &cents]);
        }
        if of.kinds.len() > 1 {
            let [count, cents] = tally(of.sum);
            add(&mut table, [status, "all of them", &count, &cents]);
        }
    }
    table
}

fn open_breaks(data: &ReportData) -> Table {
    let mut table = table(&["kind", "key", "dollars", "days"], 2..4);
    let open = &data.breaks.open;
    for found in open.each().take(MAX_BREAKS) {
        let (amount, age) = (found.amount.to_string(), number(found.age_days(data.to)));
        add(&mut table, [&found.kind, &found.key, &amount, &age]);
    }
    if open.sum.count > MAX_BREAKS as u64 {
        let more = open.sum.count - MAX_BREAKS as u64;
        table.add_row([format!("and {} more", number(more))]);
    }
    table
}

fn clearing(data: &ReportData) -> Table {
    let mut table = table(&["account", "name", "balance", "why"], 2..3);
    for of in &data.clearing {
        let mut why = of.why.clone();
        if of.is_clear() {
            why = "at zero".to_owned();
        } else if of.unexplained > 0 {
            why = format!("{why} {} NOT EXPLAINED", number(of.unexplained));
        }
        let balance = of.balance.to_string();
        add(&mut table, [&of.account, &of.name, &balance, &why]);
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
        add(&mut table, [&of.what, &number(of.count), &of.place]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::{super::sample::sample, *};
    use crate::report::breaks::Breaks;

    fn assert_fits(text: &str) {
        let wide = |line: &&str| line.chars().count() > usize::from(WIDTH);
        let long: Vec<&str> = text.lines().filter(wide).collect();
        assert!(long.is_empty(), "{long:#?}");
    }

    #[test]
    fn the_summary_fits_eighty_columns_and_has_no_escapes() {
        let text = render(&sample());
        assert_fits(&text);
        assert!(!text.contains('\u{1b}'));
        assert!(text.starts_with("Tied out: yes"));
        for found in [
            "MISSING_AT_BANK",
            "2110",
            "Unauthorized",
            "all days",
            "tieout-data/claims.html",
            "1,120",
        ] {
            assert!(text.contains(found), "{found} is not in\n{text}");
        }
    }

    #[test]
    fn what_comes_from_outside_cannot_move_the_cursor() {
        let mut data = sample();
        let mut found = data.breaks.open.kinds[0].breaks[0].clone();
        let hostile = "x\u{1b}[2J\u{9b}31m\r\u{202e}y";
        (found.key, found.kind) = (hostile.to_owned(), hostile.to_owned());
        data.breaks = Breaks::of(vec![found]).unwrap();
        data.clearing[1].why = hostile.to_owned();
        data.reasons = vec![hostile.to_owned()];
        let text = render(&data);
        let moves = |c: char| c != '\n' && foreign::is_unseen(c);
        assert!(!text.contains(moves), "{text:?}");
        assert!(text.contains(r"x\u{1b}[2J"), "{text:?}");
    }

    #[test]
    fn amounts_of_a_large_year_and_long_keys_fit_as_well() {
        let mut data = sample();
        let mut found = data.breaks.open.kinds[0].breaks[0].clone();
        found.key = "2026-11-30-0500-statement-2026-11-27-of-the-second-account.bai".to_owned();
        found.amount = settlement::money::SignedCents::new(-999_999_999_999);
        data.breaks = Breaks::of(vec![found; 30]).unwrap();
        let text = render(&data);
        assert_fits(&text);
        assert!(text.contains("and 10 more"), "{text}");
    }
}
