//! What the kernel says: exact counts of everything, and a bounded, sorted list of what disagrees.

/// The two sides of a reconciliation. Ours is the left by custom, the bank's the right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// Ours.
    Left,
    /// Theirs.
    Right,
}

/// Names one input row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Which side it came in on.
    pub side: Side,
    /// Its row number there.
    pub row: u32,
}

/// A number of rows and the sum of their signed cents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// Rows.
    pub rows: u64,
    /// Signed cents. Four billion rows of the largest amount fit.
    pub cents: i128,
}

impl Flow {
    pub(super) fn new(rows: u64, cents: i64) -> Flow {
        let cents = i128::from(cents);
        Flow { rows, cents }
    }

    pub(super) fn add(&mut self, other: Flow) {
        self.rows += other.rows;
        self.cents += other.cents;
    }

    #[inline(always)]
    pub(super) fn count(&mut self, cents: i64) {
        self.rows += 1;
        self.cents += i128::from(cents);
    }

    #[inline(always)]
    pub(super) fn uncount(&mut self, cents: i64) {
        self.rows -= 1;
        self.cents -= i128::from(cents);
    }
}

/// A row of an outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Row {
    /// The row number.
    pub row: u32,
    /// Its signed cents.
    pub cents: i64,
}

/// What is not a clean match of one row with one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The key stands on the left only.
    LeftOnly,
    /// The key stands on the right only.
    RightOnly,
    /// One row on each side remains, with different cents.
    AmountDiffers,
    /// The key stands on the left more often than on the right.
    DuplicateLeft,
    /// The key stands on the right more often than on the left.
    DuplicateRight,
    /// Several rows remain on both sides and none fits another: review.
    Ambiguous,
}

/// One thing that does not agree. Ordered by key, then kind, then rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Outcome {
    /// The key.
    pub key: i64,
    /// What is wrong.
    pub kind: Kind,
    /// The left row, where there is one.
    pub left: Option<Row>,
    /// The right row, where there is one.
    pub right: Option<Row>,
}

/// Exact counts and cents of every class, however few outcomes were kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Everything that came in on the left, counted as it came in.
    pub left: Flow,
    /// Everything that came in on the right, counted as it came in.
    pub right: Flow,
    /// Pairs of equal key and cents.
    pub matched: Flow,
    /// See [`Kind::LeftOnly`].
    pub left_only: Flow,
    /// See [`Kind::RightOnly`].
    pub right_only: Flow,
    /// See [`Kind::AmountDiffers`]: the left rows.
    pub amount_differs_left: Flow,
    /// See [`Kind::AmountDiffers`]: the right rows.
    pub amount_differs_right: Flow,
    /// See [`Kind::DuplicateLeft`].
    pub duplicate_left: Flow,
    /// See [`Kind::DuplicateRight`].
    pub duplicate_right: Flow,
    /// See [`Kind::Ambiguous`]: the left rows.
    pub ambiguous_left: Flow,
    /// See [`Kind::Ambiguous`]: the right rows.
    pub ambiguous_right: Flow,
}

impl Summary {
    /// Whether records and cents in are records and cents matched and not matched, on each side.
    pub fn conserves(&self) -> bool {
        let total = |parts: &[Flow]| {
            parts.iter().fold(Flow::default(), |mut sum, part| {
                sum.add(*part);
                sum
            })
        };
        let left = [
            self.matched,
            self.left_only,
            self.amount_differs_left,
            self.duplicate_left,
            self.ambiguous_left,
        ];
        let right = [
            self.matched,
            self.right_only,
            self.amount_differs_right,
            self.duplicate_right,
            self.ambiguous_right,
        ];
        total(&left) == self.left && total(&right) == self.right
    }

    /// The number of outcomes behind these counts.
    pub fn outcomes(&self) -> u64 {
        self.left_only.rows
            + self.right_only.rows
            + self.amount_differs_left.rows
            + self.duplicate_left.rows
            + self.duplicate_right.rows
            + self.ambiguous_left.rows
            + self.ambiguous_right.rows
    }

    fn count(&mut self, outcome: &Outcome) {
        let (on_left, on_right) = match outcome.kind {
            Kind::LeftOnly => (&mut self.left_only, None),
            Kind::RightOnly => (&mut self.right_only, None),
            Kind::DuplicateLeft => (&mut self.duplicate_left, None),
            Kind::DuplicateRight => (&mut self.duplicate_right, None),
            Kind::AmountDiffers => (
                &mut self.amount_differs_left,
                Some(&mut self.amount_differs_right),
            ),
            Kind::Ambiguous => (&mut self.ambiguous_left, Some(&mut self.ambiguous_right)),
        };
        // Where a kind has one flow only, it takes whichever row there is.
        let on_right = match on_right {
            Some(flow) => flow,
            None => return count_row(on_left, outcome.left.or(outcome.right)),
        };
        count_row(on_left, outcome.left);
        count_row(on_right, outcome.right);
    }

