//! SQL over the tables in the object store's folder. All code that knows the SQL engine is here.
//!
//! Either the tables are known, each with its columns and its files, and nothing else is looked at
//! ([`FolderWarehouse::of`]); or a table is a folder of the object store with
//! `<table>/<partition>/<file>.parquet` in it, and each query lists the files anew, as an engine
//! does that knows of no records. Files are scanned lazily: only the columns and row groups that a
//! question needs are read. The partition is a column of the files too, so folders are not parsed.

use crate::bounds;
use crate::port::{Kind, KnownTable, Table, Value, View, Warehouse};
use async_trait::async_trait;
use connectors::{Addresses, Error, Result};
use polars::prelude::{
    AnyValue, Column, DataFrame, DataType, Field, IntoLazy, LazyFrame, PlRefPath, PolarsError,
    PolarsResult, ScanArgsParquet, Schema, SchemaRef, TimeUnit, TimeZone,
};
use polars::sql::SQLContext;
use polars_error::set_warning_function;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// Rows of an answer; it is held in memory.
const ANSWER_ROWS: usize = 1_000_000;

/// A Parquet file starts and ends with these.
const MAGIC: &[u8; 4] = b"PAR1";

type Files = BTreeMap<String, Found>;

/// The files of a table, and its columns where they are known.
#[derive(Clone, Debug, Default)]
struct Found {
    files: Vec<PathBuf>,
    columns: Option<SchemaRef>,
}

/// A [`Warehouse`] over the Parquet files below a folder.
#[derive(Clone, Debug)]
pub struct FolderWarehouse {
    root: PathBuf,
    known: Option<Files>,
    views: Vec<View>,
}

impl FolderWarehouse {
    /// The tables of an installation whose objects are in a folder.
    ///
    /// # Errors
    /// [`Error::Invalid`] where they are not.
    pub fn open(at: &Addresses) -> Result<FolderWarehouse> {
        let objects = at.folder("objects", at.objects.as_ref(), "objects")?;
        Ok(FolderWarehouse::new(&objects))
    }

    /// The tables below `root`, the folder of the object store.
    pub fn new(root: &Path) -> FolderWarehouse {
        FolderWarehouse {
            root: root.to_path_buf(),
            known: None,
            views: Vec::new(),
        }
    }

    /// These tables of an installation whose objects are in a folder, views over them, and no
    /// others.
    ///
    /// # Errors
    /// [`Error::Invalid`] where they are not.
    pub fn of(at: &Addresses, tables: &[KnownTable], views: Vec<View>) -> Result<FolderWarehouse> {
        let root = at.folder("objects", at.objects.as_ref(), "objects")?;
        let known = tables.iter().map(|table| {
            let files = table.files.iter().map(|name| root.join(name.as_str()));
            let found = Found {
                files: files.collect(),
                columns: Some(schema(table)),
            };
            (table.name.clone(), found)
        });
        Ok(FolderWarehouse {
            known: Some(known.collect()),
            root,
            views,
        })
    }

    /// The files of each table, in order of name.
    fn files(&self) -> Result<Files> {
        if let Some(known) = &self.known {
            return Ok(known.clone());
        }
        let mut tables = Files::new();
        for table in folders(&self.root)? {
            let mut files = Vec::new();
            for partition in folders(&table)? {
                files.extend(entries(&partition)?.into_iter().filter(|path| {
                    path.extension()
                        .is_some_and(|extension| extension == "parquet")
                }));
            }
            if let (Some(name), false) = (name(&table), files.is_empty()) {
                let columns = None;
                tables.insert(name.to_owned(), Found { files, columns });
            }
        }
        Ok(tables)
    }

    fn query_now(&self, sql: &str) -> Result<Table> {
        let files = self.files()?;
        run(sql, &files, &self.views).map_err(|error| explain(error, &files))
    }
}

fn name(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()
}

/// What is in a folder and not hidden, sorted; a missing folder is empty.
fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let failed = |e| Error::io(folder, e);
    let entries = match fs::read_dir(folder) {
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed)?,
    };
    let paths: std::io::Result<Vec<PathBuf>> = entries.map(|e| e.map(|e| e.path())).collect();
    let mut paths = paths.map_err(failed)?;
    paths.retain(|path| name(path).is_some_and(|name| !name.starts_with('.')));
    paths.sort_unstable();
    Ok(paths)
}

fn folders(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut folders = entries(folder)?;
    folders.retain(|path| path.is_dir());
    Ok(folders)
}

