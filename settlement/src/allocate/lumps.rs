//! Many nameless lines: what stands together is found, what does not is left alone.

#![allow(clippy::arithmetic_side_effects)] // small numbers of our own

use super::Expectation;
use super::tests::{Case, line, returned};
use crate::bank::LineRole;
use std::collections::BTreeMap;

/// Lines of ten returns each: neighbours, or drawn at random.
fn lumped(neighbours: bool, seed: u64, most: u64) -> (Case, BTreeMap<String, Vec<String>>) {
    let mut state = seed;
    let mut draw = |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let items: Vec<Expectation> = (1..=10_000u64)
        .map(|n| {
            let mut one = returned(n, -i64::try_from(100 + draw(most)).unwrap());
            one.company = format!("{:010}", (n - 1) / 500);
            one
        })
        .collect();
    let mut order: Vec<usize> = (0..items.len()).collect();
    if !neighbours {
        for at in (1..order.len()).rev() {
            let other = usize::try_from(draw(u64::try_from(at).unwrap() + 1)).unwrap();
            order.swap(at, other);
        }
    }
    let mut truth = BTreeMap::new();
    let lines = (0..)
        .zip(order.chunks(10))
        .map(|(n, group)| {
            let id = format!("lump{n:04}");
            let sum = group.iter().map(|at| items[*at].cents.get()).sum();
            let mut ids: Vec<String> = group.iter().map(|at| items[*at].id.clone()).collect();
            ids.sort();
            truth.insert(id.clone(), ids);
            line(&id, LineRole::DebitReturned, Vec::new(), sum)
        })
        .collect();
    (Case::new(items, lines), truth)
}

#[test]
fn neighbours_are_found_and_groups_at_random_are_not() {
    for (seed, most) in [(1, 500_000), (2, 50_000), (3, 10_000)] {
        for neighbours in [true, false] {
            let (case, truth) = lumped(neighbours, seed, most);
            let outcome = case.run();
            let mut right = 0;
            for allocation in &outcome.allocations {
                let line = allocation.receipts().next().unwrap().0;
                let mut ids: Vec<String> = allocation
                    .expectations()
                    .map(|(id, _)| id.to_owned())
                    .collect();
                ids.sort();
                assert_eq!(&ids, &truth[line], "a wrong allocation, seed {seed}");
                right += 1;
            }
            assert!(
                right >= if neighbours { 950 } else { 0 },
                "{right} of 1,000, seed {seed}"
            );
            assert!(neighbours || right == 0, "{right} at random, seed {seed}");
        }
    }
}
