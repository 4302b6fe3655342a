//! The curve from log odds to a score: the logistic one, moved to fit what was watched.
//!
//! Boosting stops where the loss is lowest and is then a little too sure or too shy. Two numbers,
//! found on rows that no step was fitted to, put that right (Platt's scaling): the chance is that
//! of `slope * log odds + shift`. The score is the chance in thousandths.

use super::boost::{Steps, chance};
use super::fixed::rounded;
use crate::risk::replay::Row;
use settlement::risk::model::{Knot, MOST_STEP};

/// Log odds between two knots: the straight line between them is off by less than a point.
const STRIDE: f64 = 0.25;

/// How far the knots go: beyond, a score is 0 or 1000.
const REACH: f64 = 9.0;

/// Newton steps; five are enough.
const STEPS: usize = 25;

/// A slope beyond these says that something else is wrong.
const SLOPES: (f64, f64) = (0.2, 5.0);

/// The knots.
pub fn curve(steps: &Steps, watched: &[Row]) -> Vec<Knot> {
    let odds: Vec<(f64, f64)> = watched
        .iter()
        .map(|row| (steps.log_odds(row), f64::from(u8::from(row.fraud))))
        .collect();
    let (slope, shift) = fitted(&odds);
    let count = (2.0 * REACH / STRIDE) as i32;
    let mut knots: Vec<Knot> = Vec::new();
    for at in 0..=count {
        let told = -REACH + STRIDE * f64::from(at);
        let log_odds = rounded((told - shift) / slope).clamp(-MOST_STEP, MOST_STEP);
        let score = (1_000.0 * chance(told)).round() as u16;
        if knots.last().is_none_or(|last| last.log_odds < log_odds) {
            knots.push(Knot { log_odds, score });
        }
    }
    knots
}

/// Slope and shift of the least loss, by Newton's method from where nothing is changed.
fn fitted(odds: &[(f64, f64)]) -> (f64, f64) {
    let (mut slope, mut shift) = (1.0, 0.0);
    for _ in 0..STEPS {
        // A ridge towards (1, 0) keeps it sound where everything was told apart.
        let (mut gs, mut gt) = (slope - 1.0, shift);
        let (mut hss, mut hst, mut htt) = (1.0, 0.0, 1.0);
        for (odds, fraud) in odds {
            let told = chance(slope * odds + shift);
            let (off, weight) = (told - fraud, told * (1.0 - told));
            gs += off * odds;
            gt += off;
            hss += weight * odds * odds;
            hst += weight * odds;
            htt += weight;
        }
        let whole = hss * htt - hst * hst;
        if whole <= 0.0 {
            break;
        }
        slope = (slope - (htt * gs - hst * gt) / whole).clamp(SLOPES.0, SLOPES.1);
        shift = (shift - (hss * gt - hst * gs) / whole).clamp(-REACH, REACH);
    }
    (slope, shift)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_right_already_stays_and_what_is_too_sure_is_flattened() {
        // For each log odds a hundred rows, as many frauds among them as `truth` says.
        let rows = |truth: fn(f64) -> f64| {
            let mut rows = Vec::new();
            for at in -40..=40 {
                let odds = f64::from(at) / 10.0;
                let frauds = (1_000.0 * chance(truth(odds))).round() as usize;
                rows.extend((0..1_000).map(|n| (odds, f64::from(u8::from(n < frauds)))));
            }
            rows
        };
        let (slope, shift) = fitted(&rows(|odds| odds));
        assert!(
            (slope - 1.0).abs() < 0.02 && shift.abs() < 0.02,
            "{slope} {shift}"
        );
        let (slope, shift) = fitted(&rows(|odds| odds / 2.0 - 1.0));
        assert!(
            (slope - 0.5).abs() < 0.02 && (shift + 1.0).abs() < 0.05,
            "{slope} {shift}"
        );
    }
}
