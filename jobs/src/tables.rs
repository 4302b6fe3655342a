//! The tables as a whole: what there is of each, how another engine is told of them, and the
//! table `parts` where a record's is missing.

use crate::catalog::{self, Listed};
use desk::Desk;
use desk::failure::{Failure, Result, too_large};
use formats::tables::{AchEntries, Parts, TABLES, Table, TableInfo};
use jiff::civil::Date;
use serde::Serialize;
use settlement::exact::Exact;
use settlement::money::SignedCents;
use std::fmt;

/// What there is of each table at the close of a day.
#[derive(Debug, Serialize)]
pub struct Contents {
    /// The close; nothing before the first one.
    pub as_of: Option<Date>,
    /// Every table.
    pub tables: Vec<Content>,
}

/// What there is of one table.
#[derive(Debug, Serialize)]
pub struct Content {
    /// Its name.
    pub table: &'static str,
    /// The column of days that it is parted by.
    pub partition: &'static str,
    /// Its parts that records name.
    pub parts: u64,
    /// Their rows.
    pub rows: u64,
    /// The sum of its first money column.
    pub cents: SignedCents,
    /// The first day of it.
    pub first: Option<Date>,
    /// The last one.
    pub last: Option<Date>,
}

/// What there is of each table at the newest close not after `as_of`.
///
/// # Errors
/// Where a record cannot be read.
pub async fn contents(desk: &Desk, as_of: Option<Date>) -> Result<Contents> {
    let as_of = catalog::closed(desk, as_of).await?;
    let known = match as_of {
        Some(day) => catalog::known(desk, Some(day)).await?,
        None => Vec::new(),
    };
    let tables = TABLES.iter().map(|table| match table.name {
        name if name == Parts::INFO.name => of_parts(table, &known),
        _ => of(table, &known),
    });
    Ok(Contents {
        as_of,
        tables: tables.collect::<Result<_>>()?,
    })
}

fn of(table: &'static TableInfo, known: &[Listed]) -> Result<Content> {
    let mut content = Content::empty(table);
    let parts = known.iter().flat_map(|listed| &listed.parts);
    for part in parts.filter(|part| part.table == table.name) {
        content.add(part.rows, part.cents, desk::names::date_within(&part.name))?;
    }
    Ok(content)
}

fn of_parts(table: &'static TableInfo, known: &[Listed]) -> Result<Content> {
    let mut content = Content::empty(table);
    for listed in known.iter().filter(|listed| !listed.parts.is_empty()) {
        let cents = SignedCents::sum(listed.parts.iter().map(|part| part.cents));
        let cents = cents.ok_or_else(|| too_large(table.name))?;
        content.add(listed.parts.len() as u64, cents, Some(listed.date))?;
    }
    Ok(content)
}

impl Content {
    fn empty(table: &'static TableInfo) -> Content {
        Content {
            table: table.name,
            partition: table.partition,
            parts: 0,
            rows: 0,
            cents: SignedCents::ZERO,
            first: None,
            last: None,
        }
    }

    fn add(&mut self, rows: u64, cents: SignedCents, day: Option<Date>) -> Result<()> {
        let sum = self.cents.checked_add(cents);
        self.cents = sum.ok_or_else(|| too_large(self.table))?;
        self.parts = self.parts.plus(1);
        self.rows = self.rows.plus(rows);
        self.first = self.first.into_iter().chain(day).min();
        self.last = self.last.into_iter().chain(day).max();
        Ok(())
    }
}

/// Writes the table `parts` for every record that has none yet, and answers with how many records
/// have one now.
///
/// # Errors
/// Where a record cannot be read, or something else stands in the table's place.
pub async fn list_all(desk: &Desk) -> Result<u64> {
    let mut count = 0u64;
    for listed in catalog::known(desk, None).await? {
        if !listed.parts.is_empty() {
            listed.write(&*desk.ports.objects).await?;
            count = count.plus(1);
        }
    }
    Ok(count)
}

/// An engine that is told of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Amazon Athena, and Trino with a Hive catalog.
    Athena,
    /// DuckDB.
    DuckDb,
}

