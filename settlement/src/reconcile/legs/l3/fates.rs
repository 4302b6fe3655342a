//! Which line of a statement answers what waits for it: the one rule of L3 and of the books.
//!
//! A line that names a batch answers it by its role and that name, whatever its amount or sign: a
//! bank that nets a fee larger than the batch takes money where it should bring some. A batch is
//! answered once, so a second line of it answers nothing, however much is still open on its
//! clearing account. Of several lines of one batch the one of its amount answers; where none is,
//! none does. The same holds for a return and the lines of its trace.

use super::rows::{Batch, Line, Returned};
use crate::bank::LineRole;
use crate::ids::{BatchKey, Direction, TraceNumber};
use crate::money::SignedCents;
use crate::reconcile::kernel::{KernelError, Kind};
use crate::reconcile::legs::{At, in_order, keyed, place_of};
use jiff::civil::Date;
use std::collections::BTreeSet;

/// What a line of a statement is to what waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It moves nothing.
    Nothing,
    /// The same line has been seen before.
    Again,
    /// It settles the batch it names.
    Settles,
    /// It is the money of the return of its trace.
    Returns,
    /// Nothing waits for it by name.
    Aside,
}

/// What waits for its line.
#[derive(Clone, Copy, Debug)]
pub struct Waiting<'a> {
    /// Batches sent.
    pub batches: &'a [Batch],
    /// Returns received.
    pub returns: &'a [Returned],
}

/// What each of `lines` is to what waits, given the lines seen before.
///
/// # Errors
/// Where there are more than four billion rows.
pub fn fates(
    waiting: Waiting<'_>,
    lines: &[Line],
    earlier: &[Line],
) -> Result<Vec<Fate>, KernelError> {
    let sorted = sort(waiting, lines, earlier)?;
    let mut fates = vec![Fate::Aside; lines.len()];
    let mut say = |fate: Fate, at: &mut dyn Iterator<Item = usize>| {
        for at in at {
            if let Some(place) = fates.get_mut(at) {
                *place = fate;
            }
        }
    };
    say(Fate::Nothing, &mut sorted.nothing.into_iter());
    say(Fate::Again, &mut sorted.again.into_iter());
    say(Fate::Settles, &mut sorted.batches.answers());
    say(Fate::Returns, &mut sorted.returns.answers());
    Ok(fates)
}

/// Lines by what they are, as places in the leg's input.
pub(super) struct Sorted {
    /// Lines of no amount.
    pub nothing: Vec<usize>,
    /// Lines seen before.
    pub again: Vec<usize>,
    /// All others, in an order of their own.
    pub fresh: Vec<usize>,
    /// Batches and the lines that name them.
    pub batches: Met,
    /// Returns and the lines of their traces.
    pub returns: Met,
}

/// A keyed pass in the places of the leg's rows; returns are counted from zero.
pub(super) struct Met {
    /// What agrees.
    pub pairs: Vec<(usize, usize)>,
    /// What does not, or stands alone.
    pub odd: Vec<(Kind, At, At)>,
}

impl Met {
    /// The lines that answer something: those that agree, and the only one of another amount.
    fn answers(&self) -> impl Iterator<Item = usize> {
        let differs = self
            .odd
            .iter()
            .filter(|(kind, _, _)| *kind == Kind::AmountDiffers);
        let differs = differs.filter_map(|(_, _, r)| *r);
        self.pairs.iter().map(|(_, r)| *r).chain(differs)
    }
}

