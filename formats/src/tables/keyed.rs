//! Two files matched by an exact key, to the cent, in memory that is bounded: what does not fit
//! goes through bands in temporary files of the caller, and one band at a time is in memory.
//!
//! A band holds all rows of a key from both sides, so what the bands come to adds up to what one
//! pass would have found, in the same order; many rows of one key make one band large.

use crate::tables::error::TableError;
use crate::tables::numbers::Numbers;
use parquet::file::reader::ChunkReader;
use settlement::exact::Exact;
use settlement::reconcile::kernel::{
    KernelError, Options, Partitioner, Partitions, RUN_ROWS, Reconciled, Summary, band_of,
    reconcile,
};
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::thread;

/// Rows of one side that are matched in memory at once, unless a caller wants it otherwise: with as
/// many of the other side some 300 MB.
pub const IN_MEMORY: u64 = 10_000_000;

/// Bytes of a row in a band: key, cents and row number.
const ROW_BYTES: usize = 20;

/// Bytes of a band that are written at once.
const WRITE_BYTES: usize = 1 << 18;

/// Why two files cannot be matched.
#[derive(Debug, thiserror::Error)]
pub enum KeyedError {
    /// One of the files cannot be read.
    #[error(transparent)]
    Table(#[from] TableError),
    /// The kernel refuses what is in them.
    #[error(transparent)]
    Kernel(#[from] KernelError),
    /// There is no room for bands.
    #[error("temporary files: {0}; make room there or set TMPDIR, then run the same again")]
    Bands(#[from] io::Error),
    /// Rows were lost between the files and the matching.
    #[error(
        "{read} rows were read and {matched} matched: the temporary files are not what was \
         written; nothing was matched: run the same again, with TMPDIR elsewhere"
    )]
    Lost {
        /// Rows of both files.
        read: u64,
        /// Rows of both sides that came to the matching.
        matched: u64,
    },
}

/// Matches two files by their first column, and holds the second, signed cents, against each other.
/// Row numbers are those of the files, from 0. More than `in_memory` rows on a side go through
/// bands in files that `temporary` makes, one for each band and side, each new, empty and to be
/// read and written; the result is the same whatever the bound.
///
/// ```
/// use formats::tables::{Balances, IN_MEMORY, read_numbers, reconcile_columns, to_bytes};
/// use settlement::reconcile::kernel::Options;
/// let (file, _) = to_bytes::<Balances>([])?;
/// let column = |name| {
///     let file = bytes::Bytes::from(file.clone());
///     read_numbers(file, name, ["balance_cents", "balance_cents"])
/// };
/// let (ours, theirs) = (column("ours.parquet")?, column("theirs.parquet")?);
/// let (options, temporary) = (Options::default(), tempfile::tempfile);
/// let found = reconcile_columns(ours, theirs, options, IN_MEMORY, temporary)?;
/// assert!(found.summary.conserves());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Where a file is damaged or has more rows than can be numbered, or there is no room for bands.
pub fn reconcile_columns<L, R>(
    left: Numbers<L, 2>,
    right: Numbers<R, 2>,
    options: Options,
    in_memory: u64,
    temporary: impl Fn() -> io::Result<File> + Sync,
) -> Result<Reconciled, KeyedError>
where
    L: ChunkReader + Send + 'static,
    R: ChunkReader + Send + 'static,
{
    let (rows, most) = (left.rows().max(right.rows()), in_memory.max(1));
    let shape = Partitions::for_rows(rows.min(most));
    if rows <= most {
        let (left, right) = both(options, || whole(left, shape), || whole(right, shape))?;
        return Ok(reconcile(left, right, options)?);
    }
    // saturates: so many files are not to be had, which is said when they are made
    let bands = usize::try_from(rows.div_ceil(most)).unwrap_or(usize::MAX);
    let (left, right) = both(
        options,
        || Bands::of(left, bands, &temporary),
        || Bands::of(right, bands, &temporary),
    )?;
    let read = left.rows.plus(right.rows);
    let mut found: Option<Reconciled> = None;
    for (left, right) in left.files.into_iter().zip(right.files) {
        let (left, right) = both(options, || band(left, shape), || band(right, shape))?;
        let part = reconcile(left, right, options)?;
        match &mut found {
            Some(found) => found.absorb(part, options.outcomes),
            None => found = Some(part),
        }
    }
    let found = match found {
        Some(found) => found,
        None => reconcile(Partitioner::new(shape), Partitioner::new(shape), options)?,
    };
    let Summary { left, right, .. } = found.summary;
    let matched = left.rows.plus(right.rows);
    match matched == read {
        true => Ok(found),
        false => Err(KeyedError::Lost { read, matched }),
    }
}

/// Does two things at once where there may be threads for it.
fn both<T: Send, U: Send>(
    options: Options,
    left: impl FnOnce() -> Result<T, KeyedError> + Send,
    right: impl FnOnce() -> Result<U, KeyedError>,
) -> Result<(T, U), KeyedError> {
    if options.threads < 2 {
        return Ok((left()?, right()?));
    }
    thread::scope(|scope| {
        let left = scope.spawn(left);
        let right = right()?;
        let left = left.join().map_err(|_| KernelError::ThreadLost)?;
        Ok((left?, right))
    })
}

/// A side in memory.
fn whole<R: ChunkReader + 'static>(
    mut numbers: Numbers<R, 2>,
    shape: Partitions,
) -> Result<Partitioner, KeyedError> {
    let (mut side, mut row) = (Partitioner::new(shape), 0u32);
    while let Some([keys, cents]) = numbers.next()? {
        side.push(keys, cents, row)?;
        row = after(row, keys.len())?;
    }
    Ok(side)
}

