//! Sheets of whole numbers whose columns are named at run time: features, scores.
//!
//! A sheet is no table of settlement: nothing joins it, and it is not in
//! [`TABLES`](super::TABLES). Each column is an `INT64` whose cells may be empty; the same rows in
//! the same order give the same bytes.

use crate::tables::error::TableError;
use crate::tables::read::{read_columns, torn};
use arrow_array::builder::Int64Builder;
use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::reader::ChunkReader;
use settlement::exact::Exact;
use std::io::Write;
use std::sync::Arc;

/// What a sheet is called in errors.
const SHEET: &str = "sheet";

/// Who wrote the file, as its footer says; fixed, as in the tables.
const CREATED_BY: &str = "tieout sheets 1";

/// Rows of a row group: a sheet of fifty columns has 13 MB of them in memory.
const GROUP: usize = 32_768;

/// A cell; `None` where it is empty.
pub type Cell = Option<i64>;

/// Writes one sheet.
pub struct SheetWriter<W: Write + Send> {
    sink: ArrowWriter<W>,
    schema: SchemaRef,
    columns: Vec<Int64Builder>,
    waiting: usize,
}

impl<W: Write + Send> SheetWriter<W> {
    /// A writer of these columns into `sink`.
    ///
    /// # Errors
    /// Where the sink does not take the first bytes.
    pub fn new(sink: W, columns: &[&str]) -> Result<SheetWriter<W>, TableError> {
        let field = |name: &&str| Field::new(*name, DataType::Int64, true);
        let schema = Arc::new(Schema::new(
            columns.iter().map(field).collect::<Vec<Field>>(),
        ));
        let properties = WriterProperties::builder()
            .set_created_by(CREATED_BY.to_owned())
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .build();
        let options = ArrowWriterOptions::new()
            .with_properties(properties)
            .with_skip_arrow_metadata(true);
        let sink = ArrowWriter::try_new_with_options(sink, schema.clone(), options);
        Ok(SheetWriter {
            sink: sink.map_err(refused)?,
            schema,
            columns: columns.iter().map(|_| Int64Builder::new()).collect(),
            waiting: 0,
        })
    }

    /// Adds a row: a cell for each column; one too few is empty, one too many left out.
    ///
    /// # Errors
    /// Where the sink refuses bytes.
    pub fn push(&mut self, row: &[Cell]) -> Result<(), TableError> {
        for (place, column) in self.columns.iter_mut().enumerate() {
            column.append_option(row.get(place).copied().flatten());
        }
        self.waiting = self.waiting.plus(1);
        match self.waiting < GROUP {
            true => Ok(()),
            false => self.end_group(),
        }
    }

    /// Writes what is waiting and the footer, and gives the sink back.
    ///
    /// # Errors
    /// Where the sink refuses bytes.
    pub fn finish(mut self) -> Result<W, TableError> {
        if self.waiting > 0 {
            self.end_group()?;
        }
        self.sink.into_inner().map_err(refused)
    }

    fn end_group(&mut self) -> Result<(), TableError> {
        let columns = self.columns.iter_mut();
        let columns = columns
            .map(|column| Arc::new(column.finish()) as ArrayRef)
            .collect();
        self.waiting = 0;
        let batch = RecordBatch::try_new(self.schema.clone(), columns).map_err(refused)?;
        self.sink.write(&batch).map_err(refused)?;
        self.sink.flush().map_err(refused)
    }
}

fn refused(why: impl ToString) -> TableError {
    TableError::Write {
        table: SHEET,
        why: why.to_string(),
    }
}

/// The rows of the columns called `columns`, in that order, of the sheet `source`, which errors
/// call `file`; no more than `most` rows are read.
///
/// ```
/// use formats::tables::{SheetWriter, TableError, read_sheet};
///
/// let mut writer = SheetWriter::new(Vec::new(), &["at", "score"])?;
/// writer.push(&[Some(5), None])?;
/// let file = bytes::Bytes::from(writer.finish()?);
/// assert_eq!(read_sheet(file, "scores.parquet", &["score", "at"], 10)?, [[None, Some(5)]]);
/// # Ok::<(), TableError>(())
/// ```
///
/// # Errors
/// Where the file is torn or no Parquet, has no such columns of 64 bit numbers, or more rows.
pub fn read_sheet(
    source: impl ChunkReader + 'static,
    file: &str,
    columns: &[&str],
    most: usize,
) -> Result<Vec<Vec<Cell>>, TableError> {
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for batch in read_columns(source, file, columns)? {
        let batch = batch?;
        if rows.len().plus(batch.num_rows()) > most {
            return Err(torn(file, format!("more than {most} rows")));
        }
        let start = rows.len();
        rows.resize_with(start.plus(batch.num_rows()), Vec::new);
        for (name, column) in columns.iter().zip(batch.columns()) {
            let column = column.as_any().downcast_ref::<Int64Array>();
            let column = column.ok_or_else(|| TableError::Foreign {
                file: file.to_owned(),
                table: SHEET,
                why: format!("its column {name} has no 64 bit numbers"),
            })?;
            for (row, cell) in rows[start..].iter_mut().zip(column.iter()) {
                row.push(cell);
            }
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use proptest::prelude::*;

    fn written(rows: &[Vec<Cell>]) -> Bytes {
        let mut writer = SheetWriter::new(Vec::new(), &["a", "b", "c"]).unwrap();
        rows.iter().for_each(|row| writer.push(row).unwrap());
        Bytes::from(writer.finish().unwrap())
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_and_the_same_rows_are_the_same_bytes(
            rows in proptest::collection::vec(
                proptest::collection::vec(any::<Cell>(), 3..=3), 0..40)
        ) {
            let file = written(&rows);
            prop_assert_eq!(&file, &written(&rows));
            prop_assert_eq!(read_sheet(file, "x", &["a", "b", "c"], 40).unwrap(), rows);
        }
    }

    #[test]
    fn what_is_no_such_sheet_is_refused() {
        let file = written(&[vec![Some(1), None, Some(3)], vec![None; 3]]);
        let error = |file, columns: &[&str], most| {
            read_sheet(file, "x.parquet", columns, most)
                .unwrap_err()
                .to_string()
        };
        assert!(error(file.clone(), &["d"], 9).contains('d'));
        assert!(error(file.clone(), &["a"], 1).contains("more than 1 rows"));
        assert!(error(file.slice(..40), &["a"], 9).contains("x.parquet"));
        assert!(error(Bytes::from_static(b"a,b\n1,2\n"), &["a"], 9).contains("Parquet"));
    }

    #[test]
    fn more_rows_than_a_group_are_one_sheet() {
        let rows: Vec<Vec<Cell>> = (0..GROUP as i64 + 5)
            .map(|n| vec![Some(n), None, Some(-n)])
            .collect();
        let read = read_sheet(written(&rows), "x", &["c"], rows.len()).unwrap();
        assert_eq!(read.len(), rows.len());
        assert_eq!(read.last(), Some(&vec![Some(-(GROUP as i64) - 4)]));
    }
}
