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
//!   a `DECIMAL(18,2)`, which people query. A job fills in one
//!   [`SignedCents`](settlement::money::SignedCents); it cannot get the two to disagree.
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
//!     age_days: Some(1),
//!     currency: Some("USD".into()),
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
mod declare;
mod error;
mod keyed;
mod limits;
mod numbers;
mod read;
pub mod receivers;
pub mod rows;
mod schema;
mod sheet;
mod table;
mod write;

pub use column::{Column, Day, Flag, Id, Key, Maybe, Moment, Money, Number, Small, Text};
pub use error::TableError;
pub use keyed::{IN_MEMORY, KeyedError, reconcile_columns};
pub use limits::{MAX_TEXT, ROW_GROUP};
pub use numbers::{Numbers, read_numbers};
pub use read::{Batches, Rows, read, read_at, read_columns};
pub use receivers::{ReceiverName, ReceiverNames};
pub use rows::*;
pub use schema::{ColumnInfo, ColumnKind, MONEY_DIGITS, MONEY_SCALE, TableInfo};
pub use sheet::{Cell, SheetWriter, read_sheet};
pub use table::Table;
pub use write::{Writer, Written, to_bytes};

/// Every table, in the order in which a day writes them.
pub const TABLES: &[TableInfo] = &[
    PaymentEvents::INFO,
    AchEntries::INFO,
    ReceiverNames::INFO,
    AchReturns::INFO,
    BankLines::INFO,
    BankLineDetails::INFO,
    Allocations::INFO,
    BankBalances::INFO,
    Journal::INFO,
    Balances::INFO,
    Matches::INFO,
    Breaks::INFO,
    Savings::INFO,
    JobRuns::INFO,
    Parts::INFO,
];

/// The table called `name`.
pub fn table(name: &str) -> Option<&'static TableInfo> {
    TABLES.iter().find(|table| table.name == name)
}

#[cfg(test)]
mod tests;
