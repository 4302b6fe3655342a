//! Scoring a request's risk: by the rules and the model in this process, or by somebody else.

use crate::error::Result;
use async_trait::async_trait;
use jiff::civil::Date;
use settlement::ids::Direction;
use settlement::risk::feature::Features;
use settlement::risk::judge::Judge;
use settlement::risk::reason::Assessment;
use std::sync::{Arc, PoisonError, RwLock};

/// What is asked of a scorer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToScore {
    /// What is known of the request.
    pub features: Features,
    /// Which way its money goes.
    pub direction: Direction,
    /// The day whose rules are in force.
    pub on: Date,
}

/// Whoever scores. Whatever one answers adds up ([`Assessment::adds_up`]); a caller who asks one
/// elsewhere bounds the time it waits, and scores by itself when there is no answer.
#[async_trait]
pub trait Scorer: Send + Sync {
    /// The score of a request, with its reasons.
    ///
    /// # Errors
    /// Where it does not answer. One within this process always does.
    async fn assess(&self, asked: &ToScore) -> Result<Assessment>;
}

#[async_trait]
impl Scorer for Judge {
    async fn assess(&self, asked: &ToScore) -> Result<Assessment> {
        Ok(Judge::assess(
            self,
            &asked.features,
            asked.direction,
            asked.on,
        ))
    }
}

/// A judge that can be exchanged while others ask it: new rules need no restart. Who has begun
/// with one ends with it.
#[derive(Debug)]
pub struct Swapped(RwLock<Arc<Judge>>);

impl Swapped {
    /// Begins with `judge`.
    pub fn new(judge: Judge) -> Swapped {
        Swapped(RwLock::new(Arc::new(judge)))
    }

    /// The judge of now.
    pub fn current(&self) -> Arc<Judge> {
        let judge = self.0.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&judge)
    }

    /// Puts another in its place, and gives back the one before.
    pub fn swap(&self, judge: Judge) -> Arc<Judge> {
        let mut here = self.0.write().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut here, Arc::new(judge))
    }
}

#[async_trait]
impl Scorer for Swapped {
    async fn assess(&self, asked: &ToScore) -> Result<Assessment> {
        Scorer::assess(&*self.current(), asked).await
    }
}

// The suite is behind a feature, which every run of the whole workspace has.
#[cfg(all(test, feature = "conformance"))]
mod tests {
    use super::*;
    use crate::conformance::scores_are_explained;
    use jiff::civil::date;
    use settlement::risk::feature::Feature;
    use settlement::risk::rules::RuleSet;

    const RULES: &str = include_str!("../../../data/risk/rules.toml");

    fn judge(rules: &str) -> Judge {
        Judge::new(RuleSet::parse(rules).unwrap(), None)
    }

    #[tokio::test]
    async fn the_rules_in_this_process_are_a_scorer() {
        scores_are_explained(&judge(RULES)).await;
        scores_are_explained(&Swapped::new(judge(RULES))).await;
    }

    #[tokio::test]
    async fn new_rules_hold_at_once_and_who_began_with_the_old_ends_with_them() {
        let swapped = Swapped::new(judge(RULES));
        let began = swapped.current();
        let mut features = Features::default();
        features.set(Feature::BlockedDevice, 1);
        let asked = ToScore {
            features,
            direction: Direction::Debit,
            on: date(2026, 11, 27),
        };
        assert_eq!(swapped.assess(&asked).await.unwrap().score, 700);
        let softer = RULES.replacen("weight = 700", "weight = 300", 1);
        let before = swapped.swap(judge(&softer));
        assert_eq!(swapped.assess(&asked).await.unwrap().score, 300);
        assert_eq!(Scorer::assess(&*began, &asked).await.unwrap().score, 700);
        assert_eq!(before.rules().hash(), began.rules().hash());
    }
}
