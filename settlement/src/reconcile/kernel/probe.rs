//! One partition matched: a table over the left rows, the right rows probed against it.
//!
//! Most keys are met once and agree: they are counted on the spot. The others are set aside and
//! settled together at the end, key by key, by the rules of the [module above](super).

use super::outcome::{Collector, Kind, Place, Row, Side};
use super::partitioner::{MAX_ROW, Partitioner, Tuple, hash};

/// No right row has met this left row yet.
const UNMET: u32 = MAX_ROW + 1;
/// The right row met had other cents; it waits in `differing`.
const DIFFERS: u32 = MAX_ROW + 2;
/// Several rows of this key: they wait in `crowd`.
const CROWDED: u32 = MAX_ROW + 3;

/// An empty place of the table.
const EMPTY: u32 = u32::MAX;

/// The buffers of one thread, used again for each partition.
pub(super) struct Matcher<'a, S> {
    same: &'a S,
    lefts: Vec<Tuple>,
    /// For each left row: the right row of equal cents it met, or one of the marks above.
    met: Vec<u32>,
    /// Open addressing: indexes into `lefts`, one for each key.
    table: Vec<u32>,
    differing: Vec<(u32, Tuple)>,
    crowd_left: Vec<Tuple>,
    crowd_right: Vec<Tuple>,
}

