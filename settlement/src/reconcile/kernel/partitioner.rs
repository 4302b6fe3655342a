//! One side, cut into partitions by the hash of its key while it streams in.
//!
//! Rows are scattered run by run: a run is counted, then written partition by partition into one
//! buffer of exactly its size. Everything a scatter touches fits the second-level cache, nothing
//! is ever moved again, and there is no slack at the end of any partition.

use super::{Flow, KernelError};

/// The highest row number: two numbers above it mark states in the matcher.
pub const MAX_ROW: u32 = u32::MAX - 3;

/// Rows scattered at once, and so the best length of a chunk: 20 bytes each make 1.3 MB, inside a server core's 2 MB second-level
/// cache; longer runs miss it, shorter ones leave partitions only a few rows long in each run.
pub const RUN_ROWS: usize = 1 << 16;

/// Rows of one side that one partition should hold: its rows and its hash table (20 and 8 to 16
/// bytes a row) then stay inside the second-level cache while it is matched.
const PARTITION_ROWS: u64 = 8_192;

/// No more than 4,096 partitions: beyond, a run has fewer than 16 rows for each.
const MAX_BITS: u32 = 12;

/// One row: 20 bytes, so that 20 million of them are 400 MB. (Aligned fields would take 24.)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C, packed(4))]
pub(super) struct Tuple {
    pub key: i64,
    pub cents: i64,
    pub row: u32,
}

/// How many partitions both sides are cut into; a power of two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partitions {
    bits: u32,
}

impl Partitions {
    /// Enough partitions for `rows` rows on the larger side. An estimate will do: it decides
    /// speed, never results.
    pub fn for_rows(rows: u64) -> Partitions {
        let wanted = rows.div_ceil(PARTITION_ROWS).max(1);
        let bits = u64::BITS - (wanted - 1).leading_zeros();
        Partitions {
            bits: bits.min(MAX_BITS),
        }
    }

    /// The number of partitions.
    pub const fn count(self) -> usize {
        1 << self.bits
    }

    /// The partition of a hash: its highest bits. (The matcher's table uses the bits below.)
    #[inline(always)]
    const fn of(self, hash: u64) -> usize {
        // Two shifts: one of 64 bits would be refused where there is only one partition.
        ((hash >> 1) >> (63 - self.bits)) as usize
    }

    /// The bits of a hash that choose the partition.
    pub(super) const fn bits(self) -> u32 {
        self.bits
    }
}

