//! A trained model, as whole numbers: for each feature a table of steps, their sum a log odds, and
//! a curve from that to a score.
//!
//! The model is additive, so what each feature adds can be said exactly. Log odds are counted in
//! ten-thousandths ([`LOG_ODDS`]): a sum of 47 rounded steps is off by at most 0.0024, a quarter
//! of a point of the score where the curve is steepest. The curve is data too, and so is where a
//! calibration goes; between its knots it is a straight line. Nobody needs an exponential to
//! score, and every machine comes to the same number.
//!
//! Reasons are told in a fixed order: from the model's base, the feature that moves the log odds
//! most comes first, and each gets the points by which the score moved when it was added. So they
//! sum to the score.

mod error;
mod read;
mod write;

pub use error::{MODEL_BYTES, ModelError};

use crate::exact::Exact;
use crate::risk::feature::{Feature, Features};
use crate::risk::reason::Reason;

/// Ten-thousandths of a unit of log odds.
pub const LOG_ODDS: i32 = 10_000;

/// Cuts that the table of a feature may have.
pub const MOST_CUTS: usize = 64;

/// Knots that the curve may have.
pub const MOST_KNOTS: usize = 1_001;

/// The most that one step adds either way, 50 units of log odds: no data say more.
pub const MOST_STEP: i32 = 500_000;

/// What one feature adds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Whose.
    pub feature: Feature,
    /// Where a step begins, ascending.
    pub cuts: Vec<i64>,
    /// What is added below the first cut, from each on: one more than there are cuts.
    pub adds: Vec<i32>,
    /// What is added where the feature is unknown.
    pub unknown: i32,
}

impl Table {
    /// What is added for a value.
    pub fn add(&self, value: Option<i64>) -> i32 {
        let Some(value) = value else {
            return self.unknown;
        };
        let step = self.cuts.partition_point(|cut| *cut <= value);
        self.adds.get(step).copied().unwrap_or(0)
    }
}

/// A knot of the curve: from this log odds on, this score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Knot {
    /// In ten-thousandths.
    pub log_odds: i32,
    /// 0 to 1000.
    pub score: u16,
}

/// What a model was made from, and what was measured on data that it had not seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trained {
    /// Where the data came from, in words.
    pub source: String,
    /// Requests that it was trained on.
    pub rows: u64,
    /// Frauds among them.
    pub frauds: u64,
    /// Requests held out, all later than those.
    pub held_out_rows: u64,
    /// Frauds among them.
    pub held_out_frauds: u64,
    /// The area under its ROC curve there, in millionths.
    pub auc_millionths: u64,
    /// Its Brier score there, in millionths.
    pub brier_millionths: u64,
}

/// A model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    base: i32,
    /// In the order of the features, each at most once.
    tables: Vec<Table>,
    /// Ascending in both.
    curve: Vec<Knot>,
    trained: Trained,
    hash: String,
}

impl Model {
    /// The model of a file.
    ///
    /// # Errors
    /// Where it is not as it was written, of another version of the features, or no model.
    pub fn parse(text: &str) -> Result<Model, ModelError> {
        Model::read(text)
    }

    /// A model, and the text of its file.
    ///
    /// # Errors
    /// As [`Model::parse`], of what is put together wrong.
    pub fn written(
        base: i32,
        tables: Vec<Table>,
        curve: Vec<Knot>,
        trained: Trained,
    ) -> Result<(Model, String), ModelError> {
        let text = trained.file(base, &tables, &curve);
        Ok((Model::read(&text)?, text))
    }

    /// The first twelve digits of its SHA-256.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// What it was made from.
    pub const fn trained(&self) -> &Trained {
        &self.trained
    }

    /// What each feature adds.
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// The log odds of fraud, in ten-thousandths.
    pub fn log_odds(&self, features: &Features) -> i32 {
        let adds = self
            .tables
            .iter()
            .map(|table| table.add(features.get(table.feature)));
        adds.fold(self.base, Exact::plus) // 64 steps of at most half a million
    }

    /// The score: about the chance of fraud in thousandths.
    pub fn score(&self, features: &Features) -> u16 {
        self.on_curve(self.log_odds(features))
    }

    fn on_curve(&self, log_odds: i32) -> u16 {
        let after = self.curve.partition_point(|knot| knot.log_odds <= log_odds);
        match (self.curve[..after].last(), self.curve.get(after)) {
            (Some(low), Some(high)) => {
                let (width, into) = (
                    high.log_odds.less(low.log_odds),
                    log_odds.less(low.log_odds),
                );
                let rise = i64::from(high.score.less(low.score)).times(into.into());
                let rise = rise.checked_div(width.into()).unwrap_or(0);
                low.score.plus(u16::try_from(rise).unwrap_or(0))
            }
            (Some(end), None) | (None, Some(end)) => end.score,
            (None, None) => 0,
        }
    }

    /// Why the score is what it is; the points sum to it.
    pub fn reasons(&self, features: &Features) -> Vec<Reason> {
        let mut adds = Vec::with_capacity(self.tables.len());
        for table in &self.tables {
            let value = features.get(table.feature);
            adds.push((table.add(value), table.feature, value));
        }
        adds.sort_by_key(|(add, feature, _)| (std::cmp::Reverse(add.unsigned_abs()), *feature));
        let mut log_odds = self.base;
        let mut score = i32::from(self.on_curve(log_odds));
        let mut reasons = vec![Reason {
            id: "model.base".to_owned(),
            points: score,
            words: format!("the model {} before it looks at anything", self.hash),
        }];
        for (add, feature, value) in adds {
            log_odds = log_odds.plus(add);
            let now = i32::from(self.on_curve(log_odds));
            let points = now.less(score);
            score = now;
            if points != 0 {
                let value = value.map_or("unknown".to_owned(), |v| feature.unit().said(v));
                reasons.push(Reason {
                    id: format!("model.{feature}"),
                    points,
                    words: format!("{feature} is {value}"),
                });
            }
        }
        reasons.retain(|reason| reason.points != 0);
        reasons
    }

    /// Whether the score never falls as `feature` rises.
    pub fn only_rises(&self, feature: Feature) -> bool {
        let table = self.tables.iter().find(|table| table.feature == feature);
        table.is_none_or(|table| table.adds.is_sorted())
    }
}

#[cfg(test)]
mod tests;
