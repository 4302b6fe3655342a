//! One partition matched: a table over the left rows, the right rows probed against it.
//!
//! Most keys are met once and agree: they are counted on the spot. The others are set aside and
//! settled together at the end, key by key, by the rules of the [module above](super).

use super::outcome::{Collector, Flow, Kind, Place, Row, Side};
use super::partitioner::{
    MAX_ROW, NO_ROW, Packed, Partitioner, RUN_ROWS, Tuple, agreed, hash, key_of, row_of,
};

/// No right row has met this left row yet.
const UNMET: u32 = MAX_ROW + 1;
/// The right row met had other cents; it waits in `differing`.
const DIFFERS: u32 = MAX_ROW + 2;
/// Several rows of this key: they wait in `crowd`.
const CROWDED: u32 = MAX_ROW + 3;
/// There is no left row here.
const NOBODY: u32 = MAX_ROW + 4;

/// Places looked through at a time for a row that nobody met: most such stretches have none.
const STRETCH: usize = 32;

/// Two sides being matched, and the buffers of one thread, used again for each partition.
pub(super) struct Matcher<'a, S> {
    same: &'a S,
    left: &'a Partitioner,
    right: &'a Partitioner,
    /// Open addressing: the left rows themselves, the first of each key.
    table: Vec<Packed>,
    /// For each place: the right row of equal cents that was met, or one of the marks above.
    met: Vec<u32>,
    /// Right rows that met one of other cents, and at which place.
    differing: Vec<(usize, Tuple)>,
    crowd_left: Vec<Tuple>,
    crowd_right: Vec<Tuple>,
    /// The partition's rows of one side. Its slices lie far apart in memory: a copy fetches many
    /// of them at once, where probing them in place would wait for each in turn.
    rows: Vec<Packed>,
}

/// Where a key has its place in the table.
#[derive(Clone, Copy)]
struct Slots {
    /// The bits of a hash that chose the partition.
    used: u32,
    /// The bits below them, which choose the place.
    bits: u32,
}

impl Slots {
    /// At most half full: a probe for a key that is not there ends after a step or two.
    fn for_rows(rows: usize, used: u32) -> Slots {
        let bits = (rows.max(1) * 2).next_power_of_two().trailing_zeros();
        Slots {
            used,
            bits: bits.max(1),
        }
    }

    const fn count(self) -> usize {
        1 << self.bits
    }

    #[inline(always)]
    fn first(self, key: i64) -> usize {
        ((hash(key) << self.used) >> (64 - self.bits)) as usize
    }

    #[inline(always)]
    const fn after(self, at: usize) -> usize {
        at.wrapping_add(1) & (self.count() - 1)
    }
}

