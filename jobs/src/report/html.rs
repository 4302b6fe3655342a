//! The page that stands alone.

use super::data::{self, Day, ReportData, ReturnRate, Savings, Tally, Timing};
use askama::Template;
use settlement::{
    money::Cents,
    savings::{MicroDollars, PaymentCost},
};
use std::borrow::Borrow;

/// Most breaks and days listed one by one; the page says how many more there are.
const MAX_LISTED: usize = 1_000;
/// Width of the bars of a chart, in the drawing's own units.
const BAR: u64 = 520;

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'d> {
    data: &'d ReportData,
}

/// One bar of a chart.
struct Bar {
    name: &'static str,
    class: &'static str,
    width: u64,
    text: String,
}

/// The page for `data`; the same data give the same bytes.
///
/// # Errors
/// [`askama::Error`] where the text cannot be written, which does not happen in memory.
pub fn render(data: &ReportData) -> Result<String, askama::Error> {
    Page { data }.render()
}

impl Page<'_> {
    // The template hands over values and references alike.
    fn n(&self, value: impl Borrow<u64>) -> String {
        data::number(*value.borrow())
    }

    fn usd(&self, amount: impl Borrow<MicroDollars>) -> String {
        data::usd(*amount.borrow())
    }

    fn usd_or_gap(&self, amount: &Option<MicroDollars>) -> String {
        amount
            .as_ref()
            .map_or_else(|| "not given".to_owned(), |amount| data::usd(*amount))
    }

    fn bytes(&self, value: &u64) -> String {
        data::bytes(*value)
    }

    fn per_second(&self, of: &Timing) -> String {
        of.per_second().map_or_else(|| "–".to_owned(), data::number)
    }

    fn rate(&self, of: &ReturnRate) -> String {
        data::percent(of.rate())
    }

    fn limit(&self, of: &ReturnRate) -> String {
        data::percent(u64::from(of.limit))
    }

    fn total(&self, cost: &PaymentCost) -> MicroDollars {
        cost.total().unwrap_or_default()
    }

    fn like(&self, cost: &PaymentCost) -> MicroDollars {
        cost.like_for_like().unwrap_or_default()
    }

    fn accounted_for(&self) -> Tally {
        self.data.conservation.accounted_for().unwrap_or_default()
    }

    fn listed_breaks(&self) -> &[data::Break] {
        self.data
            .breaks
            .get(..MAX_LISTED)
            .unwrap_or(&self.data.breaks)
    }

    fn unlisted_breaks(&self) -> usize {
        self.data.breaks.len().saturating_sub(MAX_LISTED)
    }

    fn listed_days(&self) -> &[Day] {
        self.data.days.get(..MAX_LISTED).unwrap_or(&self.data.days)
    }

    /// The first and last hexadecimal digits, enough to compare by eye; the whole is in the title.
    fn short(&self, hash: &str) -> String {
        match (hash.get(..10), hash.get(hash.len().saturating_sub(6)..)) {
            (Some(first), Some(last)) if hash.len() > 20 => format!("{first}…{last}"),
            _ => hash.to_owned(),
        }
    }

    fn per_payment(&self, amount: impl Borrow<MicroDollars>, payments: &u64) -> String {
        let payments = i64::try_from(*payments).unwrap_or(i64::MAX);
        let each = amount.borrow().get().checked_div(payments).unwrap_or(0);
        format!("{:.4}", MicroDollars::new(each).usd().round_dp(4))
    }

    fn saved(&self, of: impl Borrow<MicroDollars>, cost: &PaymentCost) -> String {
        of.borrow()
            .checked_sub(self.total(cost))
            .map_or_else(String::new, data::usd)
    }

    /// Our cost beside the baselines, the longest bar the dearest.
    fn cost_bars(&self, savings: &Savings) -> Vec<Bar> {
        let cost = &savings.totals.cost;
        let all = [
            ("tieout", "ours", self.total(cost)),
            ("Like for like", "like", self.like(cost)),
            ("Card processor", "card", cost.card),
        ];
        let most = all
            .iter()
            .map(|(_, _, amount)| amount.get())
            .max()
            .unwrap_or(0)
            .max(1);
        let bar = |(name, class, amount): (&'static str, &'static str, MicroDollars)| {
            let part = i128::from(amount.get().max(0)) * i128::from(BAR) / i128::from(most);
            let width = u64::try_from(part).unwrap_or(BAR).max(2);
            Bar {
                name,
                class,
                width,
                text: data::usd(amount),
            }
        };
        all.into_iter().map(bar).collect()
    }

    /// Where the payments are, as parts of one bar: name, class, start, width.
    fn places(&self) -> Vec<(&'static str, String, u64, u64)> {
        let whole = self.data.conservation.taken_in.count.max(1);
        let mut at = 0_u64;
        let place = |(name, tally): (&'static str, Tally)| {
            let width = tally.count.saturating_mul(1000) / whole;
            let width = width.max(u64::from(tally.count > 0) * 3);
            let start = at;
            at = at.saturating_add(width);
            (name, name.to_lowercase(), start, width)
        };
        self.data
            .conservation
            .places()
            .into_iter()
            .map(place)
            .collect()
    }

    fn break_cents(&self) -> Cents {
        Cents::sum(self.data.breaks_by_kind().into_values().map(|t| t.cents)).unwrap_or_default()
    }

    fn elapsed_ms(&self) -> u64 {
        self.data
            .timings
            .iter()
            .fold(0, |sum, t| sum.saturating_add(t.elapsed_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::sample;
    use super::*;

    #[test]
    fn the_page_stands_alone_and_says_the_same_twice() {
        let page = render(&sample()).unwrap();
        for outside in [
            "http:", "https:", "<script", "url(", "@import", "<link", "src=",
        ] {
            assert!(!page.contains(outside), "{outside}");
        }
        assert_eq!(page, render(&sample()).unwrap());
        assert!(page.starts_with("<!doctype html>\n<html lang=\"en\">"));
        assert!(page.contains("Tied out"));
        if let Some(dir) = std::env::var_os("TIEOUT_SAMPLE_REPORT") {
            std::fs::write(dir, &page).unwrap();
        }
    }

    #[test]
    fn text_from_outside_cannot_become_markup() {
        let mut data = sample();
        data.breaks[0].explanation = "<script>x</script>".to_owned();
        let page = render(&data).unwrap();
        assert!(!page.contains("<script"));
    }

    #[test]
    fn money_is_printed_to_the_cent() {
        assert_eq!(data::usd(MicroDollars::new(-1_234_565_000)), "-1,234.56");
        assert_eq!(data::usd(MicroDollars::new(5_000_000)), "5.00");
        assert_eq!(data::number(1_234_567), "1,234,567");
    }
}
