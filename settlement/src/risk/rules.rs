//! Rules as data: each looks at one feature, and says in steps how many points that is.
//!
//! A file of rules is a TOML document (`data/risk/rules.toml` is the one that ships and shows every
//! field). [`RuleSet::parse`] refuses what cannot be meant, with its line: a rule that can never
//! hold or always does, a step that is never reached, two rules that say the same, a threshold
//! that no request can come to. What it lets through is a value; whoever shares it swaps one for
//! another (`connectors::Swapped`), so a change needs no restart.
//!
//! A feature that is unknown makes no rule hold. Where no weight of a rule is below zero and its
//! steps go up, more of its feature never lowers the score.

mod check;
mod error;
mod read;
mod template;

pub use error::{MOST_RULES, RULES_BYTES, RulesError};

use crate::exact::Exact;
use crate::ids::Direction;
use crate::risk::feature::{Feature, Features};
use crate::risk::reason::{Reason, Thresholds, bound, bounded};
use jiff::civil::Date;
use template::Template;

/// How the score of a model and that of the rules become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Combine {
    /// The rules alone.
    Rules,
    /// The larger of the two, with its reasons.
    Maximum,
    /// The rules, with the model as one reason of this weight.
    Reason {
        /// The points of a model's score of 1000.
        weight: u16,
    },
}

/// On which side of a bound a value must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    AtLeast,
    AtMost,
}

impl Way {
    fn holds(self, value: i64, bound: i64) -> bool {
        match self {
            Way::AtLeast => value >= bound,
            Way::AtMost => value <= bound,
        }
    }
}

/// What else must hold for a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Guard {
    feature: Feature,
    way: Way,
    bound: i64,
}

/// From a bound on, so many points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Step {
    bound: i64,
    points: i32,
}

/// One rule, in one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    id: String,
    version: u32,
    from: Date,
    until: Option<Date>,
    debits: bool,
    credits: bool,
    feature: Feature,
    way: Way,
    /// Each further than the one before, and with more points either way.
    steps: Vec<Step>,
    guards: Vec<Guard>,
    words: Template,
    line: usize,
}

/// A rule that held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit<'a> {
    /// Which.
    pub rule: &'a Rule,
    /// How many points it gives.
    pub points: i32,
}

impl Rule {
    /// Its name.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its version.
    pub const fn version(&self) -> u32 {
        self.version
    }

    /// What it looks at.
    pub const fn feature(&self) -> Feature {
        self.feature
    }

    /// The points of its last step: the most that it gives or takes.
    pub fn weight(&self) -> i32 {
        self.steps.last().map_or(0, |step| step.points)
    }

    /// Whether it holds for requests of that day that go this way.
    pub fn is_in_force(&self, direction: Direction, on: Date) -> bool {
        let way = match direction {
            Direction::Debit => self.debits,
            Direction::Credit => self.credits,
        };
        way && self.from <= on && self.until.is_none_or(|until| on < until)
    }

    /// The points for `features`; 0 where it does not hold.
    fn points(&self, features: &Features) -> i32 {
        let Some(value) = features.get(self.feature) else {
            return 0;
        };
        let reached = |step: &&Step| self.way.holds(value, step.bound);
        let Some(step) = self.steps.iter().rev().find(reached) else {
            return 0;
        };
        let holds = |guard: &Guard| {
            let value = features.get(guard.feature);
            value.is_some_and(|value| guard.way.holds(value, guard.bound))
        };
        match self.guards.iter().all(holds) {
            true => step.points,
            false => 0,
        }
    }
}

/// The rules of a file, with the policy that stands in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSet {
    /// By id and version, whatever their order in the file.
    rules: Vec<Rule>,
    debit: Thresholds,
    credit: Thresholds,
    combine: Combine,
    hash: String,
}

impl RuleSet {
    /// Reads a file of rules.
    ///
    /// # Errors
    /// What is wrong with it first, and in which line.
    pub fn parse(text: &str) -> Result<RuleSet, RulesError> {
        let set = RuleSet::read(text)?;
        set.check()?;
        Ok(set)
    }

    /// The rules, by id and version.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// From which scores on somebody looks, and a request is refused.
    pub const fn thresholds(&self, direction: Direction) -> Thresholds {
        match direction {
            Direction::Debit => self.debit,
            Direction::Credit => self.credit,
        }
    }

    /// How a model's score is combined with that of the rules.
    pub const fn combine(&self) -> Combine {
        self.combine
    }

    /// The first twelve digits of the SHA-256 of the file.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The rules that hold, by id.
    pub fn hits<'a>(
        &'a self,
        features: &'a Features,
        direction: Direction,
        on: Date,
    ) -> impl Iterator<Item = Hit<'a>> {
        let here = self.rules.iter();
        let here = here.filter(move |rule| rule.is_in_force(direction, on));
        here.filter_map(|rule| {
            let points = rule.points(features);
            (points != 0).then_some(Hit { rule, points })
        })
    }

    /// The sum of all that hold, which may be beyond a score's range.
    pub fn sum(&self, features: &Features, direction: Direction, on: Date) -> i32 {
        let points = self.hits(features, direction, on).map(|hit| hit.points);
        points.fold(0i32, Exact::plus) // at most MOST_RULES times a thousand
    }

    /// The score.
    pub fn score(&self, features: &Features, direction: Direction, on: Date) -> u16 {
        bounded(self.sum(features, direction, on))
    }

    /// Reasons for the rules that hold, by id, without what a cap takes.
    pub fn reasons(&self, features: &Features, direction: Direction, on: Date) -> Vec<Reason> {
        let hits = self.hits(features, direction, on);
        let reasons = hits.map(|Hit { rule, points }| Reason {
            id: rule.id.clone(),
            points,
            words: rule.words.said(rule.feature, features),
        });
        reasons.collect()
    }
}

/// Brings the weightiest first, and adds what brings their sum into the range of a score.
pub fn completed(mut reasons: Vec<Reason>) -> Vec<Reason> {
    let points = reasons.iter().map(|reason| reason.points);
    let end = bound(points.fold(0i32, Exact::plus));
    reasons.sort_by(|a, b| {
        let weight = b.points.unsigned_abs().cmp(&a.points.unsigned_abs());
        weight.then_with(|| a.id.cmp(&b.id))
    });
    if let Some((id, points)) = end {
        let words = match id {
            "cap" => "a score ends at 1000",
            _ => "a score begins at 0",
        };
        reasons.push(Reason {
            id: id.to_owned(),
            points,
            words: words.to_owned(),
        });
    }
    reasons
}

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod tests;
