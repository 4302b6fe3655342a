//! Breaks as a report shows them: those that need somebody apart from those that cleared
//! themselves, by kind, the most money first.
//!
//! A reader with hundreds of breaks starts at the kind with the most money in it and reads once
//! what to do about that kind; the single breaks below it then need no words of their own but
//! what was found. Sums are of sizes: a break of -5.00 and one of 5.00 are ten dollars in
//! question, not none.

use super::sums::Tally;
use jiff::civil::Date;
use serde::Serialize;
use settlement::money::{Cents, SignedCents};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// One break.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Break {
    /// Its kind in the taxonomy: `MISSING_AT_BANK`.
    pub kind: String,
    /// What it is about: a batch key, a trace, a file. Never an account number.
    pub key: String,
    /// The date of the first run that found it.
    pub date: Date,
    /// What it moves or moved on our account, in cents.
    pub amount: SignedCents,
    /// What happened, in a sentence.
    pub explanation: String,
    /// Where its work stands: `open`, `auto cleared`.
    pub status: String,
}

impl Break {
    /// Whether somebody has to do something about it.
    pub fn is_open(&self) -> bool {
        self.status == "open"
    }

    /// Calendar days from the run that found it to `on`; 0 where `on` is before.
    pub fn age_days(&self, on: Date) -> u64 {
        let days = on.since(self.date).map_or(0, |span| span.get_days());
        u64::try_from(days).unwrap_or(0)
    }
}

/// Breaks of one kind, the largest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Kind {
    /// `MISSING_AT_BANK`.
    pub name: String,
    /// How many, and the sum of their sizes.
    pub sum: Tally,
    /// Each of them: the largest first, then the oldest.
    pub breaks: Vec<Break>,
}

/// Breaks whose work stands alike.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Kinds {
    /// How many, and the sum of their sizes.
    pub sum: Tally,
    /// The kinds, the one with the most money first.
    pub kinds: Vec<Kind>,
}

/// Every break of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Breaks {
    /// Those that need somebody.
    pub open: Kinds,
    /// Those that need nobody.
    pub cleared: Kinds,
}

impl Breaks {
    /// In the order to read them; none where a sum does not fit.
    pub fn of(all: Vec<Break>) -> Option<Breaks> {
        let (open, cleared) = all.into_iter().partition(Break::is_open);
        Some(Breaks {
            open: Kinds::of(open)?,
            cleared: Kinds::of(cleared)?,
        })
    }

    /// Whether there are none at all.
    pub const fn is_empty(&self) -> bool {
        self.open.kinds.is_empty() && self.cleared.kinds.is_empty()
    }
}

impl Kinds {
    fn of(all: Vec<Break>) -> Option<Kinds> {
        let mut named: BTreeMap<String, Vec<Break>> = BTreeMap::new();
        for found in all {
            named.entry(found.kind.clone()).or_default().push(found);
        }
        let kinds = named
            .into_iter()
            .map(|(name, breaks)| Kind::of(name, breaks));
        let mut kinds = kinds.collect::<Option<Vec<Kind>>>()?;
        // Stable: kinds of the same size stay in the order of their names.
        kinds.sort_by_key(|kind| Reverse((kind.sum.cents, kind.sum.count)));
        let sum = kinds
            .iter()
            .try_fold(Tally::default(), |sum, kind| sum.checked_add(kind.sum))?;
        Some(Kinds { sum, kinds })
    }

    /// Each break, in the order to read them.
    pub fn each(&self) -> impl Iterator<Item = &Break> {
        self.kinds.iter().flat_map(|kind| &kind.breaks)
    }
}

impl Kind {
    fn of(name: String, mut breaks: Vec<Break>) -> Option<Kind> {
        let size = |found: &Break| found.amount.magnitude();
        breaks.sort_by(|a, b| {
            (Reverse(size(a)), a.date, &a.key).cmp(&(Reverse(size(b)), b.date, &b.key))
        });
        let mut sizes = breaks.iter().map(|found| Tally::new(1, size(found)));
        let sum = sizes.try_fold(Tally::new(0, Cents::ZERO), |sum, one| sum.checked_add(one))?;
        Some(Kind { name, sum, breaks })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn found(kind: &str, key: &str, cents: i64, status: &str) -> Break {
        Break {
            kind: kind.to_owned(),
            key: key.to_owned(),
            date: date(2026, 11, 25),
            amount: SignedCents::new(cents),
            explanation: String::new(),
            status: status.to_owned(),
        }
    }

    #[test]
    fn open_breaks_stand_apart_and_the_most_money_first() {
        let breaks = Breaks::of(vec![
            found("AMOUNT", "a", -700, "open"),
            found("STATUS", "s", 0, "open"),
            found("AMOUNT", "b", 900, "open"),
            found("DUP_ENTRY", "d", 5_000, "open"),
            found("DATE", "x", 1_000_000, "auto cleared"),
        ])
        .unwrap();
        let order: Vec<&str> = breaks.open.kinds.iter().map(|k| k.name.as_str()).collect();
        assert_eq!(order, ["DUP_ENTRY", "AMOUNT", "STATUS"]);
        let keys: Vec<&str> = breaks.open.each().map(|b| b.key.as_str()).collect();
        assert_eq!(keys, ["d", "b", "a", "s"]);
        assert_eq!(breaks.open.sum, Tally::new(4, Cents::new(6_600)));
        assert_eq!(breaks.cleared.sum, Tally::new(1, Cents::new(1_000_000)));
    }

    #[test]
    fn the_order_they_were_found_in_does_not_matter() {
        let all = vec![
            found("AMOUNT", "b", 7, "open"),
            found("AMOUNT", "a", -7, "open"),
            found("DATE", "c", 7, "auto cleared"),
        ];
        let backwards = all.iter().rev().cloned().collect();
        assert_eq!(Breaks::of(all), Breaks::of(backwards));
    }

    #[test]
    fn sizes_that_do_not_fit_are_no_sum() {
        // Three times 2^63 exceed 64 bits.
        let all = ["a", "b", "c"].map(|key| found("AMOUNT", key, i64::MIN, "open"));
        assert_eq!(Breaks::of(all.to_vec()), None);
    }

    #[test]
    fn an_age_counts_calendar_days() {
        let found = found("AMOUNT", "a", 1, "open");
        assert_eq!(found.age_days(date(2026, 12, 8)), 13);
        assert_eq!(found.age_days(date(2026, 11, 24)), 0);
    }
}
