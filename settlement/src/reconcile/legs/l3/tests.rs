//! One test for each thing a bank does to a batch, and the laws on random days.

use super::*;
use crate::ids::{BatchKey, Direction, TraceNumber};
use crate::money::{Cents, SignedCents};
use jiff::civil::date;
use proptest::prelude::*;
use std::collections::BTreeSet;

const DAY: Date = date(2026, 11, 24);
static NONE: BTreeSet<String> = BTreeSet::new();
const FEES: &[Cents] = &[Cents::new(75)];

fn key(n: u32) -> BatchKey {
    BatchKey::new(date(2026, 11, 23), b'A', n).unwrap()
}

fn batch(n: u32, cents: i64) -> Batch {
    let cents = SignedCents::new(cents);
    Batch {
        key: key(n),
        direction: Direction::Credit,
        cents,
        settles_on: DAY,
        entries: 3,
    }
}

fn line(id: &str, batch: Option<u32>, cents: i64) -> Line {
    Line {
        id: id.to_owned(),
        role: LineRole::CreditSettlement,
        batch: batch.map(key),
        trace: None,
        cents: SignedCents::new(cents),
        value_date: DAY,
        reference: format!("REF{id}"),
    }
}

fn entries(_: BatchKey, _: Direction) -> Vec<(TraceNumber, SignedCents)> {
    [100i64, 250, 250, 650]
        .iter()
        .zip(1..)
        .map(|(c, n)| {
            (
                TraceNumber::from_number(n).unwrap(),
                SignedCents::new(c.saturating_neg()),
            )
        })
        .collect()
}

fn input<'a>(batches: &'a [Batch], lines: &'a [Line]) -> Input<'a> {
    Input {
        today: DAY,
        sla_days: 1,
        tolerance: Cents::new(2),
        fees: FEES,
        batches,
        returns: &[],
        lines,
        earlier: &[],
        billed: &NONE,
        entries: &entries,
    }
}

fn kinds(outcome: &Outcome) -> Vec<&'static str> {
    assert!(outcome.conservation.holds(), "{}", outcome.conservation);
    outcome
        .breaks
        .iter()
        .chain(&outcome.open)
        .map(|b| b.kind.as_str())
        .collect()
}

fn found(batches: &[Batch], lines: &[Line]) -> Outcome {
    reconcile(&input(batches, lines)).unwrap()
}

#[test]
fn a_difference_is_named_by_the_one_reason_that_fits() {
    let of = |at_bank: i64| found(&[batch(1, -1_250)], &[line("a", Some(1), at_bank)]);
    assert_eq!(of(-1_250).matches.len(), 1);
    assert_eq!(kinds(&of(-1_250)), [""; 0]);
    assert_eq!(kinds(&of(-1_325)), ["FEE_NETTED"]);
    assert_eq!(kinds(&of(-1_251)), ["ROUNDING"]);
    assert_eq!(kinds(&of(-1_150)), ["MISSING_AT_BANK"]);
    assert_eq!(of(-1_150).breaks[0].key, "000000000000001");
    assert_eq!(
        of(-1_150).breaks[0].id(),
        "L3/MISSING_AT_BANK/000000000000001"
    );
    assert_eq!(kinds(&of(-1_000)), ["AMBIGUOUS"]);
    assert_eq!(kinds(&of(-1_240)), ["AMOUNT"]);
}

#[test]
fn a_batch_not_seen_waits_and_then_is_missing() {
    let open = found(&[batch(1, -5)], &[]);
    assert_eq!((kinds(&open), open.open.len()), (vec!["TIMING"], 1));
    let batches = [batch(1, -5)];
    let mut late = input(&batches, &[]);
    late.today = date(2026, 11, 27); // Thanksgiving is between: two banking days
    let late = reconcile(&late).unwrap();
    assert_eq!(
        (kinds(&late), late.open.len()),
        (vec!["MISSING_AT_BANK"], 0)
    );
}

#[test]
fn a_line_settled_on_another_day_is_matched_with_a_note() {
    let mut other = line("a", Some(1), -5);
    other.value_date = date(2026, 11, 25);
    let outcome = found(&[batch(1, -5)], &[other]);
    assert_eq!((kinds(&outcome), outcome.matches.len()), (vec!["DATE"], 1));
    assert!(outcome.breaks[0].note);
}

#[test]
fn duplicates_are_found_within_a_day_and_across_days() {
    let twice = [line("a", Some(1), -5), line("b", Some(1), -5)];
    assert_eq!(kinds(&found(&[batch(1, -5)], &twice)), ["DUP_STATEMENT"]);
    let mut again = input(&[], &twice[1..]);
    again.earlier = &twice[..1];
    assert_eq!(kinds(&reconcile(&again).unwrap()), ["DUP_STATEMENT"]);
}

#[test]
fn lines_without_a_batch_key_need_a_unique_fit() {
    let one = found(&[batch(1, -5)], &[line("a", None, -5)]);
    assert_eq!((kinds(&one), one.matches.len()), (vec![], 1));
    let two = found(&[batch(1, -5), batch(2, -5)], &[line("a", None, -5)]);
    assert_eq!(kinds(&two), ["AMBIGUOUS", "TIMING", "TIMING"]);
    assert_eq!(
        kinds(&found(&[], &[line("a", None, -5)])),
        ["UNEXPECTED_AT_BANK"]
    );
    let fee = Line {
        role: LineRole::Fee,
        ..line("a", None, -5)
    };
    let billed = BTreeSet::from(["a".to_owned()]);
    let of = |cents: i64, billed: &BTreeSet<String>| {
        let cents = SignedCents::new(cents);
        let lines = [Line {
            cents,
            ..fee.clone()
        }];
        let outcome = reconcile(&Input {
            billed,
            ..input(&[], &lines)
        });
        kinds(&outcome.unwrap())
    };
    assert_eq!(of(-5, &billed), [""; 0]);
    assert_eq!(of(-5, &NONE), ["UNEXPECTED_AT_BANK"]);
    assert_eq!(of(5, &NONE), ["UNEXPECTED_AT_BANK"]);
}

