//! Rows to Parquet, one row group at a time.

use crate::tables::error::TableError;
use crate::tables::limits::ROW_GROUP;
use crate::tables::schema::ColumnKind;
use crate::tables::table::Table;
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowSchemaConverter;
use parquet::arrow::arrow_writer::{
    ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves,
};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;
use settlement::exact::Exact;
use settlement::money::SignedCents;
use std::io::Write;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

/// Who wrote the file, as its footer says. Fixed: a new version of a library must not change the
/// bytes of an old day without anyone deciding so. Raise it when the encoding changes.
const CREATED_BY: &str = "tieout tables 2";

/// zstd's fastest level: a tenth larger than level 3 on these tables, and twice as fast.
const ZSTD_LEVEL: i32 = 1;

/// One in a hundred looked-up row groups is read in vain.
#[allow(
    clippy::float_arithmetic,
    reason = "a probability for the library, not money"
)]
const BLOOM_FALSE_POSITIVES: f64 = 0.01;

/// What went into a finished file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Rows.
    pub rows: u64,
    /// The sum of the table's first money column.
    pub cents: SignedCents,
}

/// Writes one file of table `T` into `W`: anything from a `Vec<u8>` to a hashing upload.
///
/// Rows are kept as columns until a row group is full. A full one is encoded on a thread of its
/// own while the next is filled, one at a time: the bytes are the same, and so is what is in
/// memory, but for one group. What is left at the end is encoded where it is, so that a small file
/// needs no thread. A writer that is dropped before [`Writer::finish`] leaves a file without a
/// footer, which no reader accepts.
pub struct Writer<T: Table, W: Write + Send> {
    sink: SerializedFileWriter<W>,
    groups: ArrowRowGroupWriterFactory,
    schema: SchemaRef,
    builders: T::Builders,
    waiting: usize,
    /// Row groups that were handed over to be encoded.
    begun: usize,
    encoding: Option<Encoded>,
    written: Written,
}

/// A row group that is being encoded.
type Encoded = JoinHandle<Result<Vec<ArrowColumnChunk>, ParquetError>>;

impl<T: Table, W: Write + Send> Writer<T, W> {
    /// A writer into `sink`.
    ///
    /// # Errors
    /// Where the sink does not take the first bytes.
    pub fn new(sink: W) -> Result<Writer<T, W>, TableError> {
        let schema = T::INFO.schema();
        // The Parquet types say everything; an Arrow-only copy of them is left out.
        let columns = ArrowSchemaConverter::new()
            .convert(&schema)
            .map_err(refused::<T>)?;
        let properties = Arc::new(properties::<T>());
        let sink = SerializedFileWriter::new(sink, columns.root_schema_ptr(), properties)
            .map_err(refused::<T>)?;
        let written = Written {
            rows: 0,
            cents: SignedCents::ZERO,
        };
        Ok(Writer {
            groups: ArrowRowGroupWriterFactory::new(&sink, schema.clone()),
            sink,
            schema,
            builders: T::Builders::default(),
            waiting: 0,
            begun: 0,
            encoding: None,
            written,
        })
    }

    /// Adds a row. Rows come in the table's sort order; the writer does not sort.
    ///
    /// # Errors
    /// Where a text is too long, the sum of the money does not fit, or the sink refuses bytes.
    pub fn push(&mut self, row: &T::Row<'_>) -> Result<(), TableError> {
        let (table, at) = (T::INFO.name, self.written.rows.plus(1));
        let sum = self.written.cents.checked_add(T::cents(row));
        self.written.cents = sum.ok_or(TableError::SumTooLarge { table, row: at })?;
        T::push(&mut self.builders, row).map_err(|column| TableError::TooLong {
            table,
            row: at,
            column,
        })?;
        self.written.rows = at;
        self.waiting = self.waiting.plus(1);
        if self.waiting >= ROW_GROUP {
            self.hand_over()
        } else {
            Ok(())
        }
    }

    /// Writes what is waiting and the footer.
    ///
    /// # Errors
    /// Where the sink refuses bytes.
    pub fn finish(self) -> Result<Written, TableError> {
        self.finish_into().map(|(written, _)| written)
    }

    /// As [`Writer::finish`], and gives the sink back.
    ///
    /// # Errors
    /// Where the sink refuses bytes.
    pub fn finish_into(mut self) -> Result<(Written, W), TableError> {
        self.take_encoded()?;
        if self.waiting > 0 {
            let (columns, batch) = self.row_group()?;
            let encoded = encode(columns, &batch).map_err(refused::<T>)?;
            self.append(encoded)?;
        }
        let sink = self.sink.into_inner().map_err(refused::<T>)?;
        Ok((self.written, sink))
    }

