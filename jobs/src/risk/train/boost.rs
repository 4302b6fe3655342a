//! Boosting: in each round the one step that lowers the logistic loss most.

use super::bins::{self, Binned, Column, UNKNOWN};
use crate::risk::replay::Row;
use settlement::risk::feature::Feature;
use settlement::risk::model::MOST_CUTS;

/// Rounds at most.
const ROUNDS: usize = 600;

/// Of each step so much is added: small steps find what few large ones pass over.
const RATE: f64 = 0.12;

/// Rounds without a lower loss on what is watched before it is given up.
const PATIENCE: usize = 40;

/// Pulls a step towards nothing: what few rows say is not believed.
const RIDGE: f64 = 4.0;

/// The weight of rows that a side of a step needs, in units of p (1 - p).
const LEAST_WEIGHT: f64 = 0.5;

/// The table of a feature, in log odds.
#[derive(Clone, Debug)]
pub struct OfFeature {
    pub feature: Feature,
    pub cuts: Vec<i64>,
    pub adds: Vec<f64>,
    pub unknown: f64,
}

/// The whole sum.
#[derive(Clone, Debug)]
pub struct Steps {
    pub base: f64,
    pub tables: Vec<OfFeature>,
}

impl OfFeature {
    pub fn is_flat(&self) -> bool {
        self.adds.iter().all(|add| *add == 0.0) && self.unknown == 0.0
    }

    fn add(&self, bin: u8) -> f64 {
        match bin {
            UNKNOWN => self.unknown,
            bin => self.adds[usize::from(bin)],
        }
    }
}

impl Steps {
    /// The log odds of a row.
    pub fn log_odds(&self, row: &Row) -> f64 {
        let adds = self
            .tables
            .iter()
            .map(|table| table.add(bins::bin(&table.cuts, row.features.get(table.feature))));
        self.base + adds.sum::<f64>()
    }
}

