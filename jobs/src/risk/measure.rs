//! How good scores are, on requests of which it is known what they were.

use sandbox::history::Fraud;
use serde::Serialize;
use std::collections::BTreeMap;

/// A score, and what its request was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scored {
    /// 0 to 1000.
    pub score: u16,
    /// Whether it is known to be a fraud.
    pub fraud: bool,
    /// Which kind was planted, where that is known.
    pub kind: Option<Fraud>,
}

/// What was measured. Shares are from 0 to 1, and 0 where there is nothing to share.
#[derive(Clone, Debug, Serialize)]
pub struct Measured {
    /// Requests.
    pub rows: u64,
    /// Frauds among them.
    pub frauds: u64,
    /// From which score on a request counts as told to be a fraud.
    pub threshold: u16,
    /// Of all requests those that were told right.
    pub accuracy: f64,
    /// Of those told to be frauds those that were.
    pub precision: f64,
    /// Of the frauds those that were told.
    pub recall: f64,
    /// Of the honest requests those that were told to be frauds.
    pub false_positive_rate: f64,
    /// The chance that a fraud has a higher score than an honest request: the area under the
    /// ROC curve. Equal scores count half.
    pub auc: f64,
    /// The mean square of what the chance was off; the least that a constant reaches is
    /// `brier_of_the_rate`.
    pub brier: f64,
    /// Brier score of saying the share of frauds of every request.
    pub brier_of_the_rate: f64,
    /// The frauds that were told, by kind.
    pub kinds: Vec<OfKind>,
    /// What was said against what was, by tenths of the requests, the lowest scores first.
    pub calibration: Vec<Decile>,
}

/// One kind of fraud.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OfKind {
    /// Its name.
    pub kind: &'static str,
    /// Requests of it, unreported ones too.
    pub requests: u64,
    /// Those told to be frauds.
    pub told: u64,
}

/// A tenth of the requests, in the order of their scores.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Decile {
    /// Which, from 1.
    pub decile: u64,
    /// Requests in it.
    pub rows: u64,
    /// Its lowest score.
    pub from_score: u16,
    /// Its highest.
    pub to_score: u16,
    /// The mean chance that was said.
    pub said: f64,
    /// The share of frauds that there was.
    pub was: f64,
}

fn share(part: u64, whole: u64) -> f64 {
    match whole {
        0 => 0.0,
        whole => part as f64 / whole as f64,
    }
}

/// Measures scores; from `threshold` on one counts as told to be a fraud.
pub fn measure(scored: &[Scored], threshold: u16) -> Measured {
    let count = |is: &dyn Fn(&Scored) -> bool| scored.iter().filter(|s| is(s)).count() as u64;
    let (rows, frauds) = (scored.len() as u64, count(&|s| s.fraud));
    let told = count(&|s| s.score >= threshold);
    let right = count(&|s| s.fraud && s.score >= threshold);
    let wrong = told - right;
    let rate = share(frauds, rows);
    Measured {
        rows,
        frauds,
        threshold,
        accuracy: share(rows - wrong - (frauds - right), rows),
        precision: share(right, told),
        recall: share(right, frauds),
        false_positive_rate: share(wrong, rows - frauds),
        auc: auc(scored),
        brier: brier(scored, |s| f64::from(s.score) / 1_000.0),
        brier_of_the_rate: brier(scored, |_| rate),
        kinds: kinds(scored, threshold),
        calibration: calibration(scored),
    }
}

/// By ranks: each score's rows, honest and fraud.
fn auc(scored: &[Scored]) -> f64 {
    let mut by_score = BTreeMap::<u16, (u64, u64)>::new();
    for one in scored {
        let (honest, frauds) = by_score.entry(one.score).or_default();
        *(if one.fraud { frauds } else { honest }) += 1;
    }
    let (mut below, mut halves, mut all) = (0u64, 0u128, (0u64, 0u64));
    for (honest, frauds) in by_score.into_values() {
        halves += u128::from(frauds) * u128::from(2 * below + honest);
        below += honest;
        all = (all.0 + honest, all.1 + frauds);
    }
    let pairs = u128::from(all.0) * u128::from(all.1);
    match pairs {
        0 => 0.0,
        pairs => halves as f64 / (2.0 * pairs as f64),
    }
}

fn brier(scored: &[Scored], said: impl Fn(&Scored) -> f64) -> f64 {
    let off = scored
        .iter()
        .map(|s| said(s) - f64::from(u8::from(s.fraud)));
    let squares: f64 = off.map(|off| off * off).sum();
    squares / (scored.len().max(1) as f64)
}

fn kinds(scored: &[Scored], threshold: u16) -> Vec<OfKind> {
    let all = Fraud::ALL.iter().map(|kind| {
        let of = scored.iter().filter(|s| s.kind == Some(*kind));
        OfKind {
            kind: kind.as_str(),
            requests: of.clone().count() as u64,
            told: of.filter(|s| s.score >= threshold).count() as u64,
        }
    });
    all.filter(|one| one.requests > 0).collect()
}

fn calibration(scored: &[Scored]) -> Vec<Decile> {
    /// Tenths.
    const PARTS: usize = 10;
    let mut sorted = scored.to_vec();
    sorted.sort_by_key(|s| s.score);
    let mut deciles = Vec::new();
    for part in 0..PARTS {
        let (from, to) = (
            sorted.len() * part / PARTS,
            sorted.len() * (part + 1) / PARTS,
        );
        let rows = &sorted[from..to];
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
            continue;
        };
        let said: u64 = rows.iter().map(|s| u64::from(s.score)).sum();
        let frauds = rows.iter().filter(|s| s.fraud).count() as u64;
        deciles.push(Decile {
            decile: part as u64 + 1,
            rows: rows.len() as u64,
            from_score: first.score,
            to_score: last.score,
            said: share(said, rows.len() as u64) / 1_000.0,
            was: share(frauds, rows.len() as u64),
        });
    }
    deciles
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scored(all: &[(u16, bool)]) -> Vec<Scored> {
        let all = all.iter().map(|(score, fraud)| Scored {
            score: *score,
            fraud: *fraud,
            kind: None,
        });
        all.collect()
    }

    #[test]
    fn figures_are_those_that_one_counts_by_hand() {
        let all = scored(&[
            (100, false),
            (200, true),
            (600, false),
            (800, true),
            (900, true),
        ]);
        let told = measure(&all, 500);
        assert_eq!((told.rows, told.frauds), (5, 3));
        assert!((told.accuracy - 0.6).abs() < 1e-12);
        assert!((told.precision - 2.0 / 3.0).abs() < 1e-12);
        assert!((told.recall - 2.0 / 3.0).abs() < 1e-12);
        assert!((told.false_positive_rate - 0.5).abs() < 1e-12);
        // Of six pairs only 600 against 200 is the wrong way round.
        assert!((told.auc - 5.0 / 6.0).abs() < 1e-12);
        let squares = 0.01 + 0.64 + 0.36 + 0.04 + 0.01;
        assert!((told.brier - squares / 5.0).abs() < 1e-12);
        assert_eq!(told.calibration.len(), 5);
    }

    #[test]
    fn equal_scores_tell_nothing_and_no_rows_are_no_failure() {
        let same = measure(&scored(&[(5, true), (5, false), (5, false)]), 500);
        assert!((same.auc - 0.5).abs() < 1e-12);
        let none = measure(&[], 500);
        assert!(none.auc == 0.0 && none.brier == 0.0 && none.calibration.is_empty());
    }
}