/// Spreads keys: neighbours (traces are counted up) land far apart, in the high bits above all.
#[inline(always)]
pub(super) fn hash(key: i64) -> u64 {
    let mixed = (key as u64) ^ ((key as u64) >> 32);
    mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

struct Run {
    tuples: Vec<Tuple>,
    /// Where each partition begins; one more than there are partitions.
    starts: Vec<u32>,
}

/// One side of a reconciliation, partitioned as it arrives.
pub struct Partitioner {
    shape: Partitions,
    runs: Vec<Run>,
    /// Rows of chunks too short to be a run of their own.
    staged: Vec<Tuple>,
    flow: Flow,
}

impl Partitioner {
    /// An empty side.
    pub fn new(shape: Partitions) -> Partitioner {
        Partitioner {
            shape,
            runs: Vec::new(),
            staged: Vec::new(),
            flow: Flow::default(),
        }
    }

    /// Takes a chunk of rows: `keys[i]` and `cents[i]` (signed) are row `row_base + i`.
    ///
    /// Chunks may come in any order and from any thread's own partitioner
    /// ([`absorb`](Partitioner::absorb)); a row number must not be used twice on a side.
    ///
    /// # Errors
    /// Where the columns differ in length or a row number would not fit. Nothing is taken then.
    pub fn push(&mut self, keys: &[i64], cents: &[i64], row_base: u32) -> Result<(), KernelError> {
        if keys.len() != cents.len() {
            return Err(KernelError::Uneven {
                keys: keys.len(),
                cents: cents.len(),
            });
        }
        let last = u64::from(row_base) + (keys.len() as u64);
        if last > u64::from(MAX_ROW) + 1 {
            return Err(KernelError::TooManyRows(last.saturating_sub(1)));
        }
        self.flow.rows += keys.len() as u64;
        self.flow.cents += cents.iter().map(|c| i128::from(*c)).sum::<i128>();
        let mut base = row_base;
        for (keys, cents) in keys.chunks(RUN_ROWS).zip(cents.chunks(RUN_ROWS)) {
            if keys.len() == RUN_ROWS {
                self.runs
                    .push(scatter_columns(self.shape, keys, cents, base));
            } else {
                self.stage(keys, cents, base);
            }
            base = base.wrapping_add(keys.len() as u32);
        }
        Ok(())
    }

    /// Takes all rows of another partitioner of the same side.
    ///
    /// # Errors
    /// Where it was made for another number of partitions.
    pub fn absorb(&mut self, mut other: Partitioner) -> Result<(), KernelError> {
        let (left, right) = (self.partitions(), other.partitions());
        if left != right {
            return Err(KernelError::Shape { left, right });
        }
        other.finish();
        self.flow.add(other.flow);
        self.runs.append(&mut other.runs);
        Ok(())
    }

    /// What has come in so far.
    pub const fn flow(&self) -> Flow {
        self.flow
    }

    pub(super) fn partitions(&self) -> usize {
        self.shape.count()
    }

    pub(super) const fn shape(&self) -> Partitions {
        self.shape
    }

    /// Scatters what is still staged.
    pub(super) fn finish(&mut self) {
        if !self.staged.is_empty() {
            self.runs.push(scatter(self.shape, &self.staged));
        }
        self.staged = Vec::new();
    }

    /// The rows of one partition, a slice for each run.
    pub(super) fn slices(&self, part: usize) -> impl Iterator<Item = &[Tuple]> {
        self.runs.iter().filter_map(move |run| {
            let (from, to) = (*run.starts.get(part)?, *run.starts.get(part + 1)?);
            run.tuples.get(from as usize..to as usize)
        })
    }

    fn stage(&mut self, keys: &[i64], cents: &[i64], row_base: u32) {
        for ((key, cents), row) in keys.iter().zip(cents).zip(row_base..) {
            self.staged.push(Tuple {
                key: *key,
                cents: *cents,
                row,
            });
            if self.staged.len() == RUN_ROWS {
                self.runs.push(scatter(self.shape, &self.staged));
                self.staged.clear();
            }
        }
    }
}

fn scatter_columns(shape: Partitions, keys: &[i64], cents: &[i64], row_base: u32) -> Run {
    let tuple = |i: usize| Tuple {
        key: keys[i],
        cents: cents[i],
        row: row_base + i as u32,
    };
    scatter_by(shape, keys.len(), |i| keys[i], tuple)
}

fn scatter(shape: Partitions, rows: &[Tuple]) -> Run {
    scatter_by(shape, rows.len(), |i| rows[i].key, |i| rows[i])
}

/// Counting sort of `len` rows by partition.
#[inline(always)]
fn scatter_by(
    shape: Partitions,
    len: usize,
    key: impl Fn(usize) -> i64,
    tuple: impl Fn(usize) -> Tuple,
) -> Run {
    let mut starts = vec![0u32; shape.count() + 1];
    for i in 0..len {
        starts[shape.of(hash(key(i))) + 1] += 1;
    }
    let mut sum = 0;
    for start in &mut starts {
        sum += *start;
        *start = sum;
    }
    let mut place = starts.clone();
    let mut tuples = vec![Tuple::default(); len];
    for i in 0..len {
        let at = &mut place[shape.of(hash(key(i)))];
        tuples[*at as usize] = tuple(i);
        *at += 1;
    }
    Run { tuples, starts }
}