    fn add(&mut self, other: &Summary) {
        self.left.add(other.left);
        self.right.add(other.right);
        self.matched.add(other.matched);
        self.left_only.add(other.left_only);
        self.right_only.add(other.right_only);
        self.amount_differs_left.add(other.amount_differs_left);
        self.amount_differs_right.add(other.amount_differs_right);
        self.duplicate_left.add(other.duplicate_left);
        self.duplicate_right.add(other.duplicate_right);
        self.ambiguous_left.add(other.ambiguous_left);
        self.ambiguous_right.add(other.ambiguous_right);
    }
}

fn count_row(flow: &mut Flow, row: Option<Row>) {
    if let Some(row) = row {
        flow.count(row.cents);
    }
}

/// A finished reconciliation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconciled {
    /// Counts and cents of everything.
    pub summary: Summary,
    /// What does not agree, sorted; the first [`Options::outcomes`](super::Options::outcomes).
    pub outcomes: Vec<Outcome>,
    /// Outcomes that did not fit into the list.
    pub withheld: u64,
    /// Matched rows (left, right), sorted by left row; empty unless asked for.
    pub pairs: Vec<(u32, u32)>,
}

impl Reconciled {
    /// Adds what another part of the same two sides came to, of which no key may be in both, and
    /// keeps the first `most` outcomes.
    pub fn absorb(&mut self, mut other: Reconciled, most: usize) {
        self.summary.add(&other.summary);
        self.outcomes.append(&mut other.outcomes);
        self.outcomes.sort_unstable();
        self.outcomes.truncate(most);
        // As many as were counted, or fewer where some were thrown away.
        self.withheld = self.summary.outcomes() - self.outcomes.len() as u64;
        self.pairs.append(&mut other.pairs);
        self.pairs.sort_unstable();
    }
}

/// Gathers one thread's findings.
pub(super) struct Collector {
    pub summary: Summary,
    limit: usize,
    outcomes: Vec<Outcome>,
    /// The pairs, where they are wanted.
    pub pairs: Option<Vec<(u32, u32)>>,
}

impl Collector {
    pub fn new(limit: usize, pairs: bool) -> Collector {
        let summary = Summary::default();
        Collector {
            summary,
            limit,
            outcomes: Vec::new(),
            pairs: pairs.then(Vec::new),
        }
    }

    /// Counts an outcome, and keeps it while it is among the first.
    pub fn outcome(&mut self, kind: Kind, key: i64, left: Option<Row>, right: Option<Row>) {
        let outcome = Outcome {
            key,
            kind,
            left,
            right,
        };
        self.summary.count(&outcome);
        self.outcomes.push(outcome);
        // Twice the limit before anything is thrown away: each outcome is then moved a constant
        // number of times, however many there are.
        // saturates: a limit of half of all memory and more is none
        if self.outcomes.len() >= self.limit.saturating_mul(2).max(64) {
            self.trim();
        }
    }

    /// Counts a matched pair.
    #[inline(always)]
    pub fn pair(&mut self, cents: i64, left: u32, right: u32) {
        self.summary.matched.count(cents);
        if let Some(pairs) = &mut self.pairs {
            pairs.push((left, right));
        }
    }

    pub fn absorb(&mut self, mut other: Collector) {
        self.summary.add(&other.summary);
        self.outcomes.append(&mut other.outcomes);
        self.trim();
        if let (Some(pairs), Some(others)) = (&mut self.pairs, &mut other.pairs) {
            pairs.append(others);
        }
    }

    pub fn finish(mut self) -> Reconciled {
        self.trim();
        self.outcomes.sort_unstable();
        // As many as were counted, or fewer where some were thrown away.
        let withheld = self.summary.outcomes() - self.outcomes.len() as u64;
        let mut pairs = self.pairs.unwrap_or_default();
        pairs.sort_unstable();
        Reconciled {
            summary: self.summary,
            outcomes: self.outcomes,
            withheld,
            pairs,
        }
    }

    fn trim(&mut self) {
        if self.outcomes.len() > self.limit {
            if self.limit > 0 {
                self.outcomes.select_nth_unstable(self.limit - 1);
            }
            self.outcomes.truncate(self.limit);
        }
    }
}
