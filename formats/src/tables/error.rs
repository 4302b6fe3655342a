//! What can be wrong with a table's file. Every message says what, where, and what to do.

use crate::tables::limits::MAX_TEXT;

/// Why a table could not be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The bytes are no whole Parquet file.
    #[error(
        "{file}: cannot be read as Parquet: {why}; the file is torn or of another kind: compare \
         its SHA-256 with the day's manifest and fetch it again"
    )]
    Torn {
        /// The file, as the caller named it.
        file: String,
        /// What the Parquet reader says.
        why: String,
    },
    /// The file is Parquet, but not this table.
    #[error("{file}: is no {table} table: {why}; check that the file lies in its own folder")]
    Foreign {
        /// The file, as the caller named it.
        file: String,
        /// The table that was expected.
        table: &'static str,
        /// Which column is missing or of another type.
        why: String,
    },
    /// A value that the column does not allow.
    #[error(
        "{file}: row {row}, column {column}: the value is empty or out of range; the file was \
         not written by this program: restore it from the archive"
    )]
    Value {
        /// The file, as the caller named it.
        file: String,
        /// The row, counted from 1.
        row: u64,
        /// The column.
        column: &'static str,
    },
    /// A text longer than a column takes, or an amount of more than eighteen digits.
    #[error(
        "table {table}, row {row}, column {column}: too long for the column (a text of more \
         than {max} bytes, or an amount of more than 18 digits); correct it before it is stored",
        max = MAX_TEXT
    )]
    TooLong {
        /// The table.
        table: &'static str,
        /// The row, counted from 1.
        row: u64,
        /// The column.
        column: &'static str,
    },
    /// The sum of the money column does not fit.
    #[error(
        "table {table}, row {row}: the sum of the amounts does not fit 64 bits; split the file"
    )]
    SumTooLarge {
        /// The table.
        table: &'static str,
        /// The row, counted from 1.
        row: u64,
    },
    /// The sink refused the bytes.
    #[error(
        "table {table}: cannot be written: {why}; nothing may use the unfinished file: free \
         space or repair the store, then run the job again"
    )]
    Write {
        /// The table.
        table: &'static str,
        /// What the sink says.
        why: String,
    },
}
