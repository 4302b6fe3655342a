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
