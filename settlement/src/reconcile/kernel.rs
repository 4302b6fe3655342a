//! The matching kernel: two columns of keys and cents against two others, in one pass.
//!
//! Reconciling is a join in which almost everything agrees, so the kernel is built for agreement.
//! Each side is cut into partitions by the hash of its key ([`Partitioner`]) while it streams in,
//! chunk by chunk. Then every partition is matched on its own ([`reconcile`]): a small hash table
//! over the left rows, the right rows probed against it. A key that stands once on each side with
//! the same cents costs one probe and one addition; only the few keys that do not agree so simply
//! are gathered, sorted and looked at again.
//!
//! # A partition, matched
//!
//! *Build.* The first left row of each key takes a place in an open table that is at most half
//! full; beside it stands a mark, at first *unmet*. A second left row of a key makes a *crowd* of
//! it: both rows are set aside, and the mark says so.
//!
//! *Probe.* Each right row looks for its key. Where it finds it unmet and with the same cents, the
//! mark becomes its own row number, and the pair is counted: that is the way of almost every row.
//! With other cents the mark becomes *differs* and the right row waits. Where somebody has been
//! before, the match is taken back, and all rows of the key are a crowd. A key that is not there
//! at all has its right row set aside, for another of it may come.
//!
//! *Settle.* What is still unmet or differs is named, straight from the table. The crowds of both
//! sides are sorted and walked together, key by key, by the rules below. Only they are sorted:
//! the work beyond one pass depends on what disagrees, and not on how much there is.
//!
//! # What comes out
//!
//! It does not depend on the order in which rows arrive, on the number of partitions or on the
//! number of threads: counts are sums, and outcomes are sorted by key and row. Within one key the
//! rules are:
//!
//! 1. Rows of equal cents are paired, lowest row numbers first: to the kernel they are alike.
//! 2. One row left over on each side: [`Kind::AmountDiffers`].
//! 3. Rows left over on one side only: duplicates if the key was paired at all; otherwise the
//!    first is [`Kind::LeftOnly`] or [`Kind::RightOnly`] and those after it are duplicates.
//! 4. Anything else is [`Kind::Ambiguous`], row by row: nothing is picked.
//!
//! Before anything is answered, rows and cents as they came in are held against rows and cents by
//! outcome ([`Summary::conserves`]): a kernel that lost a row says nothing at all.
//!
//! Memory is 16 bytes a row plus a few megabytes: 320 MB for ten million rows a side.

#![allow(clippy::arithmetic_side_effects)] // offsets and counts bounded by MAX_ROW (u32)

mod error;
mod outcome;
mod partitioner;
mod probe;

pub use error::KernelError;
pub use outcome::{Flow, Kind, Outcome, Place, Reconciled, Row, Side, Summary};
pub use partitioner::{MAX_ROW, Partitioner, Partitions, RUN_ROWS, band_of};

use outcome::Collector;
use probe::Matcher;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Threads used unless told otherwise: a settlement machine has two cores to give, and the counts
/// are the same with any number.
pub const DEFAULT_THREADS: usize = 2;

/// More threads than this are not started: there are no more partitions worth sharing out.
pub const MAX_THREADS: usize = 64;

/// Outcomes kept unless told otherwise: 1 % of ten million rows, 56 bytes each.
pub const DEFAULT_OUTCOMES: usize = 100_000;

/// What a caller wants back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// At most this many outcomes, the first in order of key; the counts are always complete.
    pub outcomes: usize,
    /// Whether matched pairs of row numbers are wanted too (8 bytes each).
    pub pairs: bool,
    /// Threads to share the partitions among, at least 1.
    pub threads: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            outcomes: DEFAULT_OUTCOMES,
            pairs: false,
            threads: DEFAULT_THREADS,
        }
    }
}

/// Matches `left` with `right` where keys are exact (a trace, a payment id, a batch key).
///
/// ```
/// use settlement::reconcile::kernel::{Options, Partitioner, Partitions, reconcile};
/// let shape = Partitions::for_rows(3);
/// let (mut ledger, mut bank) = (Partitioner::new(shape), Partitioner::new(shape));
/// ledger.push(&[1, 2, 3], &[100, 200, 300], 0)?;
/// bank.push(&[3, 1], &[300, 101], 0)?;
/// let found = reconcile(ledger, bank, Options::default())?;
/// assert_eq!(found.summary.matched.rows, 1);
/// assert_eq!(found.summary.amount_differs_left.rows, 1);
/// assert_eq!(found.summary.left_only.cents, 200);
/// assert!(found.summary.conserves());
/// # Ok::<(), settlement::reconcile::kernel::KernelError>(())
/// ```
///
/// # Errors
/// Where the two sides were partitioned differently, or a thread is lost.
pub fn reconcile(
    left: Partitioner,
    right: Partitioner,
    options: Options,
) -> Result<Reconciled, KernelError> {
    reconcile_verified(left, right, options, |_, _| true)
}

/// Matches `left` with `right` where keys are hashes of texts ([`text_key`]): `same` says whether
/// the texts behind two rows are equal.
///
/// Two texts that share a hash (five chances in a million at ten million keys) are never matched
/// on it: all rows of that hash come out as [`Kind::Ambiguous`].
///
/// # Errors
/// As [`reconcile`].
pub fn reconcile_verified(
    mut left: Partitioner,
    mut right: Partitioner,
    options: Options,
    same: impl Fn(Place, Place) -> bool + Sync,
) -> Result<Reconciled, KernelError> {
    left.finish();
    right.finish();
    let (parts, others) = (left.partitions(), right.partitions());
    if parts != others {
        return Err(KernelError::Shape {
            left: parts,
            right: others,
        });
    }
    let next = AtomicUsize::new(0);
    let work = || {
        let mut matcher = Matcher::new(&same, &left, &right);
        let mut collector = Collector::new(options.outcomes, options.pairs);
        loop {
            let part = next.fetch_add(1, Ordering::Relaxed);
            if part >= parts {
                return collector;
            }
            matcher.run(part, &mut collector);
        }
    };
    let threads = options.threads.clamp(1, MAX_THREADS.min(parts));
    let mut collected = if threads == 1 {
        work()
    } else {
        std::thread::scope(|scope| {
            let workers: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            let own = work();
            workers.into_iter().try_fold(own, |mut all, worker| {
                all.absorb(worker.join().map_err(|_| KernelError::ThreadLost)?);
                Ok(all)
            })
        })?
    };
    collected.summary.left = left.flow();
    collected.summary.right = right.flow();
    let conserves = collected.summary.conserves();
    assert!(
        conserves,
        "rows or cents were lost: {:?}",
        collected.summary
    );
    Ok(collected.finish())
}

/// The key of a text: a 64-bit hash that is the same on every machine and in every version.
/// Equal texts have equal keys; the reverse is for [`reconcile_verified`] to check.
pub fn text_key(text: &[u8]) -> i64 {
    let mut hash: u64 = 0x9e37_79b9_7f4a_7c15 ^ (text.len() as u64);
    for chunk in text.chunks(8) {
        let mut word = [0u8; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        let wide = u128::from(hash ^ u64::from_le_bytes(word)) * 0xa076_1d64_78bd_642f;
        // The low half alone would never let a high bit of the text reach a low bit of the key.
        hash = (wide as u64) ^ ((wide >> 64) as u64) ^ hash.rotate_left(29);
    }
    hash as i64
}

#[cfg(test)]
mod tests;
