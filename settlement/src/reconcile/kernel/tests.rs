//! The kernel against a matcher that is slow and obviously right.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

type Rows = Vec<(i64, i64)>;

/// The rules of the module's introduction, told with maps and nothing else.
fn naive(left: &Rows, right: &Rows) -> (Vec<Outcome>, Vec<(u32, u32)>) {
    let mut keys: BTreeMap<i64, [Vec<Row>; 2]> = BTreeMap::new();
    for (side, rows) in [left, right].into_iter().enumerate() {
        for (row, (key, cents)) in rows.iter().enumerate() {
            keys.entry(*key).or_default()[side].push(Row {
                row: row as u32,
                cents: *cents,
            });
        }
    }
    let (mut outcomes, mut pairs) = (Vec::new(), Vec::new());
    for (key, [mut left, mut right]) in keys {
        let before = pairs.len();
        while let Some((i, j)) = first_equal(&left, &right) {
            pairs.push((left.remove(i).row, right.remove(j).row));
        }
        let paired = pairs.len() > before;
        let mut say = |kind, left, right| {
            outcomes.push(Outcome {
                key,
                kind,
                left,
                right,
            })
        };
        if let ([l], [r]) = (&left[..], &right[..]) {
            say(Kind::AmountDiffers, Some(*l), Some(*r));
            continue;
        }
        let (none_left, none_right) = (left.is_empty(), right.is_empty());
        for (n, l) in left.into_iter().enumerate() {
            let kind = match (none_right, n == 0 && !paired) {
                (true, true) => Kind::LeftOnly,
                (true, false) => Kind::DuplicateLeft,
                _ => Kind::Ambiguous,
            };
            say(kind, Some(l), None);
        }
        for (n, r) in right.into_iter().enumerate() {
            let kind = match (none_left, n == 0 && !paired) {
                (true, true) => Kind::RightOnly,
                (true, false) => Kind::DuplicateRight,
                _ => Kind::Ambiguous,
            };
            say(kind, None, Some(r));
        }
    }
    outcomes.sort();
    pairs.sort();
    (outcomes, pairs)
}

fn first_equal(left: &[Row], right: &[Row]) -> Option<(usize, usize)> {
    left.iter().enumerate().find_map(|(i, l)| {
        right
            .iter()
            .position(|r| r.cents == l.cents)
            .map(|j| (i, j))
    })
}

/// Feeds `rows` in chunks of `chunk` rows, the chunks in reverse where `backwards`.
fn side(rows: &Rows, shape: Partitions, chunk: usize, backwards: bool) -> Partitioner {
    let keys: Vec<i64> = rows.iter().map(|r| r.0).collect();
    let cents: Vec<i64> = rows.iter().map(|r| r.1).collect();
    let mut starts: Vec<usize> = (0..rows.len()).step_by(chunk).collect();
    if backwards {
        starts.reverse();
    }
    let mut side = Partitioner::new(shape);
    for from in starts {
        let to = (from + chunk).min(rows.len());
        side.push(&keys[from..to], &cents[from..to], from as u32)
            .unwrap();
    }
    side
}

const ALL: Options = Options {
    outcomes: usize::MAX,
    pairs: true,
    threads: 1,
};

fn run(left: &Rows, right: &Rows, rows: u64, chunk: usize, back: bool, o: Options) -> Reconciled {
    let shape = Partitions::for_rows(rows);
    reconcile(
        side(left, shape, chunk, back),
        side(right, shape, chunk, !back),
        o,
    )
    .unwrap()
}

fn few_keys() -> impl Strategy<Value = Rows> {
    let key = prop_oneof![-3i64..12, Just(i64::MIN), Just(i64::MAX)];
    // Some do not fit the 32 bits of a packed row, and two fit only just.
    let narrowest = i64::from(i32::MIN);
    let cents = prop_oneof![
        4 => -2i64..3,
        1 => prop::sample::select(vec![i64::MIN, i64::MAX, narrowest, narrowest + 1, 1 << 31]),
    ];
    prop::collection::vec((key, cents), 0..60)
}