/// The chance behind log odds.
pub fn chance(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

/// Gradient and weight of some rows.
#[derive(Clone, Copy, Default)]
struct Pull {
    gradient: f64,
    weight: f64,
}

impl Pull {
    fn add(&mut self, other: Pull) {
        self.gradient += other.gradient;
        self.weight += other.weight;
    }

    fn less(self, other: Pull) -> Pull {
        Pull {
            gradient: self.gradient - other.gradient,
            weight: self.weight - other.weight,
        }
    }

    /// What would lower the loss most for them.
    fn step(self) -> f64 {
        -self.gradient / (self.weight + RIDGE)
    }

    fn gain(self) -> f64 {
        self.gradient * self.gradient / (self.weight + RIDGE)
    }
}

/// A step: below a cut, from it on, and where the feature is unknown.
struct Step {
    column: usize,
    bin: usize,
    below: f64,
    above: f64,
    unknown: f64,
    gain: f64,
}

/// The steps of the round at which the loss on `watched` was lowest, and which that was.
pub fn boost(binned: &Binned, rows: &[Row], watched: &[Row]) -> (Steps, usize) {
    let frauds = rows.iter().filter(|row| row.fraud).count() as f64;
    let base = (frauds / (rows.len() as f64 - frauds)).ln();
    let mut steps = Steps {
        base,
        tables: binned.columns.iter().map(Column::flat).collect(),
    };
    let columns: Vec<(Feature, &[i64])> = binned
        .columns
        .iter()
        .map(|c| (c.feature, &c.cuts[..]))
        .collect();
    let watched_bins: Vec<Vec<u8>> = watched
        .iter()
        .map(|row| bins::of(&columns, &row.features))
        .collect();
    let mut odds = vec![base; rows.len()];
    let mut watched_odds = vec![base; watched.len()];
    let (mut best, mut lowest, mut at) = (steps.clone(), f64::INFINITY, 0);
    for round in 1..=ROUNDS {
        let pulls = pulls(rows, &odds);
        let Some(step) = best_step(binned, &pulls) else {
            break;
        };
        let column = &binned.columns[step.column];
        for (odds, bin) in odds.iter_mut().zip(&column.bins) {
            *odds += step.add(*bin);
        }
        for (odds, bins) in watched_odds.iter_mut().zip(&watched_bins) {
            *odds += step.add(bins[step.column]);
        }
        steps.tables[step.column].take(&step);
        let loss = loss(watched, &watched_odds);
        if loss < lowest {
            (best, lowest, at) = (steps.clone(), loss, round);
        } else if round - at >= PATIENCE {
            break;
        }
    }
    best.centre(binned, rows.len());
    (best, at)
}

impl Column {
    fn flat(&self) -> OfFeature {
        OfFeature {
            feature: self.feature,
            cuts: self.cuts.clone(),
            adds: vec![0.0; self.cuts.len() + 1],
            unknown: 0.0,
        }
    }
}

impl Step {
    fn add(&self, bin: u8) -> f64 {
        match bin {
            UNKNOWN => self.unknown,
            bin if usize::from(bin) < self.bin => self.below,
            _ => self.above,
        }
    }
}

impl OfFeature {
    fn take(&mut self, step: &Step) {
        for (bin, add) in self.adds.iter_mut().enumerate() {
            *add += if bin < step.bin {
                step.below
            } else {
                step.above
            };
        }
        self.unknown += step.unknown;
    }
}

impl Steps {
    /// Moves each table so that it adds nothing to the average row.
    fn centre(&mut self, binned: &Binned, rows: usize) {
        for (table, column) in self.tables.iter_mut().zip(&binned.columns) {
            let sum: f64 = column.bins.iter().map(|bin| table.add(*bin)).sum();
            let mean = sum / rows as f64;
            table.adds.iter_mut().for_each(|add| *add -= mean);
            table.unknown -= mean;
            self.base += mean;
        }
    }
}

fn pulls(rows: &[Row], odds: &[f64]) -> Vec<Pull> {
    let pulls = rows.iter().zip(odds).map(|(row, odds)| {
        let chance = chance(*odds);
        Pull {
            gradient: chance - f64::from(u8::from(row.fraud)),
            weight: chance * (1.0 - chance),
        }
    });
    pulls.collect()
}

fn loss(rows: &[Row], odds: &[f64]) -> f64 {
    let each = rows.iter().zip(odds).map(|(row, odds)| {
        let right = if row.fraud { *odds } else { -*odds };
        // -ln of the chance of what was right, without an overflow far out.
        (-right).max(0.0) + (-right.abs()).exp().ln_1p()
    });
    each.sum::<f64>() / rows.len() as f64
}

fn best_step(binned: &Binned, pulls: &[Pull]) -> Option<Step> {
    let mut best: Option<Step> = None;
    for (place, column) in binned.columns.iter().enumerate() {
        let step = step_of(place, column, pulls);
        let better = |step: &Step| best.as_ref().is_none_or(|best| step.gain > best.gain);
        if let Some(step) = step.filter(better) {
            best = Some(step);
        }
    }
    best.filter(|step| step.gain > 0.0)
}

fn step_of(place: usize, column: &Column, pulls: &[Pull]) -> Option<Step> {
    let mut sums = [Pull::default(); MOST_CUTS + 1];
    let mut unknown = Pull::default();
    for (bin, pull) in column.bins.iter().zip(pulls) {
        match *bin {
            UNKNOWN => unknown.add(*pull),
            bin => sums[usize::from(bin)].add(*pull),
        }
    }
    let mut all = Pull::default();
    sums.iter().for_each(|sum| all.add(*sum));
    let (mut below, mut best) = (Pull::default(), None::<Step>);
    for bin in 1..=column.cuts.len() {
        below.add(sums[bin - 1]);
        let above = all.less(below);
        let falls = above.step() < below.step();
        let thin = below.weight < LEAST_WEIGHT || above.weight < LEAST_WEIGHT;
        let gain = below.gain() + above.gain() + unknown.gain();
        let worse = best.as_ref().is_some_and(|best| best.gain >= gain);
        if worse || thin || falls && column.feature.only_rises() {
            continue;
        }
        best = Some(Step {
            column: place,
            bin,
            below: RATE * below.step(),
            above: RATE * above.step(),
            unknown: RATE * unknown.step(),
            gain,
        });
    }
    best
}