impl Engine {
    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Engine::Athena => "athena",
            Engine::DuckDb => "duckdb",
        }
    }
}

/// The statements that tell an engine of the tables below `location`, of which there is this.
///
/// A table gets its own name as a view that reads only the parts that `parts` names; what lies
/// beside them is below the name `raw_<table>`, for nobody to ask by mistake.
///
/// # Errors
/// Where the location is none that can stand in a statement, or there is no table yet.
pub fn ddl(engine: Engine, location: &str, contents: &Contents) -> Result<Vec<String>> {
    let days = contents.tables.iter().filter_map(|table| table.first);
    let first = days.min().or(contents.as_of).ok_or_else(|| {
        Failure::usage("no day is closed yet").remedy("run tieout day for one first")
    })?;
    let has = |name: &str| {
        let mut tables = contents.tables.iter();
        tables.any(|table| table.table == name && table.parts > 0)
    };
    let location = location.trim_end_matches('/');
    let odd = |c: char| c.is_control() || matches!(c, '\'' | '"' | '\\' | '$' | '{' | '}' | '`');
    if location.is_empty() || location.contains(odd) {
        return Err(
            Failure::usage("--location: no place that can be written in SQL")
                .remedy("write it as s3://bucket/prefix, or the path of the folder objects"),
        );
    }
    let mut all = Vec::new();
    let (parts, others): (Vec<&TableInfo>, Vec<&TableInfo>) = TABLES
        .iter()
        .partition(|table| table.name == Parts::INFO.name);
    for table in parts.into_iter().chain(others) {
        let is_parts = table.name == Parts::INFO.name;
        match engine {
            Engine::Athena => athena(&mut all, table, location, first, is_parts),
            Engine::DuckDb => all.push(duckdb(table, location, is_parts, !has(table.name))),
        }
    }
    let view = entries_with_names();
    all.push(format!(
        "CREATE OR REPLACE VIEW {ENTRIES_WITH_NAMES} AS\n{view}"
    ));
    Ok(all)
}

/// What we sent, with who received it where that is kept: in `names`, or in the entry itself, where
/// a version before wrote it. Forgotten names are empty.
pub fn entries_with_names() -> String {
    let columns = AchEntries::INFO.sql_columns().into_iter();
    let columns = columns.map(|(column, _)| match column {
        "individual_name" | "remittance" => {
            format!("COALESCE(n.\"{column}\", e.\"{column}\") AS \"{column}\"")
        }
        column => format!("e.\"{column}\""),
    });
    let columns: Vec<String> = columns.collect();
    format!(
        "SELECT {}\nFROM ach_entries e\n\
         LEFT JOIN names n ON n.\"cut_date\" = e.\"cut_date\" AND n.\"trace\" = e.\"trace\" AND \
         n.\"payment_key\" = e.\"payment_key\"",
        columns.join(", ")
    )
}

/// The view of `ach_entries` in which names stand.
pub const ENTRIES_WITH_NAMES: &str = "v_ach_entries";

fn athena(all: &mut Vec<String>, table: &TableInfo, location: &str, first: Date, is_parts: bool) {
    let (name, partition) = (table.name, table.partition);
    let raw = if is_parts {
        name.to_owned()
    } else {
        format!("raw_{name}")
    };
    let columns = table.sql_columns();
    let in_file = columns.iter().filter(|(column, _)| *column != partition);
    let declared: Vec<String> = in_file
        .map(|(column, kind)| format!("  `{column}` {kind}"))
        .collect();
    all.push(format!(
        "CREATE EXTERNAL TABLE IF NOT EXISTS {raw} (\n{}\n)\nPARTITIONED BY (`{partition}` date)\n\
         STORED AS PARQUET\nLOCATION '{location}/{name}/'\nTBLPROPERTIES (\n  \
         'projection.enabled' = 'true',\n  'projection.{partition}.type' = 'date',\n  \
         'projection.{partition}.format' = 'yyyy-MM-dd',\n  \
         'projection.{partition}.range' = '{first},NOW',\n  \
         'storage.location.template' = '{location}/{name}/{partition}=${{{partition}}}'\n)",
        declared.join(",\n")
    ));
    if !is_parts {
        let columns = columns.iter().map(|(column, _)| format!("t.\"{column}\""));
        let columns: Vec<String> = columns.collect();
        all.push(format!(
            "CREATE OR REPLACE VIEW {name} AS\nSELECT {}\nFROM {raw} t\nJOIN parts p ON \
             p.table_name = '{name}' AND t.\"$path\" = '{location}/' || p.path\n  AND \
             p.partition_date = t.\"{partition}\"",
            columns.join(", ")
        ));
    }
}