fn run(sql: &str, files: &Files, views: &[View]) -> PolarsResult<Table> {
    // What its next version will do otherwise is nothing for those who ask us.
    set_warning_function(|_, _| {});
    let mut context = SQLContext::new();
    for (table, found) in files {
        context.register(table, frame(found)?);
    }
    for View { name, sql } in views {
        let rows = context.execute(sql)?;
        context.register(name, rows);
    }
    const LIMIT: u32 = ANSWER_ROWS as u32 + 1;
    let answer = context.execute(sql)?.limit(LIMIT).collect()?;
    if answer.height() > ANSWER_ROWS {
        let why = format!("the answer has more than {ANSWER_ROWS} rows; add a LIMIT");
        return Err(PolarsError::SQLInterface(why.into()));
    }
    let columns = answer.columns();
    let row = |at| columns.iter().map(|column| value(column, at)).collect();
    let rows: PolarsResult<Vec<Vec<Value>>> = (0..answer.height()).map(row).collect();
    Ok(Table {
        columns: columns.iter().map(|c| c.name().to_string()).collect(),
        rows: rows?,
    })
}

/// The rows of a table, of which none is read yet.
fn frame(found: &Found) -> PolarsResult<LazyFrame> {
    let Some(columns) = found.columns.as_ref().filter(|_| found.files.is_empty()) else {
        let paths: PolarsResult<Vec<PlRefPath>> = found
            .files
            .iter()
            .map(|path| PlRefPath::try_from_path(path))
            .collect();
        let mut arguments = ScanArgsParquet {
            glob: false,
            schema: found.columns.clone(),
            allow_missing_columns: found.columns.is_some(),
            ..ScanArgsParquet::default()
        };
        arguments.hive_options.enabled = Some(false);
        return LazyFrame::scan_parquet_files(paths?.into(), arguments);
    };
    Ok(DataFrame::empty_with_schema(columns).lazy())
}

fn schema(table: &KnownTable) -> SchemaRef {
    let columns = table.columns.iter().map(|(name, kind)| {
        let kind = match kind {
            Kind::Date => DataType::Date,
            Kind::Moment => DataType::Datetime(TimeUnit::Microseconds, Some(TimeZone::UTC)),
            Kind::Text => DataType::String,
            Kind::Number => DataType::Int64,
            Kind::Small => DataType::Int32,
            Kind::Flag => DataType::Boolean,
            Kind::Decimal(digits, scale) => DataType::Decimal(*digits, *scale),
        };
        Field::new((*name).into(), kind)
    });
    Schema::from_iter(columns).into()
}

fn value(column: &Column, row: usize) -> PolarsResult<Value> {
    Ok(match column.get(row)? {
        AnyValue::Null => Value::Missing,
        AnyValue::String(text) => Value::Text(text.to_owned()),
        AnyValue::StringOwned(text) => Value::Text(text.to_string()),
        AnyValue::Int64(number) => Value::Number(number),
        AnyValue::Int32(number) => Value::Number(i64::from(number)),
        AnyValue::UInt32(number) => Value::Number(i64::from(number)),
        value => match value.to_string().parse() {
            Ok(number) => Value::Number(number),
            Err(_) => Value::Text(value.to_string()),
        },
    })
}

/// Torn files are named; everything else is what the engine says of the question.
fn explain(error: PolarsError, files: &Files) -> Error {
    for path in files.values().flat_map(|found| &found.files) {
        if !is_whole(path).unwrap_or(true) {
            return Error::corrupt(path.display().to_string(), "not a whole Parquet file");
        }
    }
    match error {
        PolarsError::IO { error, .. } => {
            Error::of_kind("tables".to_owned(), error.kind(), error.to_string().into())
        }
        PolarsError::SQLInterface(why) if why.starts_with(OUR_WORDS) => {
            Error::invalid("query", why.to_string())
        }
        error => {
            tracing::debug!(%error, "the engine refused a question");
            let known: Vec<&str> = files.keys().map(String::as_str).collect();
            let known = match known.is_empty() {
                true => "none yet".to_owned(),
                false => known.join(", "),
            };
            Error::invalid("query", format!("{}; tables: {known}", said(&error)))
        }
    }
}

/// How what we say of an answer begins.
const OUR_WORDS: &str = "the answer has more than";

