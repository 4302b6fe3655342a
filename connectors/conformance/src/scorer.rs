//! The suite of [`Scorer`].

use connectors::{Scorer, ToScore};
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

#[cfg(test)]
mod tests {
    use super::*;
    use connectors::Swapped;
    use jiff::civil::date;
    use settlement::risk::feature::Feature;
    use settlement::risk::judge::Judge;
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
