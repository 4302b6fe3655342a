//! Questions over the tables.

use async_trait::async_trait;
use connectors::Result;

/// An answer: every value as text, a missing value as no text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The columns' names.
    pub columns: Vec<String>,
    /// One value per column in each row.
    pub rows: Vec<Vec<String>>,
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
