//! Columns of whole numbers, straight from their pages: what a join of millions of rows reads.
//!
//! [`read_columns`](super::read_columns) makes arrays, which a caller may keep; each is new
//! memory, and the system clears and maps new memory page by page. Here the values are decoded
//! into the same few buffers again and again, and lent out.

use crate::tables::error::TableError;
use crate::tables::read::{guarded, is_within, torn};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::Int64Type;
use parquet::errors::{ParquetError, Result};
use parquet::file::reader::{ChunkReader, FileReader, SerializedFileReader};
use settlement::exact::Exact;

/// Rows lent out at a time, but at a file's end: a run of the matching kernel
/// ([`RUN_ROWS`](settlement::reconcile::kernel::RUN_ROWS)), which takes such chunks as they are.
const CHUNK: usize = settlement::reconcile::kernel::RUN_ROWS;

/// `N` columns of a file, chunk by chunk. Ends after the first error.
pub struct Numbers<R: ChunkReader + 'static, const N: usize> {
    file: String,
    reader: SerializedFileReader<R>,
    /// Where in the file each column stands.
    places: [usize; N],
    /// The next row group.
    group: usize,
    /// The readers of the row group before it.
    open: Option<[ColumnReaderImpl<Int64Type>; N]>,
    values: [Vec<i64>; N],
    /// Which cells are filled, where the file allows empty ones. Only its length is looked at.
    filled: Vec<i16>,
    ended: bool,
}

/// The 64 bit numbers called `columns`, in that order, of the Parquet file `source`.
///
/// The file may be any table's, or another program's, as long as the columns are `INT64` and
/// every cell is filled. No other column is decompressed.
///
/// ```
/// # use formats::tables::{Balances, TableError, read_numbers, to_bytes};
/// let (file, _) = to_bytes::<Balances>([])?;
/// let mut numbers = read_numbers(bytes::Bytes::from(file), "x.parquet", ["balance_cents"])?;
/// while let Some([balances]) = numbers.next()? {
///     assert!(balances.is_empty());
/// }
/// # Ok::<(), TableError>(())
/// ```
///
/// # Errors
/// Where the file is torn or no Parquet, or has no such numbers.
pub fn read_numbers<R: ChunkReader + 'static, const N: usize>(
    source: R,
    file: &str,
    columns: [&str; N],
) -> std::result::Result<Numbers<R, N>, TableError> {
    let length = source.len();
    let reader = guarded(file, || SerializedFileReader::new(source))?;
    if !is_within(reader.metadata(), length) {
        return Err(torn(file, "its footer names places outside the file"));
    }
    let schema = reader.metadata().file_metadata().schema_descr();
    let mut places = [0; N];
    for (place, name) in places.iter_mut().zip(columns) {
        let found = schema.columns().iter().position(|column| {
            column.path().parts() == [name]
                && column.physical_type() == parquet::basic::Type::INT64
                && column.max_rep_level() == 0
        });
        *place = found.ok_or_else(|| TableError::Foreign {
            file: file.to_owned(),
            table: "known",
            why: format!("it has no column {name} of 64 bit numbers"),
        })?;
    }
    Ok(Numbers {
        file: file.to_owned(),
        reader,
        places,
        group: 0,
        open: None,
        values: std::array::from_fn(|_| Vec::new()),
        filled: Vec::new(),
        ended: false,
    })
}

