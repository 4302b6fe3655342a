//! Training: boosted steps over the features, measured on what came later.
//!
//! The model is a sum of one step function for each feature, found by boosting: in each round the
//! feature and the cut whose two-step function lowers the logistic loss most are added, at a small
//! rate. Steps of one feature add up to one table, so what comes out is what
//! `settlement::risk::model` scores: additive, and explained feature by feature. Where more of a
//! feature can only be more of a risk, only steps that rise are considered.
//!
//! The history is split by time, never at random: the last of it is held out and looked at once,
//! when all is decided; the part before that says when to stop and how scores become chances. The
//! same rows and seed give the same file.

mod bins;
mod boost;
mod curve;
mod fixed;

use super::measure::{self, Measured, Scored};
use super::replay::Row;
use bins::Binned;
use boost::Steps;
use desk::failure::{Failure, Result};
use fixed::rounded;
use settlement::risk::model::{Model, Table, Trained};

/// Rows that training takes, to be held in memory: each is 400 bytes.
pub const MOST_ROWS: usize = 2_000_000;

/// The least that says anything; fewer frauds cannot be split in three.
const LEAST_ROWS: usize = 500;

/// Frauds that each part needs.
const LEAST_FRAUDS: usize = 5;

/// Hundredths of the rows that are trained on; then those that say when to stop.
const TRAINED_ON: usize = 60;
const WATCHED: usize = 15;

/// A model, its file, and what was measured.
#[derive(Clone, Debug)]
pub struct Made {
    /// The model.
    pub model: Model,
    /// Its file.
    pub text: String,
    /// Rounds of boosting that were kept.
    pub rounds: usize,
    /// How good it is on rows that it had not seen, all later.
    pub held_out: Measured,
    /// The scores of the rows it was trained on, for later to be held against.
    pub trained_scores: Vec<u16>,
    /// The scores of the rows held out.
    pub held_out_scores: Vec<Scored>,
}

/// Trains on rows in the order of their time; `source` says where they came from. A score from
/// `threshold` on counts as told to be a fraud.
///
/// # Errors
/// Where there are too few rows or frauds, or the rows are not in the order of time.
pub fn train(rows: &[Row], source: &str, threshold: u16) -> Result<Made> {
    look_at(rows)?;
    let (trained_on, rest) = rows.split_at(rows.len() * TRAINED_ON / 100);
    let (watched, held_out) = rest.split_at(rows.len() * WATCHED / 100);
    enough(&[trained_on, watched, held_out])?;
    let binned = Binned::new(trained_on);
    let (steps, rounds) = boost::boost(&binned, trained_on, watched);
    let knots = curve::curve(&steps, watched);
    let tables = steps.tables();
    let base = rounded(steps.base);
    let frauds = |rows: &[Row]| rows.iter().filter(|row| row.fraud).count() as u64;
    let mut trained = Trained {
        source: source.to_owned(),
        rows: trained_on.len() as u64,
        frauds: frauds(trained_on),
        held_out_rows: held_out.len() as u64,
        held_out_frauds: frauds(held_out),
        auc_millionths: 0,
        brier_millionths: 0,
    };
    // Measured is what is written: the model of whole numbers, not the one it was rounded from.
    let wrong = |error| Failure::impossible(format!("the model is none: {error}"));
    let (model, _) =
        Model::written(base, tables.clone(), knots.clone(), trained.clone()).map_err(wrong)?;
    let scored = scores(&model, held_out);
    let measured = measure::measure(&scored, threshold);
    trained.auc_millionths = millionths(measured.auc);
    trained.brier_millionths = millionths(measured.brier);
    let (model, text) = Model::written(base, tables, knots, trained).map_err(wrong)?;
    Ok(Made {
        trained_scores: scores(&model, trained_on).iter().map(|s| s.score).collect(),
        held_out_scores: scored,
        model,
        text,
        rounds,
        held_out: measured,
    })
}

/// The score of each row, beside its label.
pub fn scores(model: &Model, rows: &[Row]) -> Vec<Scored> {
    let scored = rows.iter().map(|row| Scored {
        score: model.score(&row.features),
        fraud: row.fraud,
        kind: row.kind,
    });
    scored.collect()
}

fn look_at(rows: &[Row]) -> Result<()> {
    if rows.len() < LEAST_ROWS || rows.len() > MOST_ROWS {
        let what = format!("a history of {} rows", rows.len());
        let remedy = format!("give one of {LEAST_ROWS} to {MOST_ROWS} rows");
        return Err(Failure::usage(what).remedy(remedy));
    }
    if !rows.is_sorted_by_key(|row| row.at) {
        return Err(
            Failure::usage("the history is not in the order of its time")
                .remedy("sort its rows by the column at"),
        );
    }
    Ok(())
}

fn enough(parts: &[&[Row]]) -> Result<()> {
    for part in parts {
        let frauds = part.iter().filter(|row| row.fraud).count();
        if frauds < LEAST_FRAUDS || frauds + LEAST_FRAUDS > part.len() {
            return Err(Failure::usage(format!(
                "a part of the history has {frauds} frauds among {} requests",
                part.len()
            ))
            .remedy("give a longer one: each part needs five frauds, and five that are none"));
        }
    }
    Ok(())
}

fn millionths(part: f64) -> u64 {
    // A figure from 0 to 1.
    (part * 1_000_000.0).round() as u64
}

impl Steps {
    /// The tables of a file. Each is moved so that it adds nothing to the average request, which
    /// makes its steps reasons for or against; what is taken away stands in the base.
    fn tables(&self) -> Vec<Table> {
        let used = self.tables.iter().filter(|table| !table.is_flat());
        let tables = used.map(|table| Table {
            feature: table.feature,
            cuts: table.cuts.clone(),
            adds: table.adds.iter().map(|add| rounded(*add)).collect(),
            unknown: rounded(table.unknown),
        });
        tables.collect()
    }
}

#[cfg(test)]
mod tests;