pub(super) fn sort(
    waiting: Waiting<'_>,
    lines: &[Line],
    earlier: &[Line],
) -> Result<Sorted, KernelError> {
    let order = in_order(lines, |l| {
        let names = (l.batch, l.trace, l.reference.clone(), l.id.clone());
        (l.value_date, l.role, l.cents, names)
    });
    let mut seen: BTreeSet<Likeness> = earlier.iter().flat_map(likenesses).collect();
    let (mut nothing, mut again, mut fresh) = (Vec::new(), Vec::new(), Vec::new());
    for r in order {
        let Some(line) = lines.get(r) else { continue };
        if line.cents.is_zero() {
            nothing.push(r);
            continue;
        }
        let ways = likenesses(line);
        if ways.iter().any(|way| seen.contains(way)) {
            again.push(r);
        } else {
            fresh.push(r);
        }
        seen.extend(ways);
    }
    Ok(Sorted {
        batches: meet_batches(waiting.batches, lines, &fresh)?,
        returns: meet_returns(waiting.returns, lines, &fresh)?,
        nothing,
        again,
        fresh,
    })
}

/// What makes two lines the same line.
type Likeness = (
    LineRole,
    SignedCents,
    Option<Date>,
    String,
    Option<BatchKey>,
    Option<TraceNumber>,
);

/// A line is known by everything that it names, and by its day: banks repeat references. A batch
/// settles once, so for its line the batch is enough.
fn likenesses(line: &Line) -> Vec<Likeness> {
    let (role, cents, batch, trace) = (line.role, line.cents, line.batch, line.trace);
    let mut ways = Vec::new();
    if batch.is_some() {
        ways.push((role, cents, None, String::new(), batch, None));
    }
    if trace.is_some() || !line.reference.is_empty() {
        let reference = line.reference.clone();
        ways.push((role, cents, Some(line.value_date), reference, batch, trace));
    }
    ways
}

/// A batch key and a direction as one key. A [`BatchKey`] has at most fifteen decimal digits: far
/// below 2^62, so that no two can meet at the end of the numbers.
fn batch_key(key: BatchKey, direction: Direction) -> i64 {
    assert!(key.key() >> 62 == 0, "a batch key beyond fifteen digits");
    (key.key() << 1) | i64::from(direction == Direction::Debit)
}

fn meet_batches(batches: &[Batch], lines: &[Line], fresh: &[usize]) -> Result<Met, KernelError> {
    let left: Vec<_> = in_order(batches, |b| (b.key, b.direction, b.settles_on, b.cents))
        .into_iter()
        .filter_map(|i| {
            let batch = batches.get(i)?;
            Some((batch_key(batch.key, batch.direction), batch.cents, i))
        })
        .collect();
    let right: Vec<_> = fresh
        .iter()
        .filter_map(|i| {
            let line = lines.get(*i)?;
            let key = batch_key(line.batch?, line.role.side()?);
            Some((key, line.cents, *i))
        })
        .collect();
    meet(&left, &right)
}

fn meet_returns(returns: &[Returned], lines: &[Line], fresh: &[usize]) -> Result<Met, KernelError> {
    let left: Vec<_> = in_order(returns, |r| (r.trace, r.received, r.cents))
        .into_iter()
        .filter_map(|i| {
            let returned = returns.get(i)?;
            Some((returned.trace.key(), returned.cents, i))
        })
        .collect();
    let right: Vec<_> = fresh
        .iter()
        .filter_map(|i| {
            let line = lines.get(*i).filter(|line| is_return(line))?;
            Some((line.trace?.key(), line.cents, *i))
        })
        .collect();
    meet(&left, &right)
}

/// A returned pull takes money, a returned payout brings it; a line that does the other is none.
fn is_return(line: &Line) -> bool {
    match line.role {
        LineRole::DebitReturned => line.cents.get() < 0,
        LineRole::CreditReturned => line.cents.get() > 0,
        _ => false,
    }
}

type Rows = [(i64, SignedCents, usize)];

fn meet(left: &Rows, right: &Rows) -> Result<Met, KernelError> {
    let pass = keyed(left, right, |_, _| true)?;
    let odd = pass.outcomes.into_iter().map(|outcome| {
        let (l, r) = (place_of(left, outcome.left), place_of(right, outcome.right));
        (outcome.kind, l, r)
    });
    Ok(Met {
        odd: odd.collect(),
        pairs: pass.pairs,
    })
}