impl<R: ChunkReader + 'static, const N: usize> Numbers<R, N> {
    /// Rows in the whole file, as its footer says.
    pub fn rows(&self) -> u64 {
        // No count is below zero: `is_within` has looked.
        u64::try_from(self.reader.metadata().file_metadata().num_rows()).unwrap_or(0)
    }

    /// The next rows, a slice of each column, all of one length; `None` at the end.
    ///
    /// # Errors
    /// Where a part of the file is damaged, or a cell is empty.
    #[allow(
        clippy::should_implement_trait,
        reason = "lends its buffers, as no iterator can"
    )]
    pub fn next(&mut self) -> std::result::Result<Option<[&[i64]; N]>, TableError> {
        self.values.iter_mut().for_each(Vec::clear);
        let file = std::mem::take(&mut self.file);
        let rows = guarded(&file, || self.fill());
        self.file = file;
        self.ended |= !matches!(rows, Ok(1..));
        if rows? == 0 {
            return Ok(None);
        }
        Ok(Some(self.values.each_ref().map(Vec::as_slice)))
    }

    /// Fills the buffers from as many row groups as it takes; the rows in them.
    fn fill(&mut self) -> Result<usize> {
        let mut rows = 0usize;
        while rows < CHUNK && !self.ended {
            let Some(open) = &mut self.open else {
                if !self.open_group()? {
                    break;
                }
                continue;
            };
            let wanted = CHUNK.less(rows);
            let mut taken = None;
            for (column, values) in open.iter_mut().zip(&mut self.values) {
                self.filled.clear();
                let filled = Some(&mut self.filled);
                let (records, cells, _) = column.read_records(wanted, filled, None, values)?;
                if records != cells {
                    return Err(general("a cell of a column of numbers is empty"));
                }
                if *taken.get_or_insert(records) != records {
                    return Err(general("its columns differ in length"));
                }
            }
            match taken {
                None | Some(0) => self.open = None,
                Some(taken) => rows = rows.plus(taken),
            }
        }
        Ok(rows)
    }

    /// Opens the next row group; whether there was one.
    fn open_group(&mut self) -> Result<bool> {
        if self.group >= self.reader.num_row_groups() {
            return Ok(false);
        }
        let group = self.reader.get_row_group(self.group)?;
        let mut columns = Vec::with_capacity(N);
        for place in self.places {
            match group.get_column_reader(place)? {
                ColumnReader::Int64ColumnReader(column) => columns.push(column),
                _ => return Err(general("a column of numbers is of another type")),
            }
        }
        self.open = columns.try_into().ok();
        self.group = self.group.plus(1);
        Ok(true)
    }
}

fn general(why: &str) -> ParquetError {
    ParquetError::General(why.to_owned())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::arithmetic_side_effects)] // small known numbers

    use super::*;
    use crate::tables::{Balance, Balances, ROW_GROUP, to_bytes};
    use bytes::Bytes;
    use jiff::civil::date;
    use proptest::prelude::*;
    use settlement::money::SignedCents;

    fn file(rows: i64) -> Vec<u8> {
        let row = |at| Balance {
            ledger_date: date(2026, 11, 25),
            account: "1110".into(),
            key: format!("{at}").into(),
            balance: SignedCents::new(at * 7_919 - 1_000_000),
            since: date(2026, 11, 24),
            age_days: None,
            currency: None,
        };
        to_bytes::<Balances>((0..rows).map(row)).unwrap().0
    }

    fn all(bytes: Vec<u8>) -> std::result::Result<Vec<i64>, TableError> {
        let columns = ["balance", "balance_cents"];
        let mut numbers = read_numbers(Bytes::from(bytes), "x.parquet", columns)?;
        let mut values = Vec::new();
        while let Some([dollars, cents]) = numbers.next()? {
            assert_eq!(dollars, cents, "the decimal is the same number");
            values.extend_from_slice(cents);
        }
        assert_eq!(numbers.next()?, None);
        Ok(values)
    }

    #[test]
    fn every_row_comes_once_in_order_across_chunks_and_row_groups() {
        for rows in [0, 1, CHUNK, ROW_GROUP, ROW_GROUP + CHUNK + 3] {
            let rows = i64::try_from(rows).unwrap();
            let values = all(file(rows)).unwrap();
            assert!(
                values
                    .into_iter()
                    .eq((0..rows).map(|at| at * 7_919 - 1_000_000))
            );
        }
    }

    #[test]
    fn a_missing_column_or_one_of_another_type_is_named() {
        for name in ["nothing", "account"] {
            let found = read_numbers(Bytes::from(file(3)), "x.parquet", [name]);
            let message = found.err().unwrap().to_string();
            assert!(
                message.contains(&format!("no column {name} of 64 bit")),
                "{message}"
            );
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn a_damaged_file_never_panics(at in 0usize..10_000, byte in 1u8..) {
            let mut bytes = file(300);
            let place = at % bytes.len();
            bytes[place] ^= byte;
            let source = Bytes::from(bytes);
            if let Ok(mut numbers) = read_numbers(source, "x.parquet", ["balance_cents"]) {
                while let Ok(Some([cents])) = numbers.next() {
                    prop_assert!(cents.len() <= CHUNK);
                }
            }
        }
    }
}
