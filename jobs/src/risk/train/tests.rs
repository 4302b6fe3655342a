use super::*;
use crate::risk::replay::rows;
use sandbox::history::history;
use settlement::risk::feature::Feature;

fn made(rows: &[Row]) -> Made {
    train(rows, "a test", 500).unwrap()
}

#[test]
fn the_same_history_gives_the_same_file_and_it_finds_frauds() {
    let rows = rows(&history(7, 12_000));
    let one = made(&rows);
    assert_eq!(one.text, made(&rows).text);
    assert!(one.held_out.auc > 0.85, "{:?}", one.held_out);
    assert!(
        one.held_out.brier < one.held_out.brier_of_the_rate,
        "{:?}",
        one.held_out
    );
    assert_eq!(Model::parse(&one.text).unwrap(), one.model);
    for feature in Feature::ALL.iter().filter(|f| f.only_rises()) {
        assert!(one.model.only_rises(*feature), "{feature}");
    }
}

#[test]
fn labels_that_mean_nothing_teach_nothing() {
    let mut rows = rows(&history(7, 6_000));
    // Frauds by place in the file: no feature knows of it.
    let mut state = 1u64;
    for row in &mut rows {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        row.fraud = state >> 33 < 1 << 26;
    }
    let told = made(&rows).held_out;
    assert!((0.40..0.60).contains(&told.auc), "{told:?}");
}

#[test]
fn a_history_that_teaches_nothing_is_refused() {
    let mut all = rows(&history(7, 3_000));
    let refused = |rows: &[Row]| train(rows, "a test", 500).unwrap_err().to_string();
    assert!(refused(&all[..100]).contains("100 rows"));
    all.swap(0, 2_000);
    assert!(refused(&all).contains("order"));
    all.swap(0, 2_000);
    all.iter_mut().for_each(|row| row.fraud = false);
    assert!(refused(&all).contains("0 frauds"));
}
