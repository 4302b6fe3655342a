//! How a table is declared: from one list to its row, its columns, and how both are read and
//! written.

use crate::tables::column::Column;
use crate::tables::schema::{ColumnInfo, ColumnKind};
use arrow_array::{Array, RecordBatch};

/// `ColumnInfo` of one line of a list.
pub(super) const fn info<K: Column>(
    name: &'static str,
    cents: &'static str,
    doc: &'static str,
) -> ColumnInfo {
    let cents = if matches!(K::KIND, ColumnKind::Money) {
        cents
    } else {
        ""
    };
    ColumnInfo {
        name,
        cents,
        kind: K::KIND,
        nullable: K::NULLABLE,
        doc: doc.trim_ascii(),
    }
}

/// The column a reader takes: of money the cents. One that is not there has nothing in it; the
/// schema has been looked at.
pub(super) fn cells<K: Column>(
    batch: &RecordBatch,
    name: &'static str,
    cents: &'static str,
) -> Result<K::Cells, &'static str> {
    let name = if K::KIND == ColumnKind::Money {
        cents
    } else {
        name
    };
    let absent = || {
        let (mut builder, mut columns) = (K::Builder::default(), Vec::new());
        (0..batch.num_rows()).for_each(|_| K::push_null(&mut builder));
        K::drain(&mut builder, &mut columns);
        columns.into_iter().next()
    };
    let array = batch.column_by_name(name).cloned();
    let array = array.or_else(|| K::NULLABLE.then(absent).flatten());
    let array = array.ok_or(name)?;
    array
        .as_any()
        .downcast_ref::<K::Cells>()
        .cloned()
        .ok_or(name)
}

macro_rules! table {
    (
        #[doc = $doc:literal]
        $name:ident by $partition:ident, $table:ident of $row:ident {
            $( #[doc = $meaning:literal] $column:ident: $kind:ty, )+
        }
    ) => {
        #[doc = $doc]
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $row<'a> {
            $( #[doc = $meaning] pub $column: <$kind as Column>::Value<'a>, )+
        }

        #[doc = concat!("The table `", stringify!($name), "`. A row:", $doc)]
        pub enum $table {}

        const _: () = {
            #[derive(Default)]
            pub struct Builders {
                $( $column: <$kind as Column>::Builder, )+
            }

            pub struct Cells {
                $( $column: <$kind as Column>::Cells, )+
            }

            impl Table for $table {
                type Row<'a> = $row<'a>;
                type Builders = Builders;
                type Cells = Cells;
                const INFO: TableInfo = TableInfo {
                    name: stringify!($name),
                    partition: stringify!($partition),
                    doc: $doc.trim_ascii(),
                    columns: &[$( info::<$kind>(
                        stringify!($column),
                        concat!(stringify!($column), "_cents"),
                        $meaning,
                    ), )+],
                };

                fn push(into: &mut Builders, row: &$row<'_>) -> Result<(), &'static str> {
                    $( if !<$kind as Column>::fits(&row.$column) {
                        return Err(stringify!($column));
                    } )+
                    $( <$kind as Column>::push(&mut into.$column, &row.$column); )+
                    Ok(())
                }

                fn drain(from: &mut Builders) -> Vec<ArrayRef> {
                    let mut columns = Vec::new();
                    $( <$kind as Column>::drain(&mut from.$column, &mut columns); )+
                    columns
                }

                fn cells(batch: &RecordBatch) -> Result<Cells, &'static str> {
                    Ok(Cells {
                        $( $column: cells::<$kind>(
                            batch,
                            stringify!($column),
                            concat!(stringify!($column), "_cents"),
                        )?, )+
                    })
                }

                fn row(cells: &Cells, at: usize) -> Result<$row<'static>, &'static str> {
                    Ok($row {
                        $( $column: <$kind as Column>::value(&cells.$column, at)
                            .ok_or(stringify!($column))?, )+
                    })
                }

                fn cents(row: &$row<'_>) -> SignedCents {
                    None
                        $( .or_else(|| <$kind as Column>::cents(&row.$column)) )+
                        .unwrap_or(SignedCents::ZERO)
                }
            }
        };
    };
}

pub(super) use table;
