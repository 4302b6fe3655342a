//! Parquet to rows, or to the few columns a join needs, one batch at a time.
//!
//! The Parquet library answers most damage with an error, and some with a panic: a changed byte
//! in the footer or in a page header can say that a column starts before the file. So the footer
//! is checked against the file's length before the library acts on it, and what the library does
//! with the bytes is caught if it panics ([`guarded`]). Either way the file is torn, and said so.

use crate::tables::error::TableError;
use crate::tables::table::Table;
use arrow_array::{RecordBatch, RecordBatchOptions, new_null_array};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder, RowSelection,
};
use parquet::file::metadata::ParquetMetaData;
use parquet::file::reader::ChunkReader;
use settlement::exact::Exact;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// Rows decoded at a time: enough to spread the cost of a batch, little enough for the cache.
const BATCH: usize = 8_192;

/// The rows of one file of table `T`. Ends after the first error.
pub struct Rows<T: Table> {
    batches: Batches,
    /// Columns of the table that the file is older than, with their places among all.
    missing: Vec<(usize, &'static str, DataType)>,
    cells: Option<(T::Cells, usize)>,
    at: usize,
    row: u64,
}

/// The batches of some of a file's columns. Ends after the first error.
pub struct Batches {
    file: String,
    reader: Option<ParquetRecordBatchReader>,
    /// For each column asked for, where the batch has it.
    order: Vec<usize>,
    rows: u64,
}

/// The rows of the file `source`, which is called `file` in errors.
///
/// `source` is anything that can be read at a place: `bytes::Bytes` or a `std::fs::File`.
///
/// ```
/// use formats::tables::{self, Balances, Breaks, TableError};
///
/// let (file, _) = tables::to_bytes::<Balances>([])?;
/// let file = bytes::Bytes::from(file);
/// assert_eq!(tables::read::<Balances>(file.clone(), "balances.parquet")?.count(), 0);
/// let other = tables::read::<Breaks>(file, "balances.parquet").err();
/// assert!(matches!(other, Some(TableError::Foreign { .. })));
/// # Ok::<(), TableError>(())
/// ```
///
/// # Errors
/// Where the file is torn, is no Parquet, or is another table's; and later, while iterating,
/// where a part of it turns out to be damaged.
pub fn read<T: Table>(
    source: impl ChunkReader + 'static,
    file: &str,
) -> Result<Rows<T>, TableError> {
    rows_of(open(source, file)?, file)
}

/// As [`read`], but only the rows at these places of the file, which ascend and do not overlap.
/// What stands between them is passed over, and made to no rows.
///
/// # Errors
/// As [`read`].
pub fn read_at<T: Table>(
    source: impl ChunkReader + 'static,
    file: &str,
    places: Vec<Range<usize>>,
) -> Result<Rows<T>, TableError> {
    let builder = open(source, file)?;
    let all = usize::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
    let end = places.last().map_or(0, |place| place.end);
    let ascend = places.is_sorted_by(|one, next| one.end <= next.start);
    if end > all || !ascend {
        return Err(torn(file, "it has fewer rows than were found in it"));
    }
    let chosen = RowSelection::from_consecutive_ranges(places.into_iter(), all);
    rows_of(builder.with_row_selection(chosen), file)
}

fn rows_of<T: Table, S: ChunkReader + 'static>(
    builder: ParquetRecordBatchReaderBuilder<S>,
    file: &str,
) -> Result<Rows<T>, TableError> {
    T::INFO.check(file, builder.schema())?;
    let (mut names, mut missing) = (Vec::new(), Vec::new());
    for (at, (name, kind, _)) in T::INFO.read_columns().enumerate() {
        match builder.schema().index_of(name) {
            Ok(_) => names.push(name),
            Err(_) => missing.push((at, name, kind)), // which may be: `check` has looked
        }
    }
    let batches = project(builder, file, &names)?;
    Ok(Rows {
        batches,
        missing,
        cells: None,
        at: 0,
        row: 0,
    })
}

/// The columns called `columns`, in that order, of the Parquet file `source`.
///
/// The file may be any table's, or another program's: only the names are asked for, and the
/// caller looks at the types. No other column is decompressed.
///
/// # Errors
/// As [`read`].
pub fn read_columns(
    source: impl ChunkReader + 'static,
    file: &str,
    columns: &[&str],
) -> Result<Batches, TableError> {
    project(open(source, file)?, file, columns)
}

fn open<S: ChunkReader + 'static>(
    source: S,
    file: &str,
) -> Result<ParquetRecordBatchReaderBuilder<S>, TableError> {
    let length = source.len();
    let builder = guarded(file, || {
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        ParquetRecordBatchReaderBuilder::try_new_with_options(source, options)
    })?;
    if is_within(builder.metadata(), length) {
        return Ok(builder);
    }
    Err(torn(file, "its footer names places outside the file"))
}

pub(super) fn torn(file: &str, why: impl ToString) -> TableError {
    TableError::Torn {
        file: file.to_owned(),
        why: why.to_string(),
    }
}