/// What the engine found, in our words: its own speak of its inside.
fn said(error: &PolarsError) -> String {
    let text = error.to_string();
    let has = |what: &str| text.contains(what);
    match error {
        PolarsError::ColumnNotFound(_) => {
            let named = text.split('"').nth(1).unwrap_or_default();
            format!(
                "there is no column {named:?} where it is asked for; write table.column, and in \
                 ORDER BY the name that AS gives"
            )
        }
        PolarsError::Duplicate(_) => {
            "two columns have one name; give one of them another with AS".to_owned()
        }
        _ if has("conversion from") => "a value cannot be cast: a text that is no number, or a \
                                        number that its type has no room for; leave such rows \
                                        out with WHERE"
            .to_owned(),
        _ if has("UInt128") => {
            "COUNT(*) counts the rows of a UNION; count a column that is never empty".to_owned()
        }
        _ if has("cannot compare") => {
            "things of two kinds are compared; write text in quotes, and numbers without".to_owned()
        }
        PolarsError::SQLSyntax(_) | PolarsError::SQLInterface(_) => {
            "it has something that is not taken here; docs/finance.md says what is".to_owned()
        }
        _ => {
            "it is not understood; write it simpler: docs/finance.md says what is taken".to_owned()
        }
    }
}

fn is_whole(path: &Path) -> std::io::Result<bool> {
    let mut file = File::open(path)?;
    let (mut start, mut end) = ([0; 4], [0; 4]);
    if file.metadata()?.len() < 12 {
        return Ok(false);
    }
    file.read_exact(&mut start)?;
    file.seek(SeekFrom::End(-4))?;
    file.read_exact(&mut end)?;
    Ok(start == *MAGIC && end == *MAGIC)
}

/// Runs the engine on a thread of its own, within bounds. A thread and no task: it cannot be
/// stopped, and a process that ends waits for its tasks.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let (send, done) = tokio::sync::oneshot::channel();
    let started = std::thread::Builder::new().spawn(move || {
        let _ = send.send(work()); // whoever asked has given up
    });
    started.map_err(|e| Error::unavailable("query", e))?;
    tokio::select! {
        done = done => done.map_err(|e| Error::unavailable("query", e))?,
        why = bounds::left() => Err(Error::unavailable("query", why)),
    }
}

#[async_trait]
impl Warehouse for FolderWarehouse {
    async fn query(&self, sql: &str) -> Result<Table> {
        let (this, sql) = (self.clone(), sql.to_owned());
        blocking(move || this.query_now(&sql)).await
    }

    async fn tables(&self) -> Result<Vec<String>> {
        let this = self.clone();
        blocking(move || Ok(this.files()?.into_keys().collect())).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars::prelude::{DataFrame, NamedFrom, ParquetWriter, Series};

    fn write(root: &Path, partition: &str, cents: &[i64]) {
        let folder = root
            .join("journal")
            .join(format!("ledger_date={partition}"));
        fs::create_dir_all(&folder).unwrap();
        let dates = vec![partition; cents.len()];
        let columns = vec![
            Series::new("ledger_date".into(), dates).into(),
            Series::new("amount_cents".into(), cents).into(),
        ];
        let mut frame = DataFrame::new(cents.len(), columns).unwrap();
        let file = File::create(folder.join("lines-0.parquet")).unwrap();
        ParquetWriter::new(file).finish(&mut frame).unwrap();
    }

    #[tokio::test]
    async fn partitions_are_one_table() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), "2026-11-24", &[1, 2]);
        write(dir.path(), "2026-11-25", &[40]);
        fs::create_dir_all(dir.path().join("outbound/2026-11-25")).unwrap();
        let warehouse = FolderWarehouse::new(dir.path());
        assert_eq!(warehouse.tables().await.unwrap(), ["journal"]);
        let sql = "SELECT ledger_date, SUM(amount_cents) AS cents FROM journal \
                   GROUP BY ledger_date ORDER BY ledger_date";
        let table = warehouse.query(sql).await.unwrap();
        assert_eq!(table.columns, ["ledger_date", "cents"]);
        let row = |day: &str, cents| vec![Value::Text(day.to_owned()), Value::Number(cents)];
        assert_eq!(table.rows, [row("2026-11-24", 3), row("2026-11-25", 40)]);
    }

    #[tokio::test]
    async fn wrong_questions_and_torn_files_are_named() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), "2026-11-24", &[1]);
        let warehouse = FolderWarehouse::new(dir.path());
        for sql in [
            "SELECT * FROM nothing",
            "SELEC",
            "SELECT nothing FROM journal",
            "",
        ] {
            let error = warehouse.query(sql).await.unwrap_err();
            assert!(matches!(error, Error::Invalid { .. }), "{sql}: {error}");
            assert!(error.to_string().contains("journal"), "{sql}: {error}");
        }
        let torn = dir
            .path()
            .join("journal/ledger_date=2026-11-24/lines-1.parquet");
        fs::write(&torn, b"PAR1 and no more").unwrap();
        let error = warehouse.query("SELECT * FROM journal").await.unwrap_err();
        assert!(matches!(error, Error::Corrupt { .. }), "{error}");
        assert!(error.to_string().contains("lines-1.parquet"), "{error}");
    }
}