/// The number of the row after so many more.
fn after(row: u32, rows: usize) -> Result<u32, KernelError> {
    let next = u64::from(row).plus(rows as u64);
    u32::try_from(next).map_err(|_| KernelError::TooManyRows(next))
}

/// A side in bands.
struct Bands {
    files: Vec<File>,
    rows: u64,
}

impl Bands {
    fn of<R: ChunkReader + 'static>(
        mut numbers: Numbers<R, 2>,
        bands: usize,
        temporary: impl Fn() -> io::Result<File>,
    ) -> Result<Bands, KeyedError> {
        let files = (0..bands).map(|_| temporary());
        let files = files.collect::<io::Result<Vec<File>>>()?;
        let mut waiting: Vec<Vec<u8>> = vec![Vec::new(); bands];
        let mut first = 0u32;
        while let Some([keys, cents]) = numbers.next()? {
            let next = after(first, keys.len())?;
            for ((key, cents), row) in keys.iter().zip(cents).zip(first..) {
                let band = band_of(*key, bands);
                // A row without a band would be missing from both sums, and is counted as read.
                let (Some(rows), Some(mut file)) = (waiting.get_mut(band), files.get(band)) else {
                    continue;
                };
                rows.extend_from_slice(&key.to_le_bytes());
                rows.extend_from_slice(&cents.to_le_bytes());
                rows.extend_from_slice(&row.to_le_bytes());
                if rows.len() >= WRITE_BYTES {
                    file.write_all(rows)?;
                    rows.clear();
                }
            }
            first = next;
        }
        for (mut file, rows) in files.iter().zip(waiting) {
            file.write_all(&rows)?;
            file.rewind()?;
        }
        let rows = u64::from(first);
        Ok(Bands { files, rows })
    }
}

