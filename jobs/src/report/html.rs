//! The pages that stand alone: the report, and the claims beside it.
//!
//! Askama escapes every value; what it lets through, control characters and those that turn the
//! order of reading, is shown as its escape in the finished page. A policy in the page's head
//! forbids it to load anything, so even markup that slipped through could fetch nothing.

use super::breaks::{Break, Kind, Kinds};
use super::data::{self, ReportData, ReturnRate, Savings, Tally};
use super::remedies;
use super::verdict::{self, Mark, Sentence};
use askama::Template;
use desk::failure::{Failure, Result};
use settlement::foreign;
use settlement::savings::{Claim, Holds, MicroDollars, PaymentCost};
use std::borrow::Borrow;
use std::cmp::Reverse;
use std::fs;
use std::path::{Path, PathBuf};

/// Most breaks of one kind listed one by one; the page says how many more there are.
const MAX_OF_A_KIND: usize = 200;
/// Width of the bars of a chart, in the drawing's own units.
const BAR: u64 = 520;
/// The report's name.
const REPORT: &str = "report.html";
/// The name of the claims' page, which lies beside the report.
const CLAIMS: &str = "claims.html";

#[derive(Template)]
#[template(path = "report.html")]
struct Page<'d> {
    data: &'d ReportData,
}

#[derive(Template)]
#[template(path = "claims.html")]
struct ClaimsPage<'d> {
    data: &'d ReportData,
}

/// One bar of a chart.
struct Bar {
    name: &'static str,
    class: &'static str,
    width: u64,
    text: String,
}

/// Breaks that are shown under one heading.
struct Group<'d> {
    id: &'static str,
    title: &'static str,
    kinds: &'d Kinds,
}

/// The pages of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pages {
    /// The report.
    pub report: String,
    /// The claims of the cost proposal; none where none were computed.
    pub claims: Option<String>,
}

/// The pages for `data`; the same days give the same bytes.
///
/// # Errors
/// [`askama::Error`] where the text cannot be written, which does not happen in memory.
pub fn pages(data: &ReportData) -> askama::Result<Pages> {
    let claims = !data.claims().is_empty();
    let claims = claims.then(|| ClaimsPage { data }.render()).transpose()?;
    Ok(Pages {
        report: foreign::lines(&Page { data }.render()?).into_owned(),
        claims: claims.map(|page| foreign::lines(&page).into_owned()),
    })
}

/// What is left where a page cannot be written.
const NO_PAGE: &str = "the days are as they ran; make room and run it again";

/// Writes the pages for `data` into the folder `dir`, and says where the report is.
///
/// # Errors
/// Where a page cannot be written, with its path.
pub fn write(data: &ReportData, dir: &Path) -> Result<PathBuf> {
    let pages = pages(data).map_err(|e| Failure::impossible(e.to_string()))?;
    let put = |name: &str, page: &str| {
        let path = dir.join(name);
        fs::write(&path, page).map_err(Failure::of_file(&path, NO_PAGE))?;
        Ok(path)
    };
    if let Some(claims) = &pages.claims {
        put(CLAIMS, claims)?;
    }
    put(REPORT, &pages.report)
}

/// Claims by whether they hold, in the order of the words.
fn claims_by_answer(claims: &[Claim]) -> Vec<(&'static str, u64)> {
    let all = [
        Holds::Yes,
        Holds::OnAWrongBase,
        Holds::No,
        Holds::Unsupported,
        Holds::Omitted,
    ];
    all.into_iter()
        .map(|holds| {
            let count = claims.iter().filter(|claim| claim.holds == holds).count();
            (holds.as_str(), count as u64)
        })
        .filter(|(_, count)| *count > 0)
        .collect()
}

