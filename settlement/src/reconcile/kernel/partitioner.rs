//! One side, cut into partitions by the hash of its key while it streams in.
//!
//! A hash table over ten million rows misses the cache at every probe. Cut first, and each table
//! is small enough to stay inside it; but then the cutting must not miss either. Three decisions
//! make it cheap.
//!
//! **Runs.** Rows are scattered run by run, [`RUN_ROWS`] at a time, by a counting sort: a pass
//! counts the rows of each partition, sums of the counts say where each begins, and a second pass
//! writes every row to its place. The run's buffer is of exactly its size: nothing is ever moved
//! again, there is no slack at the end of any partition, and all that a scatter touches fits the
//! second-level cache. A partition is then a slice of every run ([`Partitioner::slices`]), and the
//! matcher copies its slices together before it works on them. A chunk that is not a whole run
//! waits in `staged` until there are enough, so that short chunks cost a copy and never short
//! slices.
//!
//! **Packed rows.** A row is one number of 128 bits ([`Packed`]): key, cents, row number, from the
//! top down. So two rows agree where their highest 96 bits do, which is one comparison; and a
//! fresh buffer is the system's zeroed pages as they come, never cleared a second time. Amounts
//! are kept in 32 bits, which is 21 million dollars either way. An amount beyond stands beside the
//! runs by its row number, and [`WIDE`] in its place: such a row never agrees at first sight, and
//! is looked at again in full.
//!
//! **One hash for both.** Keys are counted up (traces) or already mixed (texts); a multiplication
//! by the golden ratio spreads either, best in the high bits. The highest of them choose the
//! partition, those below the place in its table, so that no bit decides twice.
//!
//! What came in is counted here, before anything is packed or sorted ([`Partitioner::flow`]). The
//! kernel's last proof holds its outcomes against these counts, and so against every step between.

use super::error::KernelError;
use super::outcome::Flow;
use std::collections::BTreeMap;

/// The highest row number: the numbers above it mark states in the matcher.
pub const MAX_ROW: u32 = u32::MAX - 4;

/// Rows scattered at once, and so the best length of a chunk: 16 bytes each make 1 MB, inside a
/// server core's 2 MB second-level cache; longer runs miss it, shorter ones leave partitions only
/// a few rows long in each run.
pub const RUN_ROWS: usize = 1 << 16;

/// Rows of one side that one partition should hold: its hash table (40 to 80 bytes a row) then
/// stays inside the second-level cache while it is matched.
const PARTITION_ROWS: u64 = 8_192;

/// No more than 4,096 partitions: beyond, a run has fewer than 16 rows for each.
const MAX_BITS: u32 = 12;

/// One row: the key in the highest 64 bits, the cents in the next 32, the row number in the last.
pub(super) type Packed = u128;

/// Stands for cents that do not fit 32 bits; [`Partitioner::tuple`] finds them.
const WIDE: i32 = i32::MIN;

/// An empty place of a table of rows: no row has its row number.
pub(super) const NO_ROW: Packed = pack(-1, WIDE as i64, u32::MAX);

const fn pack(key: i64, cents: i64, row: u32) -> Packed {
    // Beyond 32 bits the lowest value says so. That value itself is beyond, too.
    let cents = if cents == cents as i32 as i64 {
        cents as i32
    } else {
        WIDE
    };
    ((key as u64 as u128) << 64) | ((cents as u32 as u128) << 32) | row as u128
}

/// The key of a row.
#[inline(always)]
pub(super) const fn key_of(packed: Packed) -> i64 {
    (packed >> 64) as i64
}

/// The number of a row.
#[inline(always)]
pub(super) const fn row_of(packed: Packed) -> u32 {
    packed as u32
}

#[inline(always)]
const fn short_cents(packed: Packed) -> i32 {
    (packed >> 32) as i32
}

/// The cents on which two rows of one key agree, as far as 32 bits can tell.
#[inline(always)]
pub(super) const fn agreed(left: Packed, right: Packed) -> Option<i64> {
    if (left ^ right) >> 32 == 0 && short_cents(right) != WIDE {
        Some(short_cents(right) as i64)
    } else {
        None
    }
}

/// One row, in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    const fn partition_of(self, hash: u64) -> usize {
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

/// The band of a key, where rows come in so many bands, each to be matched by itself: all rows of a
/// key are in one. It has little to do with the partition of a key, or a band would fill few.
pub fn band_of(key: i64, bands: usize) -> usize {
    let low = hash(key) & 0xffff_ffff;
    // Below `bands`, which is what 32 bits of it are scaled to.
    ((low * (bands as u64 & 0xffff_ffff)) >> 32) as usize
}

struct Run {
    rows: Vec<Packed>,
    /// Where each partition begins; one more than there are partitions.
    starts: Vec<u32>,
}

/// One side of a reconciliation, partitioned as it arrives.
pub struct Partitioner {
    shape: Partitions,
    runs: Vec<Run>,
    /// Rows of chunks too short to be a run of their own.
    staged: Vec<Packed>,
    /// The cents that do not fit their row, by row number.
    wide: BTreeMap<u32, i64>,
    flow: Flow,
}

