//! The legs: payments to what is expected, payments to entries, returns to entries, batches to
//! bank lines, bank lines to the books, the books to the bank and to what waits.
//!
//! A leg is a pure function over small rows. Every row of both sides ends in exactly one state:
//! matched, in a break, still open (inside its SLA), or nothing to be matched (an entry nobody
//! returned, a fee the bank may charge). [`Conservation`] counts rows and cents as they came in
//! and again by state; a leg that lost one, or counted one twice, says so.
//!
//! Rows are put into an order of their own before anything is matched, so the order of arrival
//! changes nothing but the row numbers.

mod breaks;
mod conservation;
pub mod l0;
pub mod l1;
pub mod l2;
pub mod l3;
pub mod l4;
pub mod l5;

pub use breaks::{Break, BreakKind, BreakStatus, Leg, UnknownName};
pub use conservation::{Conservation, SideTotals};

use crate::money::SignedCents;
use crate::reconcile::kernel::{
    self, KernelError, Options, Outcome as Keyed, Partitioner, Partitions, Place, Side,
    reconcile_verified,
};
use conservation::{State, Tie};

/// One left row and one right row that belong together, by their places in the leg's input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Match {
    /// Place on the left.
    pub left: usize,
    /// Place on the right.
    pub right: usize,
}

/// What a leg found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What belongs together, by left row.
    pub matches: Vec<Match>,
    /// What does not agree, sorted by kind, key and rows.
    pub breaks: Vec<Break>,
    /// One-sided but still inside the SLA ([`BreakKind::Timing`]): not a break yet.
    pub open: Vec<Break>,
    /// The proof that nothing was lost.
    pub conservation: Conservation,
}

impl Outcome {
    /// It without its matches, which name rows of a run by their places in it.
    #[must_use]
    pub fn without_matches(mut self) -> Outcome {
        self.matches = Vec::new();
        self
    }

    /// What this run of a leg and another found, as one run over the rows of both would have it
    /// where no key is in both; without matches.
    #[must_use]
    pub fn joined(self, other: Outcome) -> Outcome {
        let all = |mut ours: Vec<Break>, theirs: Vec<Break>| {
            ours.extend(theirs);
            breaks::seal(&mut ours);
            ours
        };
        Outcome {
            matches: Vec::new(),
            breaks: all(self.breaks, other.breaks),
            open: all(self.open, other.open),
            conservation: self.conservation.joined(&other.conservation),
        }
    }
}

/// Gathers one leg's findings and the state of each row.
struct Finding {
    leg: Leg,
    tie: Tie,
    matches: Vec<Match>,
    breaks: Vec<Break>,
    open: Vec<Break>,
}

/// A row's number on one side, if it takes part.
type At = Option<usize>;

/// What a break says besides its kind.
struct Details {
    key: String,
    cents: SignedCents,
    left: Option<String>,
    right: Option<String>,
    explanation: String,
}

impl Finding {
    fn new(leg: Leg, left: &[SignedCents], right: &[SignedCents]) -> Finding {
        let tie = Tie::new(leg, left, right);
        Finding {
            leg,
            tie,
            matches: Vec::new(),
            breaks: Vec::new(),
            open: Vec::new(),
        }
    }

    fn matched(&mut self, left: usize, right: usize) {
        self.tie.settle(Side::Left, left, State::Matched);
        self.tie.settle(Side::Right, right, State::Matched);
        self.matches.push(Match { left, right });
    }

    /// A right row that needs nothing on the left, or a left row nobody answered.
    fn idle(&mut self, side: Side, row: usize) {
        self.tie.settle(side, row, State::Idle);
    }

    /// Puts rows into a break.
    fn breaks(&mut self, kind: BreakKind, left: At, right: At, details: Details) {
        let state = if kind == BreakKind::Timing {
            State::Open
        } else {
            State::Broken
        };
        if let Some(row) = left {
            self.tie.settle(Side::Left, row, state);
        }
        if let Some(row) = right {
            self.tie.settle(Side::Right, row, state);
        }
        let broken = self.sealed(kind, false, details);
        if state == State::Open {
            self.open.push(broken)
        } else {
            self.breaks.push(broken)
        }
    }

    /// A remark on rows that are matched all the same.
    fn notes(&mut self, kind: BreakKind, details: Details) {
        let broken = self.sealed(kind, true, details);
        self.breaks.push(broken);
    }