#[test]
fn a_reference_that_a_bank_repeats_makes_no_duplicate_of_another_day_or_trace() {
    let fee = |id: &str, day: i8| Line {
        role: LineRole::Fee,
        value_date: date(2026, 11, day),
        reference: "SVCCHG".to_owned(),
        ..line(id, None, -5_000)
    };
    let of = |lines: &[Line]| kinds(&found(&[], lines));
    assert_eq!(of(&[fee("a", 24), fee("b", 25)]), ["UNEXPECTED_AT_BANK"; 2]);
    let twice = ["UNEXPECTED_AT_BANK", "DUP_STATEMENT"];
    assert_eq!(of(&[fee("a", 24), fee("b", 24)]), twice);
    let back = |trace: u64| Line {
        role: LineRole::DebitReturned,
        trace: TraceNumber::from_number(trace).ok(),
        ..fee("c", 24)
    };
    assert_eq!(of(&[back(1), back(2)]), ["RETURN_UNMATCHED"; 2]);
}

#[test]
fn a_line_of_no_amount_is_nothing_to_match_even_if_it_names_a_batch() {
    let lines = [line("a", Some(1), 0), line("b", None, 0)];
    let outcome = found(&[batch(1, -5)], &lines);
    assert_eq!(kinds(&outcome), ["TIMING"]);
    assert_eq!(outcome.conservation.right.idle, (2, 0));
}

#[test]
fn return_lines_meet_their_return_by_trace() {
    let trace = TraceNumber::from_number(9).unwrap();
    let role = LineRole::CreditReturned;
    let back = |cents| {
        [Line {
            role,
            trace: Some(trace),
            ..line("a", None, cents)
        }]
    };
    let returns = [Returned {
        trace,
        cents: SignedCents::new(100),
        received: DAY,
    }];
    let of = |lines: &[Line], returns: &[Returned]| {
        reconcile(&Input {
            returns,
            ..input(&[], lines)
        })
        .unwrap()
    };
    assert_eq!(of(&back(100), &returns).matches.len(), 1);
    assert_eq!(kinds(&of(&back(90), &returns)), ["RETURN_AMOUNT"]);
    assert_eq!(kinds(&of(&back(100), &[])), ["RETURN_UNMATCHED"]);
    assert_eq!(kinds(&of(&[], &returns)), ["TIMING"]);
}

prop_compose! {
    fn any_line()(
        id in "[a-d]", named in prop::option::of(1u32..4), cents in -4i64..1, role in 0u8..4,
        trace in prop::option::of(1u64..4),
    ) -> Line {
        let roles = [
            LineRole::CreditSettlement,
            LineRole::CreditReturned,
            LineRole::Fee,
            LineRole::Other,
        ];
        let trace = trace.map(|t| TraceNumber::from_number(t).unwrap());
        Line { role: roles[usize::from(role)], trace, ..line(&id, named, cents) }
    }
}

proptest! {
    #[test]
    fn nothing_is_lost_whatever_the_order_of_arrival(
        lines in prop::collection::vec(any_line(), 0..12),
        batches in prop::collection::vec((1u32..4, -4i64..1), 0..6),
        returns in prop::collection::vec((1u64..4, -4i64..1), 0..6),
    ) {
        let batches: Vec<_> = batches.into_iter().map(|(n, c)| batch(n, c)).collect();
        let returns: Vec<_> = returns.into_iter().map(|(t, c)| Returned {
            trace: TraceNumber::from_number(t).unwrap(), cents: SignedCents::new(c), received: DAY,
        }).collect();
        let run = |b: &[Batch], r: &[Returned], l: &[Line]| {
            reconcile(&Input { returns: r, ..input(b, l) }).unwrap()
        };
        let plain = run(&batches, &returns, &lines);
        prop_assert!(plain.conservation.holds(), "{}", plain.conservation);
        let back = |rows: &[Line]| rows.iter().rev().cloned().collect::<Vec<_>>();
        let turned: Vec<_> = batches.iter().rev().copied().collect();
        let returned: Vec<_> = returns.iter().rev().copied().collect();
        let other = run(&turned, &returned, &back(&lines));
        prop_assert_eq!(&plain.breaks, &other.breaks);
        prop_assert_eq!(&plain.open, &other.open);
        prop_assert_eq!(plain.conservation, other.conservation);
    }
}

#[test]
fn what_a_record_keeps_of_lines_and_returns_reads_back() {
    let returned = Returned {
        trace: TraceNumber::from_number(9).unwrap(),
        cents: SignedCents::new(-30),
        received: DAY,
    };
    let text = toml::to_string(&returned).unwrap();
    assert_eq!(text, "trace = 9\ncents = -30\nreceived = \"2026-11-24\"\n");
    assert_eq!(toml::from_str::<Returned>(&text).unwrap(), returned);
    let seen = line("a", Some(1), -5);
    let text = toml::to_string(&seen).unwrap();
    let expected = "id = \"a\"\nrole = \"credit_settlement\"\nbatch = \"261123A0000001\"\n\
                    cents = -5\nvalue_date = \"2026-11-24\"\nreference = \"REFa\"\n";
    assert_eq!(text, expected);
    assert_eq!(toml::from_str::<Line>(&text).unwrap(), seen);
}