proptest! {
    #[test]
    fn the_kernel_agrees_with_the_naive_matcher(left in few_keys(), right in few_keys()) {
        let found = run(&left, &right, 1, 7, false, ALL);
        let (outcomes, pairs) = naive(&left, &right);
        prop_assert_eq!(&found.outcomes, &outcomes);
        prop_assert_eq!(&found.pairs, &pairs);
        prop_assert!(found.summary.conserves());
        prop_assert_eq!(found.summary.matched.rows, pairs.len() as u64);
        prop_assert_eq!(found.summary.outcomes(), outcomes.len() as u64);
    }

    #[test]
    fn arrival_partitions_and_threads_change_nothing(
        left in few_keys(), right in few_keys(), chunk in 1usize..40, size in 1u64..9_000_000,
    ) {
        let plain = run(&left, &right, 1, 1_000, false, ALL);
        let other = run(&left, &right, size, chunk, true, Options { threads: 3, ..ALL });
        prop_assert_eq!(&plain, &other);
        let limited = run(&left, &right, size, chunk, true, Options { outcomes: 5, ..ALL });
        let kept = plain.outcomes.len().min(5);
        prop_assert_eq!(&limited.outcomes[..], &plain.outcomes[..kept]);
        prop_assert_eq!(limited.withheld, (plain.outcomes.len() - kept) as u64);
        prop_assert_eq!(limited.summary, plain.summary);
    }
}

#[test]
fn many_rows_fill_runs_and_partitions() {
    let left: Rows = (0..200_000)
        .map(|i| (i * 7 + 91_000_010_000_000, i % 999))
        .collect();
    let mut right: Rows = left.iter().rev().copied().collect();
    right[10].1 += 1;
    right.push((5, 5));
    right.push(left[77]);
    right.remove(100);
    let found = run(
        &left,
        &right,
        200_000,
        70_000,
        true,
        Options { threads: 2, ..ALL },
    );
    let (outcomes, pairs) = naive(&left, &right);
    assert_eq!(found.outcomes, outcomes);
    assert_eq!(found.pairs, pairs);
    assert!(found.summary.conserves());
    let limited = run(
        &left,
        &Rows::new(),
        1,
        999,
        true,
        Options {
            outcomes: 100,
            ..ALL
        },
    );
    assert_eq!(
        limited.outcomes.first().map(|o| o.key),
        Some(91_000_010_000_000)
    );
    assert_eq!((limited.outcomes.len(), limited.withheld), (100, 199_900));
}

#[test]
fn a_key_that_fills_a_whole_side_is_no_trap() {
    let left: Rows = (0..100_000).map(|_| (0, 1)).collect();
    let found = run(&left, &left, 100_000, 65_536, false, ALL);
    assert_eq!(found.summary.matched.rows, 100_000);
    assert!(found.outcomes.is_empty() && found.summary.conserves());
}

#[test]
fn texts_that_share_a_hash_are_never_matched() {
    let texts = ["INV-1", "INV-2", "INV-3"];
    let keys = [1i64, 1, text_key(b"INV-3")];
    let shape = Partitions::for_rows(3);
    let (mut left, mut right) = (Partitioner::new(shape), Partitioner::new(shape));
    left.push(&keys[..1], &[100], 0).unwrap();
    left.push(&keys[2..], &[300], 2).unwrap();
    right.push(&keys[1..], &[100, 300], 1).unwrap();
    let same = |a: Place, b: Place| texts[a.row as usize] == texts[b.row as usize];
    let found = reconcile_verified(left, right, ALL, same).unwrap();
    assert_eq!(found.pairs, [(2, 2)]);
    assert!(
        found
            .outcomes
            .iter()
            .all(|o| o.kind == Kind::Ambiguous && o.key == 1)
    );
    assert!(found.summary.conserves());
    assert_ne!(text_key(b"INV-1"), text_key(b"INV-2"));
    assert_ne!(text_key(b"A"), text_key(b"A\0"));
}

#[test]
fn wrong_chunks_are_refused_whole() {
    let mut side = Partitioner::new(Partitions::for_rows(1));
    assert!(matches!(
        side.push(&[1, 2], &[1], 0),
        Err(KernelError::Uneven { .. })
    ));
    assert!(matches!(
        side.push(&[1], &[1], u32::MAX),
        Err(KernelError::TooManyRows(_))
    ));
    assert!(side.push(&[1], &[1], MAX_ROW).is_ok());
    assert_eq!(side.flow(), Flow { rows: 1, cents: 1 });
    let other = Partitioner::new(Partitions::for_rows(1_000_000));
    assert!(matches!(
        reconcile(side, other, ALL),
        Err(KernelError::Shape { .. })
    ));
}