impl<'a, S: Fn(Place, Place) -> bool> Matcher<'a, S> {
    pub fn new(same: &'a S) -> Matcher<'a, S> {
        Matcher {
            same,
            lefts: Vec::new(),
            met: Vec::new(),
            table: Vec::new(),
            differing: Vec::new(),
            crowd_left: Vec::new(),
            crowd_right: Vec::new(),
        }
    }

    /// Matches one partition of both sides.
    pub fn run(
        &mut self,
        left: &Partitioner,
        right: &Partitioner,
        part: usize,
        out: &mut Collector,
    ) {
        self.lefts.clear();
        for slice in left.slices(part) {
            self.lefts.extend_from_slice(slice);
        }
        let used = left.shape().bits();
        // At most half full: a probe for a key that is not there ends after a step or two.
        let bits = (self.lefts.len().max(1) * 2)
            .next_power_of_two()
            .trailing_zeros()
            .max(1);
        self.build(used, bits);
        for slice in right.slices(part) {
            for tuple in slice {
                self.probe(used, bits, *tuple, out);
            }
        }
        self.settle_lone(out);
        self.settle_crowds(out);
    }

    fn build(&mut self, used: u32, bits: u32) {
        self.met.clear();
        self.met.resize(self.lefts.len(), UNMET);
        self.table.clear();
        self.table.resize(1 << bits, EMPTY);
        for i in 0..self.lefts.len() {
            let tuple = self.lefts[i];
            let mut at = slot(tuple.key, used, bits);
            loop {
                let first = self.table[at];
                if first == EMPTY {
                    self.table[at] = i as u32;
                    break;
                }
                if self.lefts[first as usize].key == tuple.key {
                    self.crowd_around(first as usize);
                    self.crowd_left.push(tuple);
                    // A later row of a crowd is settled with it, not as a row nobody met.
                    self.met[i] = CROWDED;
                    break;
                }
                at = (at + 1) & (self.table.len() - 1);
            }
        }
    }

    #[inline(always)]
    fn probe(&mut self, used: u32, bits: u32, right: Tuple, out: &mut Collector) {
        let mut at = slot(right.key, used, bits);
        let found = loop {
            let i = self.table[at];
            if i == EMPTY {
                self.crowd_right.push(right);
                return;
            }
            if self.lefts[i as usize].key == right.key {
                break i as usize;
            }
            at = (at + 1) & (self.table.len() - 1);
        };
        let left = self.lefts[found];
        if self.met[found] == UNMET && self.may_meet(left, right) {
            if left.cents == right.cents {
                self.met[found] = right.row;
                out.summary.matched.count(left.cents);
            } else {
                self.met[found] = DIFFERS;
                self.differing.push((found as u32, right));
            }
        } else {
            self.meet_again(found, right, out);
        }
    }

    /// A second right row of one key, or one whose text is another: the key becomes a crowd.
    #[cold]
    fn meet_again(&mut self, found: usize, right: Tuple, out: &mut Collector) {
        let (left, met) = (self.lefts[found], self.met[found]);
        if met <= MAX_ROW {
            out.summary.matched.uncount(left.cents);
            self.crowd_right.push(Tuple { row: met, ..left });
        }
        self.crowd_around(found);
        self.crowd_right.push(right);
    }

    /// Sets the first left row of a key aside.
    fn crowd_around(&mut self, first: usize) {
        if self.met[first] != CROWDED {
            self.met[first] = CROWDED;
            self.crowd_left.push(self.lefts[first]);
        }
    }

    #[inline(always)]
    fn may_meet(&self, left: Tuple, right: Tuple) -> bool {
        (self.same)(
            Place {
                side: Side::Left,
                row: left.row,
            },
            Place {
                side: Side::Right,
                row: right.row,
            },
        )
    }

    /// Keys with one left row that met none, or met one of other cents; and the pairs.
    fn settle_lone(&mut self, out: &mut Collector) {
        for (i, right) in self.differing.drain(..) {
            let left = self.lefts[i as usize];
            if self.met[i as usize] == DIFFERS {
                out.outcome(
                    Kind::AmountDiffers,
                    left.key,
                    Some(row(left)),
                    Some(row(right)),
                );
            } else {
                self.crowd_right.push(right);
            }
        }
        for (left, met) in self.lefts.iter().zip(&self.met) {
            if *met == UNMET {
                out.outcome(Kind::LeftOnly, left.key, Some(row(*left)), None);
            }
        }
        if let Some(pairs) = &mut out.pairs {
            let matched = self
                .lefts
                .iter()
                .zip(&self.met)
                .filter(|(_, met)| **met <= MAX_ROW);
            pairs.extend(matched.map(|(left, met)| (left.row, *met)));
        }
    }

    /// Everything set aside, key by key.
    fn settle_crowds(&mut self, out: &mut Collector) {
        let order = |t: &Tuple| (t.key, t.cents, t.row);
        self.crowd_left.sort_unstable_by_key(order);
        self.crowd_right.sort_unstable_by_key(order);
        let mut lefts = self.crowd_left.chunk_by(|a, b| a.key == b.key).peekable();
        let mut rights = self.crowd_right.chunk_by(|a, b| a.key == b.key).peekable();
        loop {
            let key_of = |group: &&[Tuple]| group.first().map(|t| t.key);
            let (l, r) = (
                lefts.peek().and_then(key_of),
                rights.peek().and_then(key_of),
            );
            let Some(key) = l.into_iter().chain(r).min() else {
                break;
            };
            let left = lefts.next_if(|_| l == Some(key)).unwrap_or(&[]);
            let right = rights.next_if(|_| r == Some(key)).unwrap_or(&[]);
            if self.one_text(left, right) {
                settle_key(key, left, right, out);
            } else {
                ambiguous(key, left, right, out);
            }
        }
        self.crowd_left.clear();
        self.crowd_right.clear();
    }

    /// Whether all rows of a crowd carry the text of its first row.
    fn one_text(&self, left: &[Tuple], right: &[Tuple]) -> bool {
        let place = |side| move |t: &Tuple| Place { side, row: t.row };
        let mut places = left
            .iter()
            .map(place(Side::Left))
            .chain(right.iter().map(place(Side::Right)));
        let Some(first) = places.next() else {
            return true;
        };
        places.all(|other| (self.same)(first, other))
    }
}

/// The table place of a key: the bits of its hash below those that chose the partition.
#[inline(always)]
fn slot(key: i64, used: u32, bits: u32) -> usize {
    ((hash(key) << used) >> (64 - bits)) as usize
}

fn row(tuple: Tuple) -> Row {
    Row {
        row: tuple.row,
        cents: tuple.cents,
    }
}

/// All rows of one key, sorted by cents and row: pairs equal cents, then names what remains.
fn settle_key(key: i64, left: &[Tuple], right: &[Tuple], out: &mut Collector) {
    let (mut l, mut r) = (left.iter().peekable(), right.iter().peekable());
    let (mut rest_left, mut rest_right) = (Vec::new(), Vec::new());
    let mut paired = false;
    loop {
        match (l.peek(), r.peek()) {
            (Some(a), Some(b)) if a.cents == b.cents => {
                out.pair(a.cents, a.row, b.row);
                paired = true;
                l.next();
                r.next();
            }
            (Some(a), b) if b.is_none_or(|b| { a.cents } < { b.cents }) => {
                rest_left.push(**a);
                l.next();
            }
            (_, Some(b)) => {
                rest_right.push(**b);
                r.next();
            }
            _ => break,
        }
    }
    match (rest_left.as_slice(), rest_right.as_slice()) {
        ([a], [b]) => out.outcome(Kind::AmountDiffers, key, Some(row(*a)), Some(row(*b))),
        (rest, []) => surplus(key, rest, Side::Left, paired, out),
        ([], rest) => surplus(key, rest, Side::Right, paired, out),
        (a, b) => ambiguous(key, a, b, out),
    }
}

/// Rows that remain on one side only. The lowest row is the original, unless one was paired.
fn surplus(key: i64, rest: &[Tuple], side: Side, paired: bool, out: &mut Collector) {
    let original = rest.iter().map(|t| t.row).min().filter(|_| !paired);
    for tuple in rest {
        let row = row(*tuple);
        let alone = Some(row.row) == original;
        match (side, alone) {
            (Side::Left, true) => out.outcome(Kind::LeftOnly, key, Some(row), None),
            (Side::Left, false) => out.outcome(Kind::DuplicateLeft, key, Some(row), None),
            (Side::Right, true) => out.outcome(Kind::RightOnly, key, None, Some(row)),
            (Side::Right, false) => out.outcome(Kind::DuplicateRight, key, None, Some(row)),
        }
    }
}

fn ambiguous(key: i64, left: &[Tuple], right: &[Tuple], out: &mut Collector) {
    for tuple in left {
        out.outcome(Kind::Ambiguous, key, Some(row(*tuple)), None);
    }
    for tuple in right {
        out.outcome(Kind::Ambiguous, key, None, Some(row(*tuple)));
    }
}
