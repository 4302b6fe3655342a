//! What every table is: a row, its columns, and the way from one to the other.

use crate::tables::schema::TableInfo;
use arrow_array::{ArrayRef, RecordBatch};
use settlement::money::SignedCents;

/// One table: its row, its columns, and how rows become columns and columns rows.
///
/// Implemented by the `table!` list in [`rows`](crate::tables::rows) only; use it through
/// [`Writer`](crate::tables::Writer) and [`read`](crate::tables::read()).
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
    fn drain(builders: &mut Self::Builders) -> Vec<ArrayRef>;
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
