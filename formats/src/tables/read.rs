//! Parquet to rows, or to the few columns a join needs, one batch at a time.

use super::{Table, TableError};
use arrow::array::RecordBatch;
use arrow::datatypes::Schema;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::file::reader::ChunkReader;

/// Rows decoded at a time: enough to spread the cost of a batch, little enough for the cache.
const BATCH: usize = 8_192;

/// The rows of one file of table `T`. Ends after the first error.
pub struct Rows<T: Table> {
    batches: Batches,
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
/// # Errors
/// Where the file is torn, is no Parquet, or is another table's; and later, while iterating,
/// where a part of it turns out to be damaged.
pub fn read<T: Table>(
    source: impl ChunkReader + 'static,
    file: &str,
) -> Result<Rows<T>, TableError> {
    let builder = open(source, file)?;
    T::INFO.check(file, builder.schema())?;
    let names: Vec<&str> = T::INFO.read_columns().map(|(name, _)| name).collect();
    let batches = project(builder, file, &names)?;
    Ok(Rows {
        batches,
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
    let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
    ParquetRecordBatchReaderBuilder::try_new_with_options(source, options).map_err(|why| {
        TableError::Torn {
            file: file.to_owned(),
            why: why.to_string(),
        }
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
    let schema = arrow::array::RecordBatchReader::schema(&reader);
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
        let batch = self.reader.as_mut()?.next()?;
        let batch = batch.and_then(|batch| batch.project(&self.order));
        if batch.is_err() {
            self.reader = None;
        }
        Some(batch.map_err(|why| TableError::Torn {
            file: self.file.clone(),
            why: why.to_string(),
        }))
    }
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
                    self.at = self.at.saturating_add(1);
                    self.row = self.row.saturating_add(1);
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
