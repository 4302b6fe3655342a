//! Reading a model's file: nothing is believed before its hash is proved, and nothing after.

use super::error::{FORMAT, MODEL_BYTES, ModelError};
use super::write::hash;
use super::{Knot, MOST_CUTS, MOST_KNOTS, MOST_STEP, Model, Table, Trained};
use crate::foreign;
use crate::risk::feature::{FEATURES_VERSION, Feature};
use crate::risk::reason::MOST_SCORE;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    // Looked at before, as `Versions`.
    #[serde(rename = "format")]
    _format: u32,
    #[serde(rename = "features")]
    _features: u32,
    base: i32,
    trained: OfTraining,
    curve: Curve,
    #[serde(default)]
    table: Vec<Written>,
}

#[derive(Deserialize)]
struct Versions {
    format: u32,
    features: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OfTraining {
    source: String,
    rows: u64,
    frauds: u64,
    held_out_rows: u64,
    held_out_frauds: u64,
    auc_millionths: u64,
    brier_millionths: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Curve {
    log_odds: Vec<i32>,
    score: Vec<u16>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    feature: String,
    cuts: Vec<i64>,
    adds: Vec<i32>,
    unknown: i32,
}

impl Model {
    /// Reads a file.
    pub(super) fn read(text: &str) -> Result<Model, ModelError> {
        if text.len() as u64 > MODEL_BYTES {
            return Err(ModelError::TooLong);
        }
        let hash = proved(text)?;
        let wrong = |error: toml::de::Error| {
            let said = foreign::line(error.message()).into_owned();
            ModelError::Wrong(said)
        };
        let Versions { format, features } = toml::from_str(text).map_err(wrong)?;
        if format != FORMAT {
            return Err(ModelError::Format(format));
        }
        if features != FEATURES_VERSION {
            return Err(ModelError::Features(features));
        }
        // The line of the hash is no part of what is read.
        let body = text.split_once('\n').map_or("", |(_, body)| body);
        let file: File = toml::from_str(body).map_err(wrong)?;
        let tables = file.table.into_iter().map(table);
        let tables = tables.collect::<Result<Vec<Table>, ModelError>>()?;
        if !tables.is_sorted_by(|a, b| a.feature < b.feature) {
            return Err(refused(
                "the tables are not in the order of the features, or one twice",
            ));
        }
        if file.base.unsigned_abs() > MOST_STEP.unsigned_abs() {
            return Err(refused("its base is beyond what any data say"));
        }
        Ok(Model {
            base: file.base,
            tables,
            curve: curve(&file.curve)?,
            trained: Trained {
                source: file.trained.source,
                rows: file.trained.rows,
                frauds: file.trained.frauds,
                held_out_rows: file.trained.held_out_rows,
                held_out_frauds: file.trained.held_out_frauds,
                auc_millionths: file.trained.auc_millionths,
                brier_millionths: file.trained.brier_millionths,
            },
            hash: hash.chars().take(12).collect(),
        })
    }
}

fn refused(why: &str) -> ModelError {
    ModelError::Wrong(why.to_owned())
}

/// The hash of the first line, which is that of the rest.
fn proved(text: &str) -> Result<&str, ModelError> {
    let (first, body) = text.split_once('\n').ok_or(ModelError::Unsigned)?;
    let said = first
        .strip_prefix("sha256 = \"")
        .and_then(|rest| rest.strip_suffix('"'));
    let digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    let said = said.filter(|said| said.len() == 64 && said.bytes().all(digit));
    let said = said.ok_or(ModelError::Unsigned)?;
    match said == hash(body) {
        true => Ok(said),
        false => Err(ModelError::Changed),
    }
}

fn table(written: Written) -> Result<Table, ModelError> {
    let Written {
        feature,
        cuts,
        adds,
        unknown,
    } = written;
    let named = Feature::named(&feature).ok_or_else(|| {
        let seen: String = feature.chars().take(48).collect();
        ModelError::Wrong(format!("no feature {}", foreign::line(&seen)))
    })?;
    let wrong = |why: &str| Err(ModelError::Wrong(format!("the table of {named} {why}")));
    if cuts.len() > MOST_CUTS || cuts.len().checked_add(1) != Some(adds.len()) {
        return wrong("does not have one step more than cuts");
    }
    if !cuts.is_sorted_by(|a, b| a < b) {
        return wrong("has cuts that do not rise");
    }
    let within = |add: &i32| add.unsigned_abs() <= MOST_STEP.unsigned_abs();
    if !adds.iter().all(within) || !within(&unknown) {
        return wrong("has a step beyond what any data say");
    }
    Ok(Table {
        feature: named,
        cuts,
        adds,
        unknown,
    })
}

fn curve(written: &Curve) -> Result<Vec<Knot>, ModelError> {
    let Curve { log_odds, score } = written;
    let many = (2..=MOST_KNOTS).contains(&log_odds.len()) && log_odds.len() == score.len();
    let within = |odds: &i32| odds.unsigned_abs() <= MOST_STEP.unsigned_abs();
    let rises = log_odds.is_sorted_by(|a, b| a < b) && score.is_sorted();
    let ends = score.iter().all(|score| *score <= MOST_SCORE) && log_odds.iter().all(within);
    if !many || !rises || !ends {
        return Err(refused(
            "its curve does not rise from knot to knot within a score",
        ));
    }
    let knots = log_odds.iter().zip(score);
    let knots = knots.map(|(log_odds, score)| Knot {
        log_odds: *log_odds,
        score: *score,
    });
    Ok(knots.collect())
}