impl Partitioner {
    /// An empty side.
    pub fn new(shape: Partitions) -> Partitioner {
        Partitioner {
            shape,
            runs: Vec::new(),
            staged: Vec::new(),
            wide: BTreeMap::new(),
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
            return Err(KernelError::TooManyRows(last - 1));
        }
        self.flow.rows += keys.len() as u64;
        let mut base = row_base;
        for (keys, cents) in keys.chunks(RUN_ROWS).zip(cents.chunks(RUN_ROWS)) {
            self.take_cents(cents, base..);
            if keys.len() == RUN_ROWS {
                self.runs
                    .push(scatter_columns(self.shape, keys, cents, base));
            } else {
                self.stage(keys, cents, base..);
            }
            base = base.wrapping_add(keys.len() as u32);
        }
        Ok(())
    }

    /// Takes rows that have numbers of their own: `keys[i]` and `cents[i]` are row `rows[i]`.
    ///
    /// # Errors
    /// As [`push`](Partitioner::push).
    pub fn push_numbered(
        &mut self,
        keys: &[i64],
        cents: &[i64],
        rows: &[u32],
    ) -> Result<(), KernelError> {
        if keys.len() != cents.len() || keys.len() != rows.len() {
            return Err(KernelError::Uneven {
                keys: keys.len().max(rows.len()),
                cents: cents.len(),
            });
        }
        if let Some(row) = rows.iter().find(|row| **row > MAX_ROW) {
            return Err(KernelError::TooManyRows(u64::from(*row)));
        }
        self.flow.rows += keys.len() as u64;
        let chunks = keys.chunks(RUN_ROWS).zip(cents.chunks(RUN_ROWS));
        for ((keys, cents), rows) in chunks.zip(rows.chunks(RUN_ROWS)) {
            self.take_cents(cents, rows.iter().copied());
            self.stage(keys, cents, rows.iter().copied());
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
        self.wide.append(&mut other.wide);
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
    pub(super) fn slices(&self, part: usize) -> impl Iterator<Item = &[Packed]> {
        self.runs.iter().filter_map(move |run| {
            let (from, to) = (*run.starts.get(part)?, *run.starts.get(part + 1)?);
            run.rows.get(from as usize..to as usize)
        })
    }

    /// A row of this side, in full.
    pub(super) fn tuple(&self, packed: Packed) -> Tuple {
        let (row, short) = (row_of(packed), short_cents(packed));
        let cents = match self.wide.get(&row) {
            Some(cents) if short == WIDE => *cents,
            _ => i64::from(short),
        };
        Tuple {
            key: key_of(packed),
            cents,
            row,
        }
    }

    /// Adds at most a run of cents to the flow, and keeps those that are wide.
    fn take_cents(&mut self, cents: &[i64], rows: impl Iterator<Item = u32>) {
        // Halves of a run's cents cannot overflow 64 bits, and 64 bits add four at a time.
        let (mut high, mut low, mut wide) = (0i64, 0i64, false);
        for cents in cents {
            high = high.wrapping_add(cents >> 32);
            low = low.wrapping_add(cents & 0xffff_ffff);
            wide |= *cents != i64::from(*cents as i32);
        }
        self.flow.cents += (i128::from(high) << 32) + i128::from(low);
        if wide || cents.contains(&i64::from(WIDE)) {
            let rows = cents.iter().zip(rows);
            let wide = rows.filter(|(cents, _)| i32::try_from(**cents).map_or(true, |c| c == WIDE));
            self.wide.extend(wide.map(|(cents, row)| (row, *cents)));
        }
    }

    fn stage(&mut self, keys: &[i64], cents: &[i64], rows: impl Iterator<Item = u32>) {
        for ((key, cents), row) in keys.iter().zip(cents).zip(rows) {
            self.staged.push(pack(*key, *cents, row));
            if self.staged.len() == RUN_ROWS {
                self.runs.push(scatter(self.shape, &self.staged));
                self.staged.clear();
            }
        }
    }
}

fn scatter_columns(shape: Partitions, keys: &[i64], cents: &[i64], row_base: u32) -> Run {
    let rows = keys.iter().zip(cents).zip(row_base..);
    scatter_by(
        shape,
        keys.iter().copied(),
        rows.map(|((key, cents), row)| pack(*key, *cents, row)),
    )
}

fn scatter(shape: Partitions, rows: &[Packed]) -> Run {
    scatter_by(
        shape,
        rows.iter().map(|row| key_of(*row)),
        rows.iter().copied(),
    )
}

/// Counting sort of a run by partition.
#[inline(always)]
fn scatter_by(
    shape: Partitions,
    keys: impl ExactSizeIterator<Item = i64>,
    rows: impl Iterator<Item = Packed>,
) -> Run {
    let mut sorted = vec![0; keys.len()];
    let mut starts = vec![0u32; shape.count() + 1];
    for key in keys {
        let end = &mut starts[shape.partition_of(hash(key)) + 1];
        *end = end.wrapping_add(1);
    }
    let mut sum = 0;
    for start in &mut starts {
        sum += *start;
        *start = sum;
    }
    let mut place = starts.clone();
    for row in rows {
        let at = &mut place[shape.partition_of(hash(key_of(row)))];
        sorted[*at as usize] = row;
        *at = at.wrapping_add(1);
    }
    Run {
        rows: sorted,
        starts,
    }
}
