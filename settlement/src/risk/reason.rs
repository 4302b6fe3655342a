//! What a score says for itself: reasons whose points sum to it, and a decision.

use crate::exact::Exact;
use serde::Serialize;
use std::fmt;

/// The highest score; the lowest is 0.
pub const MOST_SCORE: u16 = 1_000;

/// What is to become of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// It goes on.
    Approve,
    /// Somebody looks at it first.
    Review,
    /// It is refused.
    Deny,
}

impl Decision {
    /// `approve`, `review` or `deny`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Decision::Approve => "approve",
            Decision::Review => "review",
            Decision::Deny => "deny",
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// From which score on somebody looks, and from which a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// Review from here on.
    pub review: u16,
    /// Deny from here on; above `review`.
    pub deny: u16,
}

impl Thresholds {
    /// What a score decides.
    pub const fn decide(self, score: u16) -> Decision {
        match score {
            score if score >= self.deny => Decision::Deny,
            score if score >= self.review => Decision::Review,
            _ => Decision::Approve,
        }
    }
}

/// One reason for a score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// The rule, or `model.` and a feature.
    pub id: String,
    /// What it adds to the score; less than 0 where it speaks for the request.
    pub points: i32,
    /// In words, with the values that were seen.
    pub words: String,
}

/// A score with everything that it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Assessment {
    /// 0 to [`MOST_SCORE`].
    pub score: u16,
    /// What it decides.
    pub decision: Decision,
    /// Why, the weightiest first. Their points sum to the score.
    pub reasons: Vec<Reason>,
    /// What the rules alone say.
    pub rules_score: u16,
    /// What the model alone says, where there is one.
    pub model_score: Option<u16>,
    /// The first twelve digits of the SHA-256 of the rules' file.
    pub rules: String,
    /// The same of the model's.
    pub model: Option<String>,
}

impl Assessment {
    /// Whether the score is in its range and the points of the reasons sum to it: what everybody
    /// who scores promises, and what is asked of a scorer elsewhere before it is believed.
    pub fn adds_up(&self) -> bool {
        let points = self.reasons.iter().map(|reason| i64::from(reason.points));
        let sum = points.fold(0i64, Exact::plus);
        self.score <= MOST_SCORE && sum == i64::from(self.score)
    }
}

/// The points that bring `sum` into the range of a score, with the reason's name: `cap` takes what
/// is above it, `floor` gives what is missing.
pub fn bound(sum: i32) -> Option<(&'static str, i32)> {
    match sum {
        ..0 => Some(("floor", 0i32.less(sum))),
        sum if sum > i32::from(MOST_SCORE) => Some(("cap", i32::from(MOST_SCORE).less(sum))),
        _ => None,
    }
}

/// `sum` as a score, at its end where it is beyond.
pub fn bounded(sum: i32) -> u16 {
    let sum = sum.clamp(0, i32::from(MOST_SCORE));
    u16::try_from(sum).unwrap_or(MOST_SCORE)
}
