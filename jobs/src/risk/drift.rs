//! Whether scores are spread as they were when the model was made.
//!
//! The population stability index: the scores of training are cut into tenths, and the shares of
//! a later period in them are held against a tenth each, as the sum of
//! `(now - then) * ln(now / then)`. Below 0.10 nothing has moved, from 0.25 on something has: other
//! customers, another fraud, a feature that broke. It says that, and not which.

use serde::Serialize;
use std::fmt;

/// From here on somebody should watch.
const WATCH: f64 = 0.10;

/// From here on somebody must look: the model was made for others.
const MOVED: f64 = 0.25;

/// Tenths, where scores are that different.
const BINS: usize = 10;

/// A bin without anybody counts as this share of a row, or the index would have no end.
const HALF: f64 = 0.5;

/// What the index says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Below 0.10.
    Stable,
    /// From 0.10 on.
    Watch,
    /// From 0.25 on.
    Moved,
}

/// One bin of scores.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Bin {
    /// From this score on.
    pub from_score: u16,
    /// To this one.
    pub to_score: u16,
    /// Scores of training in it.
    pub then: u64,
    /// Scores of the period in it.
    pub now: u64,
    /// What it adds to the index.
    pub part: f64,
}

/// The index, and what it is made of.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Drift {
    /// The population stability index.
    pub psi: f64,
    /// What it says.
    pub verdict: Verdict,
    /// The bins, the lowest scores first.
    pub bins: Vec<Bin>,
}

/// Holds the scores of a period against those of training; `None` where either has none.
pub fn drift(then: &[u16], now: &[u16]) -> Option<Drift> {
    if then.is_empty() || now.is_empty() {
        return None;
    }
    let starts = starts(then);
    let ends = starts[1..].iter().map(|next| next - 1).chain([1_000]);
    let count = |all: &[u16], from: u16, to: u16| {
        all.iter()
            .filter(|score| (from..=to).contains(score))
            .count() as u64
    };
    let share = |count: u64, all: &[u16]| (count as f64).max(HALF) / all.len() as f64;
    let bins = starts.iter().zip(ends).map(|(from, to)| {
        let (before, after) = (count(then, *from, to), count(now, *from, to));
        let (was, is) = (share(before, then), share(after, now));
        Bin {
            from_score: *from,
            to_score: to,
            then: before,
            now: after,
            // Nobody then and nobody now: nothing moved, however many rows there were.
            part: match before + after {
                0 => 0.0,
                _ => (is - was) * (is / was).ln(),
            },
        }
    });
    let bins: Vec<Bin> = bins.collect();
    let psi: f64 = bins.iter().map(|bin| bin.part).sum();
    let verdict = match psi {
        psi if psi >= MOVED => Verdict::Moved,
        psi if psi >= WATCH => Verdict::Watch,
        _ => Verdict::Stable,
    };
    Some(Drift { psi, verdict, bins })
}

/// The score at which each bin begins: tenths of training, and fewer where many scores are alike.
fn starts(then: &[u16]) -> Vec<u16> {
    let mut sorted = then.to_vec();
    sorted.sort_unstable();
    let mut starts: Vec<u16> = (1..BINS)
        .map(|part| sorted[sorted.len() * part / BINS])
        .collect();
    starts.insert(0, 0);
    starts.dedup();
    starts
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:>11} {:>10} {:>10} {:>8}",
            "scores", "training", "period", "part"
        )?;
        for bin in &self.bins {
            let scores = format!("{} to {}", bin.from_score, bin.to_score);
            writeln!(
                f,
                "{scores:>11} {:>10} {:>10} {:>8.4}",
                bin.then, bin.now, bin.part
            )?;
        }
        let said = match self.verdict {
            Verdict::Stable => "stable: scores are spread as they were",
            Verdict::Watch => "watch: scores have begun to move",
            Verdict::Moved => "moved: look for what changed, and train again",
        };
        write!(f, "population stability index {:.4}, {said}", self.psi)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn even(from: u16, to: u16) -> Vec<u16> {
        (from..to).collect()
    }

    #[test]
    fn the_same_scores_have_not_moved() {
        let told = drift(&even(0, 1_000), &even(0, 1_000)).unwrap();
        assert!(told.psi.abs() < 1e-12);
        assert_eq!((told.verdict, told.bins.len()), (Verdict::Stable, BINS));
        assert_eq!(told.bins.iter().map(|bin| bin.now).sum::<u64>(), 1_000);
    }

    #[test]
    fn the_index_is_the_one_that_one_computes_by_hand() {
        // Halves of training become a quarter and three quarters: 0.25 * ln 3.
        let then = [[0; 50], [900; 50]].concat();
        let now = [vec![0; 25], vec![900; 75]].concat();
        let told = drift(&then, &now).unwrap();
        assert!((told.psi - 0.25 * 3f64.ln()).abs() < 1e-12, "{}", told.psi);
        assert_eq!(told.verdict, Verdict::Moved);
    }

    #[test]
    fn a_bin_without_anybody_has_an_end_and_no_scores_no_index() {
        let told = drift(&even(0, 1_000), &even(900, 1_000)).unwrap();
        assert!(told.psi.is_finite() && told.verdict == Verdict::Moved);
        assert!(drift(&[], &[5]).is_none() && drift(&[5], &[]).is_none());
        let same = drift(&[7; 30], &[7; 3]).unwrap();
        assert_eq!(same.verdict, Verdict::Stable);
    }
}