impl<'a, S: Fn(Place, Place) -> bool> Matcher<'a, S> {
    pub fn new(same: &'a S, left: &'a Partitioner, right: &'a Partitioner) -> Matcher<'a, S> {
        Matcher {
            same,
            left,
            right,
            table: Vec::new(),
            met: Vec::new(),
            differing: Vec::new(),
            crowd_left: Vec::new(),
            crowd_right: Vec::new(),
            rows: Vec::new(),
        }
    }

    /// Matches one partition of both sides.
    pub fn run(&mut self, part: usize, out: &mut Collector) {
        let mut rows = std::mem::take(&mut self.rows);
        gather(self.left, part, &mut rows);
        let slots = Slots::for_rows(rows.len(), self.left.shape().bits());
        self.build(slots, &rows);
        gather(self.right, part, &mut rows);
        for rows in rows.chunks(RUN_ROWS) {
            self.probe(slots, rows, out);
        }
        self.rows = rows;
        self.settle_lone(out);
        self.settle_crowds(out);
    }

    fn build(&mut self, slots: Slots, rows: &[Packed]) {
        self.table.clear();
        self.table.resize(slots.count(), NO_ROW);
        self.met.clear();
        self.met.resize(slots.count(), NOBODY);
        for row in rows {
            let mut at = slots.first(key_of(*row));
            loop {
                let first = self.table[at];
                if first == NO_ROW {
                    self.table[at] = *row;
                    self.met[at] = UNMET;
                    break;
                }
                if key_of(first) == key_of(*row) {
                    self.crowd_around(at);
                    self.crowd_left.push(self.left.tuple(*row));
                    break;
                }
                at = slots.after(at);
            }
        }
    }

    /// Probes right rows, at most a run of them.
    fn probe(&mut self, slots: Slots, rows: &[Packed], out: &mut Collector) {
        // Counted on the side: a run of amounts of 32 bits has a sum with room in 64. Added before
        // anything is taken back.
        let (mut matched, mut sum) = (0u64, 0i64);
        for right in rows {
            let mut at = slots.first(key_of(*right));
            loop {
                let left = self.table[at];
                if let Some(cents) = agreed(left, *right)
                    && self.met[at] == UNMET
                    && self.may_meet(left, *right)
                {
                    self.met[at] = row_of(*right);
                    matched = matched.wrapping_add(1);
                    sum = sum.wrapping_add(cents);
                    break;
                }
                if left == NO_ROW {
                    self.crowd_right.push(self.right.tuple(*right));
                    break;
                }
                if key_of(left) == key_of(*right) {
                    out.summary.matched.add(Flow::new(matched, sum));
                    (matched, sum) = (0, 0);
                    self.meet(at, *right, out);
                    break;
                }
                at = slots.after(at);
            }
        }
        out.summary.matched.add(Flow::new(matched, sum));
    }

    /// Two rows of one key that do not agree at first sight: other cents, cents too wide for a
    /// packed row, another text; or a second right row, which makes the key a crowd.
    #[cold]
    fn meet(&mut self, at: usize, right: Packed, out: &mut Collector) {
        let (packed, met) = (self.table[at], self.met[at]);
        let (ours, theirs) = (self.left.tuple(packed), self.right.tuple(right));
        if met == UNMET && self.may_meet(packed, right) {
            if ours.cents == theirs.cents {
                self.met[at] = theirs.row;
                out.summary.matched.count(ours.cents);
            } else {
                self.met[at] = DIFFERS;
                self.differing.push((at, theirs));
            }
            return;
        }
        if met <= MAX_ROW {
            out.summary.matched.uncount(ours.cents);
            self.crowd_right.push(Tuple { row: met, ..ours });
        }
        self.crowd_around(at);
        self.crowd_right.push(theirs);
    }

    /// Sets the first left row of a key aside.
    fn crowd_around(&mut self, at: usize) {
        if self.met[at] != CROWDED {
            self.met[at] = CROWDED;
            self.crowd_left.push(self.left.tuple(self.table[at]));
        }
    }

    #[inline(always)]
    fn may_meet(&self, left: Packed, right: Packed) -> bool {
        (self.same)(
            Place {
                side: Side::Left,
                row: row_of(left),
            },
            Place {
                side: Side::Right,
                row: row_of(right),
            },
        )
    }

    /// Keys with one left row that met none, or met one of other cents; and the pairs.
    fn settle_lone(&mut self, out: &mut Collector) {
        for (at, right) in self.differing.drain(..) {
            if self.met[at] == DIFFERS {
                let left = self.left.tuple(self.table[at]);
                let (ours, theirs) = (Some(row(left)), Some(row(right)));
                out.outcome(Kind::AmountDiffers, left.key, ours, theirs);
            } else {
                self.crowd_right.push(right);
            }
        }
        for (rows, met) in self.table.chunks(STRETCH).zip(self.met.chunks(STRETCH)) {
            // Without a branch inside, 32 places are a handful of vector comparisons.
            if met.iter().fold(false, |any, met| any | (*met == UNMET)) {
                for (packed, _) in rows.iter().zip(met).filter(|(_, met)| **met == UNMET) {
                    let left = self.left.tuple(*packed);
                    out.outcome(Kind::LeftOnly, left.key, Some(row(left)), None);
                }
            }
        }
        if let Some(pairs) = &mut out.pairs {
            let rows = self.table.iter().zip(&self.met);
            let matched = rows.filter(|(_, met)| **met <= MAX_ROW);
            pairs.extend(matched.map(|(left, met)| (row_of(*left), *met)));
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

fn gather(side: &Partitioner, part: usize, rows: &mut Vec<Packed>) {
    rows.clear();
    for slice in side.slices(part) {
        rows.extend_from_slice(slice);
    }
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
            (Some(a), b) if b.is_none_or(|b| a.cents < b.cents) => {
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