/// A band of one side in memory.
fn band(mut file: File, shape: Partitions) -> Result<Partitioner, KeyedError> {
    let mut side = Partitioner::new(shape);
    let (mut keys, mut cents, mut rows) = (Vec::new(), Vec::new(), Vec::new());
    let mut bytes = Vec::with_capacity(ROW_BYTES.times(RUN_ROWS));
    loop {
        bytes.clear();
        let most = (ROW_BYTES.times(RUN_ROWS)) as u64;
        (&mut file).take(most).read_to_end(&mut bytes)?;
        if bytes.is_empty() {
            return Ok(side);
        }
        keys.clear();
        cents.clear();
        rows.clear();
        for row in bytes.as_chunks::<ROW_BYTES>().0 {
            let [a, b, c, d, e, f, g, h, rest @ ..] = *row;
            keys.push(i64::from_le_bytes([a, b, c, d, e, f, g, h]));
            let [a, b, c, d, e, f, g, h, rest @ ..] = rest;
            cents.push(i64::from_le_bytes([a, b, c, d, e, f, g, h]));
            rows.push(u32::from_le_bytes(rest));
        }
        side.push_numbered(&keys, &cents, &rows)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::{PaymentEvent, PaymentEvents, read_numbers, to_bytes};
    use bytes::Bytes;
    use jiff::Timestamp;
    use jiff::civil::date;
    use proptest::prelude::*;
    use settlement::money::SignedCents;

    fn file(rows: &[(i64, i64)]) -> Numbers<Bytes, 2> {
        let row = |&(key, cents): &(i64, i64)| PaymentEvent {
            event_date: date(2026, 11, 25),
            at: Timestamp::UNIX_EPOCH,
            payment_id: "x".into(),
            payment_key: key,
            version: 1,
            event: "CUT".into(),
            from_state: "INIT".into(),
            to_state: "BATCHED".into(),
            direction: "credit".into(),
            amount: SignedCents::new(cents),
            originator: "sample".into(),
            trace: None,
            batch: None,
            detail: "".into(),
            currency: None,
            reference: None,
        };
        let (bytes, _) = to_bytes::<PaymentEvents>(rows.iter().map(row)).unwrap();
        let columns = ["payment_key", "amount_cents"];
        read_numbers(Bytes::from(bytes), "x.parquet", columns).unwrap()
    }

    fn found(
        left: &[(i64, i64)],
        right: &[(i64, i64)],
        options: Options,
        in_memory: u64,
    ) -> Reconciled {
        let (left, right) = (file(left), file(right));
        reconcile_columns(left, right, options, in_memory, tempfile::tempfile).unwrap()
    }

    /// Few keys, so that some are there more than once; cents of which some need 64 bits.
    fn side() -> impl Strategy<Value = Vec<(i64, i64)>> {
        let cents = prop_oneof![-3i64..3, Just(1 << 40), Just(i64::from(i32::MIN))];
        prop::collection::vec((0i64..40, cents), 0..120)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn the_bound_of_memory_changes_nothing(
            left in side(), right in side(), bound in 0u64..60, outcomes in 0usize..50,
            threads in 1usize..3,
        ) {
            let options = Options { outcomes, pairs: true, threads };
            let whole = found(&left, &right, options, IN_MEMORY);
            prop_assert!(whole.summary.conserves());
            prop_assert_eq!(&found(&left, &right, options, bound), &whole);
        }
    }

    #[test]
    fn a_side_of_many_runs_is_the_same_through_bands() {
        let rows = i64::try_from(RUN_ROWS * 2 + 77).unwrap();
        let left: Vec<(i64, i64)> = (0..rows).map(|n| (n * 7, n)).collect();
        let right: Vec<(i64, i64)> = left.iter().rev().skip(3).copied().collect();
        let options = Options {
            pairs: true,
            ..Options::default()
        };
        let whole = found(&left, &right, options, IN_MEMORY);
        assert_eq!(whole.summary.left_only.rows, 3);
        assert_eq!(found(&left, &right, options, 10_000), whole);
    }

    #[test]
    fn no_room_for_bands_is_said() {
        let none = || Err(io::Error::from(io::ErrorKind::StorageFull));
        let (left, right) = (file(&[(1, 1), (2, 2)]), file(&[]));
        let refused = reconcile_columns(left, right, Options::default(), 1, none);
        assert!(refused.unwrap_err().to_string().contains("TMPDIR"));
    }

    #[test]
    fn rows_that_the_bands_lose_are_noticed() {
        // What is written there is gone: a disk that lies.
        let sink = || File::options().read(true).write(true).open("/dev/null");
        let (left, right) = (file(&[(1, 1), (2, 2)]), file(&[(1, 1)]));
        let lost = reconcile_columns(left, right, Options::default(), 1, sink);
        let KeyedError::Lost { read, matched } = lost.unwrap_err() else {
            panic!("rows were lost");
        };
        assert_eq!((read, matched), (3, 0));
    }
}