    /// What is waiting, and who encodes it.
    fn row_group(&mut self) -> Result<(Vec<ArrowColumnWriter>, RecordBatch), TableError> {
        let columns = T::drain(&mut self.builders);
        self.waiting = 0;
        let batch = RecordBatch::try_new(self.schema.clone(), columns)
            .map_err(|why| refused::<T>(ParquetError::from(why)))?;
        let writers = self.groups.create_column_writers(self.begun);
        self.begun = self.begun.plus(1);
        Ok((writers.map_err(refused::<T>)?, batch))
    }

    /// Lets a full row group be encoded, once the one before it is.
    fn hand_over(&mut self) -> Result<(), TableError> {
        let (columns, batch) = self.row_group()?;
        self.take_encoded()?;
        let encoding = Builder::new()
            .name("row-group".to_owned())
            .spawn(move || encode(columns, &batch));
        self.encoding = Some(encoding.map_err(|why| refused::<T>(why.into()))?);
        Ok(())
    }

    /// Waits for the row group that is being encoded, and puts it into the file.
    fn take_encoded(&mut self) -> Result<(), TableError> {
        let Some(encoding) = self.encoding.take() else {
            return Ok(());
        };
        let lost = |_| ParquetError::General("the thread that encodes it stopped".to_owned());
        let encoded = encoding.join().map_err(lost).flatten();
        self.append(encoded.map_err(refused::<T>)?)
    }

    fn append(&mut self, encoded: Vec<ArrowColumnChunk>) -> Result<(), TableError> {
        let mut group = self.sink.next_row_group().map_err(refused::<T>)?;
        for column in encoded {
            column
                .append_to_row_group(&mut group)
                .map_err(refused::<T>)?;
        }
        group.close().map_err(refused::<T>)?;
        Ok(())
    }
}

/// Encodes a row group, column by column.
fn encode(
    mut columns: Vec<ArrowColumnWriter>,
    batch: &RecordBatch,
) -> Result<Vec<ArrowColumnChunk>, ParquetError> {
    let fields = batch.schema();
    let mut writers = columns.iter_mut();
    for (field, column) in fields.fields().iter().zip(batch.columns()) {
        for leaf in compute_leaves(field, column)? {
            let Some(writer) = writers.next() else {
                return Err(ParquetError::General(
                    "a column without a writer".to_owned(),
                ));
            };
            writer.write(&leaf)?;
        }
    }
    columns.into_iter().map(ArrowColumnWriter::close).collect()
}

/// A whole file in memory: for tables that are small, and for names made from content.
///
/// # Errors
/// As [`Writer::push`].
pub fn to_bytes<'a, T: Table>(
    rows: impl IntoIterator<Item = T::Row<'a>>,
) -> Result<(Vec<u8>, Written), TableError> {
    let mut writer = Writer::<T, Vec<u8>>::new(Vec::new())?;
    for row in rows {
        writer.push(&row)?;
    }
    let (written, bytes) = writer.finish_into()?;
    Ok((bytes, written))
}

fn refused<T: Table>(why: ParquetError) -> TableError {
    TableError::Write {
        table: T::INFO.name,
        why: why.to_string(),
    }
}

fn properties<T: Table>() -> WriterProperties {
    let level = ZstdLevel::try_new(ZSTD_LEVEL).unwrap_or_default();
    let table = KeyValue::new("table".to_owned(), T::INFO.name.to_owned());
    let mut properties = WriterProperties::builder()
        .set_created_by(CREATED_BY.to_owned())
        .set_key_value_metadata(Some(vec![table]))
        .set_compression(Compression::ZSTD(level))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_max_row_group_row_count(Some(ROW_GROUP));
    for column in T::INFO
        .columns
        .iter()
        .filter(|column| column.kind.is_looked_up())
    {
        let path = ColumnPath::from(column.name);
        properties = properties
            .set_column_dictionary_enabled(path.clone(), false)
            .set_column_bloom_filter_fpp(path.clone(), BLOOM_FALSE_POSITIVES)
            .set_column_bloom_filter_max_ndv(path, ROW_GROUP as u64);
    }
    for column in T::INFO.columns {
        // As packed differences, sorted keys are a few bits each and amounts no more bits than
        // they need. zstd finds nothing in the amounts then and 6 % in unsorted keys, and asks for
        // a fifth of a reconciliation's time; so these columns do without it.
        let numbers = match column.kind {
            ColumnKind::Key => vec![column.name],
            ColumnKind::Money => vec![column.name, column.cents],
            _ => continue,
        };
        for path in numbers.into_iter().map(ColumnPath::from) {
            properties = properties
                .set_column_dictionary_enabled(path.clone(), false)
                .set_column_encoding(path.clone(), Encoding::DELTA_BINARY_PACKED)
                .set_column_compression(path, Compression::UNCOMPRESSED);
        }
    }
    properties.build()
}
