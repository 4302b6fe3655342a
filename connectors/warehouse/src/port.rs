//! Questions over the tables.

use async_trait::async_trait;
use connectors::{Name, Result};

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The columns' names.
    pub columns: Vec<String>,
    /// One value per column in each row.
    pub rows: Vec<Vec<Value>>,
}

/// A value of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// None is known.
    Missing,
    /// A whole number: a count, cents, a key.
    Number(i64),
    /// Everything else, as text; a date as YYYY-MM-DD.
    Text(String),
}

/// A table as it is known: its columns, also where it has no file, and its files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownTable {
    /// Its name in questions.
    pub name: String,
    /// Names and kinds of its columns. A file of before a column was added has it empty.
    pub columns: Vec<(&'static str, Kind)>,
    /// Its files.
    pub files: Vec<Name>,
}

/// A question over tables under a name of its own, to be asked like a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// Its name in questions.
    pub name: String,
    /// One SELECT over the known tables.
    pub sql: String,
}

/// What a column of a table holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A civil date.
    Date,
    /// A moment in microseconds, UTC.
    Moment,
    /// Text.
    Text,
    /// A number of 64 bits.
    Number,
    /// A number of 32 bits.
    Small,
    /// Yes or no.
    Flag,
    /// A decimal number of this many digits, and of these behind the point.
    Decimal(usize, usize),
}

/// SQL over the Parquet tables of the object store.
#[async_trait]
pub trait Warehouse: Send + Sync {
    /// Runs one SELECT. The tables are as they are at the moment of the call.
    ///
    /// # Errors
    /// [`connectors::Error::Invalid`] where the SQL is wrong or names a table that does not exist.
    async fn query(&self, sql: &str) -> Result<Table>;

    /// The names of the tables that have at least one file, sorted.
    async fn tables(&self) -> Result<Vec<String>>;
}
