//! What `tieout risk` shows, for people and for programs.

use crate::risk::measure::Measured;
use crate::risk::train::Made;
use serde::Serialize;
use settlement::foreign;
use settlement::ids::Direction;
use settlement::risk::model::Trained;
use settlement::risk::reason::{Assessment, Thresholds};
use settlement::risk::rules::{Combine, Rule, RuleSet};
use std::fmt;
use std::path::Path;

/// `risk train`.
#[derive(Serialize)]
pub struct Training<'a> {
    out: String,
    source: &'a str,
    model: &'a str,
    rounds: usize,
    features: usize,
    trained_on: Counted,
    held_out: &'a Measured,
}

#[derive(Serialize)]
struct Counted {
    rows: u64,
    frauds: u64,
}

impl<'a> Training<'a> {
    /// What was made, and where it was put.
    pub fn of(made: &'a Made, out: &Path) -> Training<'a> {
        let Trained {
            source,
            rows,
            frauds,
            ..
        } = made.model.trained();
        Training {
            out: out.display().to_string(),
            source,
            model: made.model.hash(),
            rounds: made.rounds,
            features: made.model.tables().len(),
            trained_on: Counted {
                rows: *rows,
                frauds: *frauds,
            },
            held_out: &made.held_out,
        }
    }
}

impl fmt::Display for Training<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let held = self.held_out;
        writeln!(
            f,
            "model {} of {} features, {} rounds, from {}: {}",
            self.model,
            self.features,
            self.rounds,
            foreign::line(self.source),
            foreign::line(&self.out)
        )?;
        let Counted { rows, frauds } = self.trained_on;
        writeln!(f, "trained on {rows} requests with {frauds} frauds")?;
        writeln!(
            f,
            "held out, all later: {} requests with {} frauds; from {} on counts as fraud",
            held.rows, held.frauds, held.threshold
        )?;
        writeln!(
            f,
            "accuracy {:.4}, precision {:.3}, recall {:.3}, false positives {:.4}",
            held.accuracy, held.precision, held.recall, held.false_positive_rate
        )?;
        writeln!(
            f,
            "AUC {:.4}, Brier {:.5} (saying the rate of all: {:.5})",
            held.auc, held.brier, held.brier_of_the_rate
        )?;
        for kind in &held.kinds {
            writeln!(
                f,
                "  {:<10} {:>5} of {:>5} told",
                kind.kind, kind.told, kind.requests
            )?;
        }
        writeln!(
            f,
            "{:>6} {:>8} {:>12} {:>8} {:>8}",
            "decile", "rows", "scores", "said", "was"
        )?;
        for row in &held.calibration {
            let scores = format!("{} to {}", row.from_score, row.to_score);
            let (decile, rows) = (row.decile, row.rows);
            writeln!(
                f,
                "{decile:>6} {rows:>8} {scores:>12} {:>8.4} {:>8.4}",
                row.said, row.was
            )?;
        }
        Ok(())
    }
}

/// `risk score`.
#[derive(Serialize)]
#[serde(transparent)]
pub struct Told(pub Assessment);

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = &self.0;
        write!(
            f,
            "{} of 1000: {} (rules {}: ",
            told.score, told.decision, told.rules
        )?;
        write!(f, "{}", told.rules_score)?;
        if let (Some(model), Some(score)) = (&told.model, told.model_score) {
            write!(f, ", model {model}: {score}")?;
        }
        writeln!(f, ")")?;
        for reason in &told.reasons {
            writeln!(f, "{:>6}  {}: {}", reason.points, reason.id, reason.words)?;
        }
        Ok(())
    }
}

/// `risk rules`.
#[derive(Serialize)]
pub struct Rules<'a> {
    rules: &'a str,
    combine: String,
    debit: Limits,
    credit: Limits,
    list: Vec<OfRule<'a>>,
}

#[derive(Serialize)]
struct Limits {
    review: u16,
    deny: u16,
}

#[derive(Serialize)]
struct OfRule<'a> {
    id: &'a str,
    version: u32,
    feature: &'static str,
    weight: i32,
}

impl<'a> Rules<'a> {
    /// What stands in a file.
    pub fn of(rules: &'a RuleSet) -> Rules<'a> {
        let limits = |direction| {
            let Thresholds { review, deny } = rules.thresholds(direction);
            Limits { review, deny }
        };
        let row = |rule: &'a Rule| OfRule {
            id: rule.id(),
            version: rule.version(),
            feature: rule.feature().as_str(),
            weight: rule.weight(),
        };
        Rules {
            rules: rules.hash(),
            combine: match rules.combine() {
                Combine::Rules => "rules".to_owned(),
                Combine::Maximum => "maximum".to_owned(),
                Combine::Reason { weight } => format!("reason {weight}"),
            },
            debit: limits(Direction::Debit),
            credit: limits(Direction::Credit),
            list: rules.rules().iter().map(row).collect(),
        }
    }
}

impl fmt::Display for Rules<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for rule in &self.list {
            let version = format!("{} v{}", rule.id, rule.version);
            writeln!(f, "{version:<28} {:>6}  {}", rule.weight, rule.feature)?;
        }
        let (debit, credit) = (&self.debit, &self.credit);
        writeln!(
            f,
            "debits: review from {}, deny from {}",
            debit.review, debit.deny
        )?;
        writeln!(
            f,
            "credits: review from {}, deny from {}",
            credit.review, credit.deny
        )?;
        write!(
            f,
            "{} rules, {}, combined by {}",
            self.list.len(),
            self.rules,
            self.combine
        )
    }
}
