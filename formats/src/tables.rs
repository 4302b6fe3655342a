//! The tables: what settlement leaves behind, as Parquet that the embedded engine and Athena
//! read alike.
//!
//! A table is written down once, in [`rows`], as a list of columns. From that list come the row
//! struct a job fills in, the Arrow schema, the [`Writer`], the [`read`]er and the entry in
//! [`TABLES`] from which DDL is made; nothing about a column is said twice.
//!
//! What holds for every file:
//!
//! - The same rows in the same order give the same bytes: no time of writing, no random ids.
//! - Money stands twice: `<name>_cents` as an `INT64`, which rules and joins use, and `<name>` as
//!   a `DECIMAL(18,2)`, which people query. A job fills in one [`SignedCents`]; it cannot get
//!   the two to disagree.
//! - Row groups hold at most [`ROW_GROUP`] rows, so neither side's memory grows with a day.
//! - Names that are looked up ([`ColumnKind::Id`], [`ColumnKind::Key`]) have bloom filters.
//! - The partition's column is in the file as well as in the path: a file that has lost its
//!   folder still says which day it is of.
//!
//! ```
//! use formats::tables::{self, Balance, Balances, Writer};
//! use jiff::civil::date;
//! use settlement::money::SignedCents;
//!
//! let mut file = Vec::new();
//! let mut writer = Writer::<Balances, _>::new(&mut file)?;
//! writer.push(&Balance {
//!     ledger_date: date(2026, 11, 25),
//!     account: "1110".into(),
//!     key: "261125A0000001".into(),
//!     balance: SignedCents::new(12_345),
//!     since: date(2026, 11, 24),
//! })?;
//! assert_eq!(writer.finish()?.cents, SignedCents::new(12_345));
//!
//! let file = bytes::Bytes::from(file);
//! for row in tables::read::<Balances>(file, "balances.parquet")? {
//!     assert_eq!(row?.account, "1110");
//! }
//! # Ok::<(), tables::TableError>(())
//! ```

mod column;
mod error;
mod numbers;
mod read;
pub mod rows;
mod schema;
mod write;

pub use column::{Column, Day, Flag, Id, Key, Maybe, Moment, Money, Number, Small, Text};
pub use error::TableError;
pub use numbers::{Numbers, read_numbers};
pub use read::{Batches, Rows, read, read_columns};
pub use rows::*;
pub use schema::{ColumnInfo, ColumnKind, TableInfo};
pub use write::{Writer, Written, to_bytes};

use arrow_array::{ArrayRef, RecordBatch};
use settlement::money::SignedCents;

/// Rows in a row group, at most: large enough to compress and scan well, small enough that one
/// group of the widest table stays near 20 MB while it is built.
pub const ROW_GROUP: usize = 65_536;

/// The longest text a column takes, in bytes: no field of any format comes near, and a row group
/// of such texts still fits the 2 GiB that Arrow's text columns can address.
pub const MAX_TEXT: usize = 32_000;

/// One table: its row, its columns, and how rows become columns and columns rows.
///
/// Implemented by the `table!` list in [`rows`] only; use it through [`Writer`] and [`read`].
pub trait Table: Sized + 'static {
    /// A row; its texts may be borrowed while writing and are owned after reading.
    type Row<'a>;
    /// Name, partition and columns.
    const INFO: TableInfo;

    /// The columns while they are being filled.
    #[doc(hidden)]
    type Builders: Default + Send;
    /// The columns of one batch that is being read.
    #[doc(hidden)]
    type Cells;
    /// Adds a row; `Err` names the column whose text is too long.
    #[doc(hidden)]
    fn push(builders: &mut Self::Builders, row: &Self::Row<'_>) -> Result<(), &'static str>;
    /// The filled columns in schema order; the builders are empty afterwards.
    #[doc(hidden)]
    fn take(builders: &mut Self::Builders) -> Vec<ArrayRef>;
    /// The batch's columns; `Err` names the one that is missing or of another type.
    #[doc(hidden)]
    fn cells(batch: &RecordBatch) -> Result<Self::Cells, &'static str>;
    /// One row; `Err` names the column whose value is empty or out of range.
    #[doc(hidden)]
    fn row(cells: &Self::Cells, at: usize) -> Result<Self::Row<'static>, &'static str>;
    /// The row's first money column.
    #[doc(hidden)]
    fn cents(row: &Self::Row<'_>) -> SignedCents;
}

/// Every table, in the order in which a day writes them.
pub const TABLES: &[TableInfo] = &[
    PaymentEvents::INFO,
    AchEntries::INFO,
    AchReturns::INFO,
    BankLines::INFO,
    Journal::INFO,
    Balances::INFO,
    Matches::INFO,
    Breaks::INFO,
    Savings::INFO,
    JobRuns::INFO,
];

/// The table called `name`.
pub fn table(name: &str) -> Option<&'static TableInfo> {
    TABLES.iter().find(|table| table.name == name)
}

#[cfg(test)]
mod tests;
