//! The proof of a leg: what came in is what was matched, broken, left open or idle.

use super::breaks::Leg;
use crate::exact::Exact;
use crate::money::SignedCents;
use crate::reconcile::kernel::Side;
use std::fmt;

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Matched,
    Broken,
    Open,
    Idle,
}

/// Rows and signed cents of one side. Cents are summed in 128 bits: they cannot overflow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SideTotals {
    /// Came in: rows, cents.
    pub taken: (u64, i128),
    /// Matched.
    pub matched: (u64, i128),
    /// In breaks.
    pub broken: (u64, i128),
    /// Open, inside the SLA.
    pub open: (u64, i128),
    /// Nothing to be matched with.
    pub idle: (u64, i128),
}

impl SideTotals {
    fn joined(mut self, other: &SideTotals) -> SideTotals {
        add(&mut self.taken, other.taken);
        add(&mut self.matched, other.matched);
        add(&mut self.broken, other.broken);
        add(&mut self.open, other.open);
        add(&mut self.idle, other.idle);
        self
    }

    /// Whether the states add up to what came in.
    pub fn holds(&self) -> bool {
        let mut sum = (0, 0);
        for part in [self.matched, self.broken, self.open, self.idle] {
            add(&mut sum, part);
        }
        sum == self.taken
    }
}

/// The totals of a leg. Its text is the line a report prints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conservation {
    /// Which leg.
    pub leg: Leg,
    /// Our side.
    pub left: SideTotals,
    /// The other side.
    pub right: SideTotals,
    /// Rows that were given two states; always 0 unless the rules themselves are wrong.
    pub counted_twice: u64,
}

impl Conservation {
    /// The totals of two runs of a leg over different rows.
    pub(super) fn joined(&self, other: &Conservation) -> Conservation {
        Conservation {
            leg: self.leg,
            left: self.left.joined(&other.left),
            right: self.right.joined(&other.right),
            counted_twice: self.counted_twice.plus(other.counted_twice),
        }
    }

    /// Whether no row and no cent was lost or counted twice.
    pub fn holds(&self) -> bool {
        self.left.holds() && self.right.holds() && self.counted_twice == 0
    }
}

impl fmt::Display for Conservation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.leg.as_str())?;
        let (ours, theirs) = self.leg.sides();
        for (name, side) in [(ours, self.left), (theirs, self.right)] {
            write!(f, " {} {name} {}", side.taken.0, Dollars(side.taken.1))?;
            let mut sign = '=';
            for (what, (rows, cents)) in [
                ("matched", side.matched),
                ("in breaks", side.broken),
                ("open", side.open),
                ("with nothing to match", side.idle),
            ] {
                if rows > 0 || cents != 0 {
                    write!(f, " {sign} {rows} {what} {}", Dollars(cents))?;
                    sign = '+';
                }
            }
            f.write_str(";")?;
        }
        f.write_str(if self.holds() {
            " ties out"
        } else {
            " DOES NOT TIE OUT"
        })
    }
}

/// Cents as dollars; beyond 92 quadrillion dollars as plain cents.
struct Dollars(i128);

impl fmt::Display for Dollars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match i64::try_from(self.0) {
            Ok(cents) => SignedCents::new(cents).fmt(f),
            Err(_) => write!(f, "{} cents", self.0),
        }
    }
}

/// The state of each row of a leg while it runs.
pub(super) struct Tie {
    leg: Leg,
    left: Vec<(SignedCents, Option<State>)>,
    right: Vec<(SignedCents, Option<State>)>,
    counted_twice: u64,
}

impl Tie {
    pub fn new(leg: Leg, left: &[SignedCents], right: &[SignedCents]) -> Tie {
        let rows = |cents: &[SignedCents]| cents.iter().map(|c| (*c, None)).collect();
        Tie {
            leg,
            left: rows(left),
            right: rows(right),
            counted_twice: 0,
        }
    }

    /// Gives a row its one state.
    pub fn settle(&mut self, side: Side, row: usize, state: State) {
        let rows = if side == Side::Left {
            &mut self.left
        } else {
            &mut self.right
        };
        match rows.get_mut(row) {
            Some((_, place @ None)) => *place = Some(state),
            _ => self.counted_twice = self.counted_twice.plus(1),
        }
    }

    /// Whether a row has a state yet.
    pub fn is_settled(&self, side: Side, row: usize) -> bool {
        let rows = if side == Side::Left {
            &self.left
        } else {
            &self.right
        };
        rows.get(row).is_some_and(|(_, state)| state.is_some())
    }

    pub fn total(&self) -> Conservation {
        let (left, right) = (totals(&self.left), totals(&self.right));
        Conservation {
            leg: self.leg,
            left,
            right,
            counted_twice: self.counted_twice,
        }
    }
}

fn totals(rows: &[(SignedCents, Option<State>)]) -> SideTotals {
    let mut side = SideTotals::default();
    for (cents, state) in rows {
        let row = (1, i128::from(cents.get()));
        add(&mut side.taken, row);
        match state {
            Some(State::Matched) => add(&mut side.matched, row),
            Some(State::Broken) => add(&mut side.broken, row),
            Some(State::Open) => add(&mut side.open, row),
            Some(State::Idle) => add(&mut side.idle, row),
            None => {}
        }
    }
    side
}

/// Four billion rows of 64 bits of cents are far inside 128 bits: neither sum reaches its top.
fn add(sum: &mut (u64, i128), part: (u64, i128)) {
    sum.0 = sum.0.plus(part.0);
    sum.1 = sum.1.plus(part.1);
}