/// Runs the Parquet library; a panic becomes the error that it should have been. The reader in
/// which it happened is dropped, so nothing sees its broken state.
pub(super) fn guarded<R, E: ToString>(
    file: &str,
    work: impl FnOnce() -> Result<R, E>,
) -> Result<R, TableError> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(result)) => Ok(result),
        Ok(Err(why)) => Err(torn(file, why)),
        Err(_) => Err(torn(file, "its pages contradict each other")),
    }
}

/// Whether every column's bytes lie in a file of `length` bytes, and every count is one.
pub(super) fn is_within(metadata: &ParquetMetaData, length: u64) -> bool {
    let inside = |start: i64, size: i64| {
        let (start, size) = (u64::try_from(start).ok()?, u64::try_from(size).ok()?);
        start.checked_add(size).filter(|end| *end <= length)
    };
    metadata.file_metadata().num_rows() >= 0
        && metadata.row_groups().iter().all(|group| {
            group.num_rows() >= 0
                && group.columns().iter().all(|column| {
                    let pages = column.data_page_offset();
                    let start = column.dictionary_page_offset().unwrap_or(pages);
                    column.num_values() >= 0
                        && inside(start, column.compressed_size()).is_some()
                        && inside(pages, 0).is_some()
                })
        })
}

fn project<S: ChunkReader + 'static>(
    builder: ParquetRecordBatchReaderBuilder<S>,
    file: &str,
    columns: &[&str],
) -> Result<Batches, TableError> {
    let place = |schema: &Schema, name: &str| {
        schema.index_of(name).map_err(|_| TableError::Foreign {
            file: file.to_owned(),
            table: "known",
            why: format!("it has no column {name}"),
        })
    };
    let roots: Vec<usize> = columns
        .iter()
        .map(|name| place(builder.schema(), name))
        .collect::<Result<_, _>>()?;
    // No count is below zero: `is_within` has looked.
    let rows = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
    let mask = ProjectionMask::roots(builder.parquet_schema(), roots);
    let reader = builder
        .with_batch_size(BATCH)
        .with_projection(mask)
        .build()
        .map_err(|why| TableError::Torn {
            file: file.to_owned(),
            why: why.to_string(),
        })?;
    let schema = arrow_array::RecordBatchReader::schema(&reader);
    let order = columns
        .iter()
        .map(|name| place(&schema, name))
        .collect::<Result<_, _>>()?;
    Ok(Batches {
        file: file.to_owned(),
        reader: Some(reader),
        order,
        rows,
    })
}

impl Batches {
    /// Rows in the whole file, as its footer says.
    pub fn rows(&self) -> u64 {
        self.rows
    }
}

impl Iterator for Batches {
    type Item = Result<RecordBatch, TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        let (reader, order) = (self.reader.as_mut()?, &self.order);
        let batch = guarded(&self.file, || {
            let batch = reader.next().transpose()?;
            batch.map(|batch| batch.project(order)).transpose()
        });
        if batch.is_err() {
            self.reader = None;
        }
        batch.transpose()
    }
}

/// A batch with the columns that its file is older than, each of them empty.
fn filled(
    batch: RecordBatch,
    missing: &[(usize, &'static str, DataType)],
) -> Result<RecordBatch, arrow_schema::ArrowError> {
    if missing.is_empty() {
        return Ok(batch);
    }
    let rows = batch.num_rows();
    let mut fields: Vec<_> = batch.schema().fields().iter().map(Arc::clone).collect();
    let mut columns = batch.columns().to_vec();
    // In ascending order, so each comes to its place among all columns.
    for (at, name, kind) in missing {
        fields.insert(*at, Arc::new(Field::new(*name, kind.clone(), true)));
        columns.insert(*at, new_null_array(kind, rows));
    }
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options)
}

impl<T: Table> Rows<T> {
    /// Rows in the whole file, as its footer says.
    pub fn rows(&self) -> u64 {
        self.batches.rows
    }

    /// The next batch's columns, or the end, or what is wrong.
    fn refill(&mut self) -> Option<Result<(), TableError>> {
        let batch = match self.batches.next()? {
            Ok(batch) => batch,
            Err(why) => return Some(Err(why)),
        };
        let batch = match filled(batch, &self.missing) {
            Ok(batch) => batch,
            Err(why) => return Some(Err(torn(&self.batches.file, why))),
        };
        self.at = 0;
        let cells = T::cells(&batch).map_err(|column| TableError::Foreign {
            file: self.batches.file.clone(),
            table: T::INFO.name,
            why: format!("column {column} is of another type"),
        });
        Some(cells.map(|cells| self.cells = Some((cells, batch.num_rows()))))
    }

    fn stop(&mut self, why: TableError) -> TableError {
        self.batches.reader = None;
        self.cells = None;
        why
    }
}

impl<T: Table> Iterator for Rows<T> {
    type Item = Result<T::Row<'static>, TableError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match &self.cells {
                Some((cells, rows)) if self.at < *rows => {
                    let row = T::row(cells, self.at);
                    self.at = self.at.plus(1);
                    self.row = self.row.plus(1);
                    let value = |column| TableError::Value {
                        file: self.batches.file.clone(),
                        row: self.row,
                        column,
                    };
                    return Some(row.map_err(value).map_err(|why| self.stop(why)));
                }
                _ => match self.refill()? {
                    Ok(()) => {}
                    Err(why) => return Some(Err(self.stop(why))),
                },
            }
        }
    }
}