fn duckdb(table: &TableInfo, location: &str, is_parts: bool, is_empty: bool) -> String {
    let name = table.name;
    // A file of before a column was added has it empty, and so has a table without files.
    let columns = table.sql_columns().into_iter().map(|(column, kind)| {
        let kind = match kind {
            "string" => "VARCHAR",
            "timestamp" => "TIMESTAMPTZ",
            kind => kind,
        };
        format!("CAST(NULL AS {kind}) AS \"{column}\"")
    });
    let columns: Vec<String> = columns.collect();
    let typed = format!("SELECT {} WHERE false", columns.join(", "));
    let begin = format!("CREATE OR REPLACE VIEW {name} AS\n{typed}");
    if is_empty {
        return begin;
    }
    let files = format!(
        "read_parquet('{location}/{name}/*/*.parquet', union_by_name = true, \
         hive_partitioning = false, filename = true)"
    );
    let named = match is_parts {
        true => String::new(),
        false => format!(
            "\nWHERE filename IN (SELECT '{location}/' || path FROM parts WHERE table_name = \
             '{name}')"
        ),
    };
    format!("{begin}\nUNION ALL BY NAME\nSELECT * EXCLUDE (filename)\nFROM {files}{named}")
}

impl fmt::Display for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = comfy_table::Table::new();
        table.load_style(comfy_table::presets::NOTHING);
        table.set_header(["table", "by", "parts", "rows", "dollars", "first", "last"]);
        let day = |day: Option<Date>| day.map_or(String::new(), |day| day.to_string());
        for one in &self.tables {
            table.add_row([
                one.table.to_owned(),
                one.partition.to_owned(),
                one.parts.to_string(),
                one.rows.to_string(),
                one.cents.to_string(),
                day(one.first),
                day(one.last),
            ]);
        }
        for column in 2..5 {
            if let Some(column) = table.column_mut(column) {
                column.set_cell_alignment(comfy_table::CellAlignment::Right);
            }
        }
        match self.as_of {
            Some(day) => writeln!(f, "as known at the close of {day}")?,
            None => writeln!(f, "no day is closed yet")?,
        }
        write!(f, "{table}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn contents(parts: u64) -> Contents {
        let tables = TABLES.iter().map(|table| Content {
            parts,
            first: Some(date(2026, 11, 24)),
            ..Content::empty(table)
        });
        Contents {
            as_of: Some(date(2026, 11, 25)),
            tables: tables.collect(),
        }
    }

    #[test]
    fn every_table_is_told_and_only_named_parts_are_read() {
        let engines = [
            (Engine::Athena, "s3://b/p/"),
            (Engine::DuckDb, "/x/objects"),
        ];
        for (engine, location) in engines {
            let all = ddl(engine, location, &contents(1)).unwrap().join(";\n");
            for table in TABLES {
                let name = table.name;
                assert!(all.contains(&format!(" {name} ")), "{name}: {all}");
                let named = format!("table_name = '{name}'");
                assert_eq!(all.contains(&named), name != "parts", "{name}");
            }
            assert!(!all.contains("//p/") && !all.contains("p//"), "{all}");
        }
        let none = ddl(Engine::DuckDb, "/x", &contents(0)).unwrap();
        assert!(none.iter().all(|one| !one.contains("read_parquet")));
        for odd in ["", "/", "s3://a'b", "x\ny", "${x}"] {
            assert!(ddl(Engine::DuckDb, odd, &contents(1)).is_err(), "{odd:?}");
        }
        let nothing = Contents {
            as_of: None,
            tables: Vec::new(),
        };
        assert!(ddl(Engine::Athena, "s3://b", &nothing).is_err());
    }
}
