//! Rules and model together: a score, a decision, and reasons that sum to it.

use crate::exact::Exact;
use crate::ids::Direction;
use crate::risk::feature::Features;
use crate::risk::model::Model;
use crate::risk::reason::{Assessment, Decision, Reason, bounded};
use crate::risk::rules::{Combine, RuleSet, completed};
use jiff::civil::Date;

/// Rules, and a model beside them where there is one. It never changes: whoever shares it swaps
/// it for another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judge {
    rules: RuleSet,
    model: Option<Model>,
}

/// The score of the rules, that of the model, and what they become together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Scores {
    rules: u16,
    model: Option<u16>,
    score: u16,
}

impl Judge {
    /// A judge; without a model the rules decide alone, whatever the policy.
    pub const fn new(rules: RuleSet, model: Option<Model>) -> Judge {
        Judge { rules, model }
    }

    /// The rules.
    pub const fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// The model.
    pub const fn model(&self) -> Option<&Model> {
        self.model.as_ref()
    }

    /// The score and what it decides, without reasons: what a bulk of requests asks.
    pub fn score(&self, features: &Features, direction: Direction, on: Date) -> (u16, Decision) {
        let score = self.scores(features, direction, on).score;
        (score, self.rules.thresholds(direction).decide(score))
    }

    /// The score with everything that it rests on.
    pub fn assess(&self, features: &Features, direction: Direction, on: Date) -> Assessment {
        let Scores {
            rules,
            model,
            score,
        } = self.scores(features, direction, on);
        let reasons = match (self.rules.combine(), &self.model, model) {
            (Combine::Maximum, Some(of), Some(said)) if said > rules => of.reasons(features),
            (Combine::Reason { weight }, Some(of), Some(said)) => {
                let mut reasons = self.rules.reasons(features, direction, on);
                reasons.extend(as_one(of, said, weight));
                completed(reasons)
            }
            _ => completed(self.rules.reasons(features, direction, on)),
        };
        Assessment {
            score,
            decision: self.rules.thresholds(direction).decide(score),
            reasons,
            rules_score: rules,
            model_score: model,
            rules: self.rules.hash().to_owned(),
            model: self.model.as_ref().map(|model| model.hash().to_owned()),
        }
    }

    fn scores(&self, features: &Features, direction: Direction, on: Date) -> Scores {
        let sum = self.rules.sum(features, direction, on);
        let rules = bounded(sum);
        let model = self.model.as_ref().map(|model| model.score(features));
        let score = match (self.rules.combine(), model) {
            (Combine::Maximum, Some(said)) => rules.max(said),
            (Combine::Reason { weight }, Some(said)) => bounded(sum.plus(part(said, weight))),
            _ => rules,
        };
        Scores {
            rules,
            model,
            score,
        }
    }
}

/// The points of a model's score under a weight.
fn part(said: u16, weight: u16) -> i32 {
    i32::from(said).times(weight.into()) / 1_000
}

fn as_one(model: &Model, said: u16, weight: u16) -> Option<Reason> {
    let points = part(said, weight);
    (points != 0).then(|| Reason {
        id: "model".to_owned(),
        points,
        words: format!("the model {} says {said} of 1000", model.hash()),
    })
}

#[cfg(test)]
mod tests;
