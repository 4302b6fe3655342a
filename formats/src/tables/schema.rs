//! What a table looks like from outside: names, types, partition.

use crate::tables::error::TableError;
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use std::sync::Arc;

/// Digits of a decimal money column, two of them after the point.
pub const MONEY_DIGITS: u8 = 18;
/// Digits of it behind the point.
pub const MONEY_SCALE: i8 = 2;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// A civil date.
    Date,
    /// A moment in microseconds, UTC.
    Timestamp,
    /// A text with few different values, or one that nobody looks up.
    Text,
    /// A text that names something: bloom filter, no dictionary.
    Id,
    /// A number that names something: bloom filter, no dictionary.
    Key,
    /// A 64 bit number.
    Number,
    /// A 32 bit number.
    Small,
    /// Yes or no.
    Flag,
    /// Signed cents; two columns, `<name>_cents` and `<name>`.
    Money,
}

/// One column as the table's list gives it.
#[derive(Clone, Copy, Debug)]
pub struct ColumnInfo {
    /// The column's name; for money that of the decimal.
    pub name: &'static str,
    /// For money the name of the column of cents: `<name>_cents`.
    pub cents: &'static str,
    /// What it holds.
    pub kind: ColumnKind,
    /// Whether it may be empty.
    pub nullable: bool,
    /// What it means, in one line.
    pub doc: &'static str,
}

/// One table as its list gives it.
#[derive(Clone, Copy, Debug)]
pub struct TableInfo {
    /// The table's name: `ach_entries`.
    pub name: &'static str,
    /// The date column that is also the folder: `cut_date`.
    pub partition: &'static str,
    /// What a row is, in one line.
    pub doc: &'static str,
    /// The columns in order, the partition's included.
    pub columns: &'static [ColumnInfo],
}

impl ColumnKind {
    /// The Arrow type; for money that of the decimal.
    pub(super) fn arrow(self) -> DataType {
        match self {
            ColumnKind::Date => DataType::Date32,
            ColumnKind::Timestamp => {
                DataType::Timestamp(TimeUnit::Microsecond, Some(Arc::from("UTC")))
            }
            ColumnKind::Text | ColumnKind::Id => DataType::Utf8,
            ColumnKind::Key | ColumnKind::Number => DataType::Int64,
            ColumnKind::Small => DataType::Int32,
            ColumnKind::Flag => DataType::Boolean,
            ColumnKind::Money => DataType::Decimal128(MONEY_DIGITS, MONEY_SCALE),
        }
    }

    /// The SQL type that Athena gives it; for money that of the decimal.
    pub const fn sql(self) -> &'static str {
        match self {
            ColumnKind::Date => "date",
            ColumnKind::Timestamp => "timestamp",
            ColumnKind::Text | ColumnKind::Id => "string",
            ColumnKind::Key | ColumnKind::Number => "bigint",
            ColumnKind::Small => "int",
            ColumnKind::Flag => "boolean",
            ColumnKind::Money => "decimal(18,2)",
        }
    }

    /// Whether the column has a bloom filter.
    pub const fn is_looked_up(self) -> bool {
        matches!(self, ColumnKind::Id | ColumnKind::Key)
    }
}

impl TableInfo {
    /// Names and SQL types of the file's columns, money as two, in the file's order. The
    /// partition's column is among them; leave it out where it is declared as the partition.
    pub fn sql_columns(&self) -> Vec<(&'static str, &'static str)> {
        let mut all = Vec::new();
        for column in self.columns {
            if column.kind == ColumnKind::Money {
                all.push((column.cents, "bigint"));
            }
            all.push((column.name, column.kind.sql()));
        }
        all
    }

    /// The Arrow schema of the table's files.
    pub fn schema(&self) -> SchemaRef {
        let mut fields = Vec::new();
        for column in self.columns {
            if column.kind == ColumnKind::Money {
                fields.push(Field::new(column.cents, DataType::Int64, column.nullable));
            }
            fields.push(Field::new(
                column.name,
                column.kind.arrow(),
                column.nullable,
            ));
        }
        Arc::new(Schema::new(fields))
    }

    /// The columns a reader needs, and which of them may be empty: of money the cents only.
    pub(super) fn read_columns(&self) -> impl Iterator<Item = (&'static str, DataType, bool)> {
        self.columns.iter().map(|column| match column.kind {
            ColumnKind::Money => (column.cents, DataType::Int64, column.nullable),
            kind => (column.name, kind.arrow(), column.nullable),
        })
    }

    /// Whether a file with `schema` is one of this table's. A file of before a column that may be
    /// empty has it empty.
    pub(super) fn check(&self, file: &str, schema: &Schema) -> Result<(), TableError> {
        let foreign = |why| {
            Err(TableError::Foreign {
                file: file.to_owned(),
                table: self.name,
                why,
            })
        };
        for (name, kind, nullable) in self.read_columns() {
            match schema.field_with_name(name) {
                Err(_) if nullable => {}
                Err(_) => return foreign(format!("it has no column {name}")),
                Ok(field) if *field.data_type() != kind => {
                    return foreign(format!(
                        "column {name} is {}, not {kind}",
                        field.data_type()
                    ));
                }
                Ok(_) => {}
            }
        }
        Ok(())
    }
}
