use super::*;
use crate::risk::feature::Feature;
use crate::risk::model::{Knot, Table, Trained};
use crate::risk::rules::RuleSet;
use jiff::civil::date;
use proptest::prelude::*;

const SHIPPED: &str = include_str!("../../../../data/risk/rules.toml");
const DAY: Date = date(2026, 11, 27);

fn model() -> Model {
    let table = |feature, cut, more| Table {
        feature,
        cuts: vec![cut],
        adds: vec![-4_000, more],
        unknown: 0,
    };
    let tables = vec![
        table(Feature::AmountCents, 100_000, 30_000),
        table(Feature::Device10m, 5, 50_000),
    ];
    let knot = |log_odds, score| Knot { log_odds, score };
    let curve = vec![knot(-60_000, 2), knot(0, 500), knot(60_000, 998)];
    Model::written(-30_000, tables, curve, Trained::default())
        .unwrap()
        .0
}

fn judge(combine: &str) -> Judge {
    let rules = SHIPPED.replace("method = \"maximum\"", combine);
    Judge::new(RuleSet::parse(&rules).unwrap(), Some(model()))
}

fn features(amount: i64, device: i64, returned: i64) -> Features {
    let mut features = Features::default();
    features.set(Feature::AmountCents, amount);
    features.set(Feature::Device10m, device);
    features.set(Feature::CustomerReturnedUnauthorized, returned);
    features
}

#[test]
fn the_policy_says_what_becomes_of_two_scores() {
    let asked = features(200_000, 6, 1); // rules 150, the model 915
    let of = |combine| judge(combine).assess(&asked, Direction::Debit, DAY);
    let rules = of("method = \"rules\"");
    assert_eq!(
        (rules.score, rules.rules_score, rules.model_score),
        (150, 150, Some(915))
    );
    let most = of("method = \"maximum\"");
    assert_eq!((most.score, most.decision), (915, Decision::Deny));
    assert!(most.reasons[0].id.starts_with("model."));
    let one = of("method = \"reason\"\nweight = 500");
    assert_eq!(one.score, 150 + 457);
    assert_eq!(one.reasons[0].id, "model");
    let none = Judge::new(RuleSet::parse(SHIPPED).unwrap(), None);
    assert_eq!(none.assess(&asked, Direction::Debit, DAY).score, 150);
}

proptest! {
    #[test]
    fn whatever_the_policy_the_points_sum_to_the_score(
        amount in 0i64..2_000_000, device in 0i64..20, returned in 0i64..8, credit in any::<bool>()
    ) {
        let asked = features(amount, device, returned);
        let direction = if credit { Direction::Credit } else { Direction::Debit };
        for combine in ["method = \"rules\"", "method = \"maximum\"",
                        "method = \"reason\"\nweight = 700"] {
            let judge = judge(combine);
            let told = judge.assess(&asked, direction, DAY);
            prop_assert!(told.adds_up(), "{told:?}");
            prop_assert_eq!(judge.score(&asked, direction, DAY), (told.score, told.decision));
        }
    }
}
