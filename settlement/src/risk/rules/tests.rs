use super::*;
use crate::risk::feature::Unit;
use crate::risk::judge::Judge;
use crate::risk::reason::Assessment;
use jiff::civil::date;
use proptest::prelude::*;

pub const SHIPPED: &str = include_str!("../../../../data/risk/rules.toml");

const DAY: Date = date(2026, 11, 27);

pub fn shipped() -> RuleSet {
    RuleSet::parse(SHIPPED).unwrap()
}

/// Features anywhere in their range, small ones as often as large; some unknown.
pub fn any_features() -> impl Strategy<Value = Features> {
    let one = (0u8..4, any::<u64>(), 0u32..64);
    proptest::collection::vec(one, crate::risk::feature::FEATURES).prop_map(|drawn| {
        let mut features = Features::default();
        for (feature, (known, bits, shift)) in Feature::ALL.iter().zip(drawn) {
            let value = i64::try_from(bits >> shift >> 1).unwrap();
            if known != 0 {
                features.set(*feature, value);
            }
        }
        features
    })
}

fn directions() -> impl Strategy<Value = Direction> {
    prop_oneof![Just(Direction::Debit), Just(Direction::Credit)]
}

fn told(features: &[(Feature, i64)], direction: Direction) -> Assessment {
    let mut all = Features::default();
    for (feature, value) in features {
        all.set(*feature, *value);
    }
    Judge::new(shipped(), None).assess(&all, direction, DAY)
}

#[test]
fn the_reasons_of_an_account_that_was_taken_over_are_as_they_should_be() {
    let features = [
        (Feature::AmountCents, 480_000),
        (Feature::AmountToNewPayee, 480_000),
        (Feature::AmountToLargest, 1_200),
        (Feature::NewThings, 3),
        (Feature::CustomerAge, 412),
        (Feature::CountryChanged, 1),
        (Feature::PayeeAge, 0),
        (Feature::KmFromLast, 8_587),
        (Feature::Speed, 4_293),
        (Feature::LocalHour, 3),
    ];
    let told = told(&features, Direction::Credit);
    let said = told.reasons.iter();
    let said: Vec<String> = said
        .map(|r| format!("{} {}: {}", r.points, r.id, r.words))
        .collect();
    let golden = "\
350 new-device-new-payee: 3 of account, device and country are new to a customer of 412 days
300 far-too-fast: 8587 km from the last request, at 4293 km/h
200 unlike-before: 4,800.00 is 1200 % of this customer's largest in 90 days
180 new-payee-large: 4,800.00 to an account that this customer has paid for 0 h
150 other-country: the address is in another country than the last one
60 small-hours: asked for at 3:00 where the customer is
-240 cap: a score ends at 1000";
    assert_eq!(said.join("\n"), golden);
    assert_eq!((told.score, told.decision.as_str()), (1_000, "deny"));
    assert!(told.adds_up());
}

#[test]
fn what_is_known_for_long_goes_through_with_its_reason() {
    let features = [
        (Feature::AmountCents, 4_200),
        (Feature::PayeeAge, 5_000),
        (Feature::AccountReturnedUnauthorized, 0),
    ];
    let told = told(&features, Direction::Debit);
    assert_eq!((told.score, told.decision.as_str()), (0, "approve"));
    let ids: Vec<(&str, i32)> = told
        .reasons
        .iter()
        .map(|r| (r.id.as_str(), r.points))
        .collect();
    assert_eq!(ids, [("long-known", -100), ("floor", 100)]);
}

#[test]
fn a_rule_holds_from_its_day_to_the_one_before_its_end() {
    let first = SHIPPED.replacen(
        "valid_from = \"2026-01-01\"\n",
        "valid_from = \"2026-01-01\"\nvalid_until = \"2026-06-01\"\n",
        1,
    );
    let second = "\n[[rule]]\nid = \"blocked-account\"\nversion = 2\nvalid_from = \"2026-06-01\"\n\
                  applies_to = [\"debit\", \"credit\"]\nfeature = \"blocked_account\"\n\
                  at_least = [[1, 100]]\nweight = 900\nwords = \"listed\"\n";
    let set = RuleSet::parse(&format!("{first}{second}")).unwrap();
    let mut features = Features::default();
    features.set(Feature::BlockedAccount, 1);
    let on = |day| set.score(&features, Direction::Debit, day);
    assert_eq!(on(date(2025, 12, 31)), 0);
    assert_eq!(on(date(2026, 5, 31)), 1_000);
    assert_eq!(on(date(2026, 6, 1)), 900);
}

#[test]
fn credits_have_rules_of_their_own() {
    let features = [(Feature::AccountCustomers30d, 9), (Feature::AccountAge, 3)];
    assert_eq!(told(&features, Direction::Credit).score, 600);
    assert_eq!(told(&features, Direction::Debit).score, 0);
}

/// The file with its rules in the order of `keys`.
fn shuffled(keys: &[u64]) -> String {
    let mut pieces = SHIPPED.split("[[rule]]");
    let head = pieces.next().unwrap();
    let mut rules: Vec<(u64, &str)> = keys.iter().copied().zip(pieces).collect();
    rules.sort_unstable();
    let rules: String = rules
        .iter()
        .map(|(_, rule)| format!("[[rule]]{rule}\n"))
        .collect();
    format!("{head}{rules}")
}

proptest! {
    #[test]
    fn a_score_is_in_its_range_and_its_points_sum_to_it(
        features in any_features(), direction in directions()
    ) {
        let judge = Judge::new(shipped(), None);
        let told = judge.assess(&features, direction, DAY);
        prop_assert!(told.adds_up(), "{told:?}");
        prop_assert_eq!(judge.score(&features, direction, DAY), (told.score, told.decision));
    }

    #[test]
    fn more_of_what_only_rises_never_lowers_the_score(
        features in any_features(), direction in directions(), more in 1i64..1_000_000
    ) {
        let set = shipped();
        let before = set.score(&features, direction, DAY);
        for feature in Feature::ALL.iter().filter(|f| f.only_rises()) {
            // Whoever has returned entries is not long known any more, and that raises too.
            let mut features = features.clone();
            let value = features.get(*feature).unwrap_or(0);
            features.set(*feature, value);
            let here = set.score(&features, direction, DAY);
            features.set(*feature, value.saturating_add(more));
            let after = set.score(&features, direction, DAY);
            prop_assert!(after >= here, "{feature}: {here} to {after}");
        }
        prop_assert!(before <= 1_000);
    }

    #[test]
    fn the_order_of_rules_in_a_file_does_not_matter(
        keys in proptest::collection::vec(any::<u64>(), 64),
        features in any_features(), direction in directions()
    ) {
        let other = RuleSet::parse(&shuffled(&keys)).unwrap();
        let (one, other) = (Judge::new(shipped(), None), Judge::new(other, None));
        let (one, other) = (
            one.assess(&features, direction, DAY),
            other.assess(&features, direction, DAY),
        );
        prop_assert_eq!(one.reasons, other.reasons);
        prop_assert_eq!(one.score, other.score);
    }
}

#[test]
fn every_rule_that_ships_can_hold() {
    let set = shipped();
    assert!(set.rules().len() >= 20);
    for rule in set.rules() {
        let mut features = Features::default();
        for guard in &rule.guards {
            features.set(guard.feature, guard.bound);
        }
        let last = rule.steps.last().unwrap().bound;
        features.set(rule.feature, last);
        assert_eq!(rule.points(&features), rule.weight(), "{}", rule.id);
        let far = Unit::most(rule.feature.unit());
        assert!(last <= far, "{}", rule.id);
    }
}