impl ClaimsPage<'_> {
    fn answers(&self) -> Vec<(&'static str, u64)> {
        claims_by_answer(self.data.claims())
    }

    fn mark(&self, claim: &Claim) -> &'static str {
        match claim.holds {
            Holds::Yes => "good",
            Holds::No => "bad",
            Holds::OnAWrongBase | Holds::Unsupported | Holds::Omitted => "warn",
        }
    }
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

    fn verdict(&self) -> Vec<Sentence> {
        verdict::verdict(self.data)
    }

    /// The class and the sign of a mark: the color is never alone.
    fn mark(&self, of: &Sentence) -> (&'static str, &'static str) {
        match of.mark {
            Mark::Agrees => ("good", "✓"),
            Mark::Named => ("warn", "!"),
            Mark::Differs => ("bad", "✗"),
        }
    }

    fn groups(&self) -> Vec<Group<'_>> {
        let breaks = &self.data.breaks;
        let group = |id, title, kinds| Group { id, title, kinds };
        let mut all = vec![
            group("open", "Open", &breaks.open),
            group("cleared", "Cleared themselves", &breaks.cleared),
        ];
        all.retain(|group| !group.kinds.kinds.is_empty());
        all
    }

    fn listed<'k>(&self, kind: &'k Kind) -> &'k [Break] {
        kind.breaks.get(..MAX_OF_A_KIND).unwrap_or(&kind.breaks)
    }

    fn unlisted(&self, kind: &Kind) -> u64 {
        (kind.breaks.len() - self.listed(kind).len()) as u64
    }

    fn meaning(&self, kind: &Kind) -> &'static str {
        remedies::meaning(&kind.name)
    }

    fn remedy(&self, kind: &Kind) -> &'static str {
        remedies::remedy(&kind.name)
    }

    /// How long a break has been open; empty for one that is not.
    fn age(&self, found: &Break) -> String {
        match found.age_days(self.data.to) {
            _ if !found.is_open() => String::new(),
            1 => "1 day".to_owned(),
            days => format!("{} days", data::number(days)),
        }
    }

    fn claims(&self) -> String {
        let answers = claims_by_answer(self.data.claims());
        let parts = answers
            .iter()
            .map(|(answer, count)| format!("{answer} {}", data::number(*count)));
        parts.collect::<Vec<_>>().join(", ")
    }

    /// The items of our cost, the dearest first.
    fn cost_items(&self, cost: &PaymentCost) -> Vec<(String, MicroDollars)> {
        let mut items = cost.items();
        items.sort_by_key(|(_, amount)| Reverse(*amount));
        let words = |(name, amount): (&str, MicroDollars)| (name.replace('_', " "), amount);
        items.into_iter().map(words).collect()
    }

    /// The first and last hexadecimal digits, enough to compare by eye; the whole is in the title.
    fn short(&self, hash: &str) -> String {
        let last = hash.len().checked_sub(6).and_then(|from| hash.get(from..));
        match (hash.get(..10), last) {
            (Some(first), Some(last)) if hash.len() > 20 => format!("{first}…{last}"),
            _ => hash.to_owned(),
        }
    }

    fn per_payment(&self, amount: impl Borrow<MicroDollars>, payments: &u64) -> String {
        let all = i128::from(amount.borrow().get());
        // Without payments there is no share; and each share is smaller than the whole.
        let each = all.checked_div(i128::from(*payments)).unwrap_or(0);
        let each = i64::try_from(each).expect("a part of 64 bits");
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
            let width = tally.count * 1000 / whole;
            let width = width.max(u64::from(tally.count > 0) * 3);
            let start = at;
            at += width;
            (name, name.to_lowercase(), start, width)
        };
        self.data
            .conservation
            .places()
            .into_iter()
            .map(place)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::breaks::Breaks;
    use super::super::sample::sample;
    use super::*;
    use settlement::money::SignedCents;

    /// Breaks of three kinds, most of them open, with the longest keys that a bank's file gives.
    fn many() -> Breaks {
        let kinds = ["MISSING_AT_BANK", "UNEXPECTED_AT_BANK", "DATE"];
        let found = (0..600_i32).map(|at| {
            let kind = kinds[usize::try_from(at % 3).unwrap()];
            Break {
                kind: kind.to_owned(),
                key: format!("2026-11-30-0500-statement-2026-11-27-of-{at:05}.bai:1234"),
                date: sample().from,
                amount: SignedCents::new(i64::from(at) * 98_765 - 7_000_000),
                explanation: "the file contradicts itself: nothing of it was booked".to_owned(),
                status: if kind == "DATE" {
                    "auto cleared"
                } else {
                    "open"
                }
                .to_owned(),
            }
        });
        Breaks::of(found.collect()).unwrap()
    }

    fn both(data: &ReportData) -> [String; 2] {
        let pages = pages(data).unwrap();
        [pages.report, pages.claims.unwrap()]
    }

    #[test]
    fn the_page_stands_alone_and_says_the_same_twice() {
        let pages = both(&sample());
        for page in &pages {
            for outside in [
                "http:", "https:", "<script", "url(", "@import", "<link", "src=",
            ] {
                assert!(!page.contains(outside), "{outside}");
            }
            assert!(page.starts_with("<!doctype html>\n<html lang=\"en\">"));
        }
        assert_eq!(pages, both(&sample()));
        assert!(pages[0].contains("Tied out: yes"));
        if let Some(dir) = std::env::var_os("TIEOUT_SAMPLE_REPORT") {
            let mut data = sample();
            data.breaks = many();
            write(&data, Path::new(&dir)).unwrap();
        }
    }

    #[test]
    fn how_long_it_took_and_where_it_lay_do_not_reach_the_pages() {
        let (one, mut other) = (sample(), sample());
        for timing in &mut other.timings {
            timing.elapsed_ms += 1_234_567;
        }
        other.figures = vec![("memory at most".to_owned(), "123 MB".to_owned())];
        other.dir = "somewhere/else".to_owned();
        assert_eq!(both(&one), both(&other));
    }

    #[test]
    fn text_from_outside_cannot_become_markup_or_move_a_cursor() {
        let hostile =
            "<script>x</script>\"'><img onerror=x>&lt;\u{1b}[2J\u{0}\u{85}\u{202e}\u{200b}";
        let name = || hostile.to_owned();
        let mut data = sample();
        let mut found = data.breaks.open.kinds[0].breaks[0].clone();
        (found.kind, found.key) = (name(), name());
        found.explanation = name();
        data.breaks = Breaks::of(vec![found]).unwrap();
        (data.source, data.reasons) = (name(), vec![name()]);
        (data.clearing[0].why, data.clearing[0].name) = (name(), name());
        (data.files[0].place, data.returns[0].code) = (name(), name());
        let claims = &mut data.savings.as_mut().unwrap().claims;
        (claims[0].note, claims[0].formula) = (name(), name());
        for page in both(&data) {
            assert!(!page.contains("<script") && !page.contains("<img"));
            assert!(!page.contains("\"'>"), "an attribute could end");
            let odd = |c: char| c != '\n' && foreign::is_unseen(c);
            assert!(!page.contains(odd), "a control character");
            assert!(page.contains("&#60;script&#62;x"), "it is shown as text");
        }
    }

    #[test]
    fn open_breaks_come_first_and_many_of_a_kind_are_counted() {
        let mut data = sample();
        data.breaks = many();
        let page = pages(&data).unwrap().report;
        let at = |words: &str| page.find(words).unwrap_or_else(|| panic!("{words}"));
        assert!(at("id=\"open-1\"") < at("id=\"cleared-1\""));
        assert!(page.contains("What to do: ask the bank, with trace and amount"));
        let (open, rest) = (&data.breaks.open.sum, &data.breaks.cleared.sum);
        assert_eq!((open.count, rest.count), (400, 200));
        for tile in [
            format!("<b>400</b> <span>open breaks, {}</span>", open.cents),
            format!("<b>200</b> <span>cleared themselves, {}</span>", rest.cents),
        ] {
            assert!(page.contains(&tile), "{tile}");
        }
        assert_eq!(page.matches("class=\"about\"").count(), 600);
        data.breaks.open.kinds[0]
            .breaks
            .extend(many().open.kinds[1].breaks.clone());
        let page = pages(&data).unwrap().report;
        assert!(page.contains("And 200 more of this kind"));
        assert_eq!(page.matches("class=\"about\"").count(), 600);
    }

    #[test]
    fn a_page_that_cannot_be_written_is_named() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join(REPORT)).unwrap();
        let failure = write(&sample(), dir.path()).unwrap_err().to_string();
        assert!(failure.contains(REPORT), "{failure}");
        assert!(failure.contains("run it again"), "{failure}");
    }

    #[test]
    fn claims_have_a_page_of_their_own_where_there_are_any() {
        let [report, claims] = both(&sample());
        assert!(report.contains("href=\"claims.html\"") && !report.contains("002-21"));
        assert!(claims.contains("href=\"report.html\"") && claims.contains("002-21"));
        let mut data = sample();
        data.savings.as_mut().unwrap().claims.clear();
        let pages = pages(&data).unwrap();
        assert!(pages.claims.is_none() && !pages.report.contains("claims.html"));
    }

    #[test]
    fn each_header_says_what_it_heads_and_each_place_has_a_landmark() {
        for page in both(&sample()) {
            let heads = page.matches("<th ").count() + page.matches("<th>").count();
            assert_eq!(heads, page.matches(" scope=\"").count(), "a scope for each");
            assert!(!page.contains("\"></th>"), "an empty header");
            let tables = page.matches("<table").count();
            assert_eq!(
                tables,
                page.matches("<caption").count(),
                "a caption for each"
            );
            for once in ["<main ", "<header ", "<nav ", "<footer", "<h1"] {
                assert_eq!(page.matches(once).count(), 1, "{once}");
            }
            for rule in [
                "prefers-color-scheme: dark",
                "@media print",
                "color-scheme:",
            ] {
                assert!(page.contains(rule), "{rule}");
            }
        }
    }

    #[test]
    fn money_is_printed_to_the_cent() {
        assert_eq!(data::usd(MicroDollars::new(-1_234_565_000)), "-1,234.56");
        assert_eq!(data::usd(MicroDollars::new(5_000_000)), "5.00");
        assert_eq!(data::number(1_234_567), "1,234,567");
    }
}