    fn sealed(&self, kind: BreakKind, note: bool, details: Details) -> Break {
        let Details {
            key,
            cents,
            left,
            right,
            explanation,
        } = details;
        Break {
            kind,
            leg: self.leg,
            key,
            cents,
            left,
            right,
            explanation,
            note,
            nth: 0,
        }
    }

    fn finish(mut self) -> Outcome {
        self.matches.sort_unstable();
        breaks::seal(&mut self.breaks);
        breaks::seal(&mut self.open);
        let twice = self.matches.windows(2).any(|w| w.first() == w.last());
        assert!(
            !twice,
            "{}: one pair of rows is matched twice",
            self.leg.as_str()
        );
        let conservation = self.tie.total();
        Outcome {
            matches: self.matches,
            breaks: self.breaks,
            open: self.open,
            conservation,
        }
    }
}

/// Matched pairs and outcomes of a keyed pass, in the places of the leg's own rows.
struct Pass {
    pairs: Vec<(usize, usize)>,
    outcomes: Vec<Keyed>,
}

/// A side of a keyed pass: key, cents and place of each row, in the leg's own order.
type Keys = [(i64, SignedCents, usize)];

/// Runs the kernel over two short columns; `same` is asked where keys are hashes of texts.
fn keyed(
    left: &Keys,
    right: &Keys,
    same: impl Fn((Side, usize), (Side, usize)) -> bool + Sync,
) -> Result<Pass, KernelError> {
    // An estimate that decides speed only: see `Partitions::for_rows`.
    let rows = left.len().max(right.len()) as u64;
    let shape = Partitions::for_rows(rows);
    // A day's rows are in memory already, so every outcome may be.
    let options = Options {
        outcomes: usize::MAX,
        pairs: true,
        threads: 1,
    };
    let at = |side: Side, row: u32| {
        let rows = if side == Side::Left { left } else { right };
        match usize::try_from(row).ok().and_then(|row| rows.get(row)) {
            Some(row) => row.2,
            None => unreachable!("row {row}: the kernel names no row that it was not given"),
        }
    };
    let place = |p: Place| (p.side, at(p.side, p.row));
    let found = reconcile_verified(
        column(left, shape)?,
        column(right, shape)?,
        options,
        |a, b| same(place(a), place(b)),
    )?;
    let pairs = found
        .pairs
        .iter()
        .map(|(l, r)| (at(Side::Left, *l), at(Side::Right, *r)));
    let pairs = pairs.collect();
    Ok(Pass {
        pairs,
        outcomes: found.outcomes,
    })
}

fn column(rows: &Keys, shape: Partitions) -> Result<Partitioner, KernelError> {
    let keys: Vec<i64> = rows.iter().map(|row| row.0).collect();
    let cents: Vec<i64> = rows.iter().map(|row| row.1.get()).collect();
    let mut side = Partitioner::new(shape);
    side.push(&keys, &cents, 0)?;
    Ok(side)
}

/// The place of an outcome's row in the leg's input.
fn place_of(rows: &Keys, row: Option<kernel::Row>) -> At {
    let row = usize::try_from(row?.row).ok()?;
    rows.get(row).map(|row| row.2)
}

/// The numbers of `rows` in an order of their own, whatever order they came in.
fn in_order<T, K: Ord>(rows: &[T], key: impl Fn(&T) -> K) -> Vec<usize> {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    if !rows.is_sorted_by_key(&key) {
        // What compares equal keeps its place, as it came.
        order.sort_unstable_by_key(|i| (rows.get(*i).map(&key), *i));
    }
    order
}

/// `right` less `left`.
fn difference(left: SignedCents, right: SignedCents) -> SignedCents {
    capped(i128::from(right.get()).wrapping_sub(i128::from(left.get())))
}

/// What a break says of a difference that may not fit 64 bits: then the end of the scale. Such a
/// figure is read by a person and booked by nobody (only netted fees and rounding are, which are
/// small by definition), and it can never read as zero.
fn capped(cents: i128) -> SignedCents {
    let end = if cents < 0 { i64::MIN } else { i64::MAX };
    SignedCents::new(i64::try_from(cents).unwrap_or(end))
}

#[cfg(test)]
mod tests;
