//! The suite of [`Scorer`].

use crate::{Scorer, ToScore};
use jiff::civil::date;
use settlement::ids::Direction;
use settlement::risk::feature::{Feature, Features};

/// Every score is within its range, its points sum to it, and the same question has the same
/// answer; whoever knows nothing of a request answers too.
pub async fn scores_are_explained(scorer: &dyn Scorer) {
    let mut all = Features::default();
    let mut asked = vec![all.clone()];
    for feature in Feature::ALL {
        all.set(*feature, feature.unit().most());
        asked.push(all.clone());
        let mut alone = Features::default();
        alone.set(*feature, 1);
        asked.push(alone);
    }
    for features in asked {
        for direction in [Direction::Debit, Direction::Credit] {
            let asked = ToScore {
                features: features.clone(),
                direction,
                on: date(2026, 11, 27),
            };
            let told = scorer.assess(&asked).await.expect("an answer");
            assert!(told.adds_up(), "{told:?}");
            let again = scorer.assess(&asked).await.expect("an answer");
            assert_eq!(told, again, "the same question");
        }
    }
}
