use super::*;
use proptest::prelude::*;

fn tables() -> Vec<Table> {
    let table = |feature, cuts: &[i64], adds: &[i32], unknown| Table {
        feature,
        cuts: cuts.to_vec(),
        adds: adds.to_vec(),
        unknown,
    };
    vec![
        table(
            Feature::AmountCents,
            &[1_000, 50_000],
            &[5_000, -3_000, 8_000],
            0,
        ),
        table(Feature::Device10m, &[3, 10], &[-2_000, 10_000, 40_000], 500),
        table(Feature::BlockedIp, &[1], &[0, 90_000], 0),
    ]
}

fn curve() -> Vec<Knot> {
    let knots = [
        (-80_000, 0),
        (-20_000, 119),
        (0, 500),
        (20_000, 881),
        (80_000, 1_000),
    ];
    knots
        .iter()
        .map(|(log_odds, score)| Knot {
            log_odds: *log_odds,
            score: *score,
        })
        .collect()
}

pub fn sample() -> (Model, String) {
    Model::written(-45_000, tables(), curve(), Trained::default()).unwrap()
}

fn of(values: &[(Feature, i64)]) -> Features {
    let mut features = Features::default();
    values
        .iter()
        .for_each(|(feature, value)| features.set(*feature, *value));
    features
}

#[test]
fn a_score_is_the_sum_of_its_steps_on_the_curve() {
    let (model, _) = sample();
    assert_eq!(model.log_odds(&of(&[])), -44_500);
    let asked = of(&[(Feature::AmountCents, 50_000), (Feature::Device10m, 12)]);
    assert_eq!(model.log_odds(&asked), 3_000);
    assert_eq!(model.score(&asked), 557);
    assert_eq!(
        model.score(&of(&[(Feature::BlockedIp, 1), (Feature::Device10m, 99)])),
        1_000
    );
    assert!(model.only_rises(Feature::Device10m) && !model.only_rises(Feature::AmountCents));
}

#[test]
fn the_reasons_are_as_they_should_be() {
    let (model, _) = sample();
    let reasons = model.reasons(&of(&[
        (Feature::AmountCents, 50_000),
        (Feature::Device10m, 12),
    ]));
    let said: Vec<String> = reasons
        .iter()
        .map(|r| format!("{} {}: {}", r.points, r.id, r.words))
        .collect();
    let golden = format!(
        "69 model.base: the model {} before it looks at anything\n\
         335 model.device_count_10m: device_count_10m is 12\n\
         153 model.amount_cents: amount_cents is 500.00",
        model.hash()
    );
    assert_eq!(said.join("\n"), golden);
}

#[test]
fn a_model_of_other_features_is_refused() {
    let (_, text) = sample();
    let (_, body) = text.split_once('\n').unwrap();
    for (right, wrong, word) in [
        (
            "features = 1\n",
            "features = 2\n",
            "version 2 of the features",
        ),
        ("format = 1\n", "format = 9\n", "format is 9"),
        ("\"amount_cents\"", "\"amount_dollars\"", "no feature"),
        ("\"device_count_10m\"", "\"amount_cents\"", "twice"),
        ("cuts = [3, 10]", "cuts = [10, 3]", "do not rise"),
        ("cuts = [3, 10]", "cuts = [3]", "one step more"),
        ("adds = [0, 90000]", "adds = [0, 900000]", "beyond"),
        ("base = -45000", "base = -900000", "base"),
        ("score = [0, 119,", "score = [120, 119,", "curve"),
        ("881, 1000]", "881, 1001]", "curve"),
        ("base = -45000", "base = -45000\nmore = 1", "unknown field"),
    ] {
        let other = body.replacen(right, wrong, 1);
        assert_ne!(other, body, "{right}");
        let signed = format!("sha256 = \"{}\"\n{other}", write::hash(&other));
        let error = Model::parse(&signed).unwrap_err().to_string();
        assert!(error.contains(word), "{wrong}: {error}");
    }
}

#[test]
fn what_is_no_model_is_refused() {
    for text in ["", "\n", "sha256 = \"\"\n", "format = 1\nfeatures = 1\n"] {
        assert_eq!(Model::parse(text), Err(ModelError::Unsigned), "{text:?}");
    }
    let long = "x".repeat(MODEL_BYTES as usize + 1);
    assert_eq!(Model::parse(&long), Err(ModelError::TooLong));
    let (_, text) = sample();
    let upper = text.replacen(&text[10..74], &text[10..74].to_uppercase(), 1);
    assert_eq!(Model::parse(&upper), Err(ModelError::Unsigned));
}

#[test]
fn a_file_that_was_read_and_written_is_the_same() {
    let (model, text) = sample();
    let (curve, trained) = (model.curve.clone(), model.trained.clone());
    let (again, same) = Model::written(model.base, model.tables.clone(), curve, trained).unwrap();
    assert_eq!((again, same), (model, text));
}

#[test]
fn every_bit_that_is_turned_is_noticed() {
    let (_, text) = sample();
    for at in 0..text.len() {
        for bit in 0..7 {
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            let changed = String::from_utf8(bytes).unwrap();
            assert!(Model::parse(&changed).is_err(), "byte {at}, bit {bit}");
        }
    }
}

proptest! {
    #[test]
    fn points_sum_to_the_score(amount in 0i64..100_000, device in 0i64..20, blocked in 0i64..2) {
        let (model, _) = sample();
        let features = of(&[
            (Feature::AmountCents, amount),
            (Feature::Device10m, device),
            (Feature::BlockedIp, blocked),
        ]);
        let sum: i32 = model.reasons(&features).iter().map(|r| r.points).sum();
        prop_assert_eq!(sum, i32::from(model.score(&features)));
    }

    #[test]
    fn the_curve_never_falls(a in -200_000i32..200_000, b in -200_000i32..200_000) {
        let (model, _) = sample();
        prop_assert!(model.on_curve(a.min(b)) <= model.on_curve(a.max(b)));
    }

    #[test]
    fn no_text_brings_it_down(text in any::<String>()) {
        let signed = format!("sha256 = \"{}\"\n{text}", write::hash(&text));
        let _ = (Model::parse(&text), Model::parse(&signed));
    }
}
