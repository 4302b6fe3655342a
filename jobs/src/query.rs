//! Questions over the tables: a named one of `data/sql`, or SQL, as known at the close of a day.
//!
//! Only what records up to that day name is read (`crate::catalog`), each part held against the
//! hash that its record has: a stray part counts nowhere, a changed one is refused, and a question
//! about a past close gets the answer that it had. The subset of SQL that is taken (`lint`) means
//! the same to the embedded engine and to Athena.

mod asked;
#[cfg(test)]
mod known_answers;
mod lint;
mod named;
mod parameters;

pub use asked::Asked;
pub use lint::{About, lint};
pub use named::{NAMED, Named, named};

use crate::catalog::{self, Listed};
use crate::receivers::{self, Register};
use crate::records;
use crate::records::frozen::FrozenCut;
use crate::records::part::Part;
use crate::tables::{ENTRIES_WITH_NAMES, entries_with_names};
use connectors::{Addresses, Name};
use connectors_warehouse::{FolderWarehouse, Kind, KnownTable, Value, View, Warehouse};
use desk::Desk;
use desk::failure::{Failure, Result};
use desk::records::RESTORE;
use formats::tables::{self, ColumnInfo, ColumnKind, Parts, ReceiverNames, Table, TableInfo};
use jiff::civil::Date;
use settlement::archive::{Hash256, sha256};
use std::collections::BTreeMap;

/// A question that is ready to be put.
#[derive(Clone, Debug)]
pub struct Question {
    /// Its name, where it has one.
    pub named: Option<&'static Named>,
    /// The close as of which it is put.
    pub as_of: Date,
    /// Its parameters.
    pub parameters: BTreeMap<String, String>,
    /// The SQL, with its parameters in it.
    pub sql: String,
    /// What it is about.
    pub about: About,
}

/// What it is answered with.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The columns' names.
    pub columns: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<Value>>,
}

/// Makes a question ready.
///
/// # Errors
/// Where no date is closed yet, a parameter is missing, or the SQL is none that is taken.
pub async fn ready(desk: &Desk, asked: &Asked) -> Result<Question> {
    let as_of = catalog::closed(desk, asked.as_of).await?.ok_or_else(|| {
        let until = asked
            .as_of
            .map_or(String::new(), |day| format!(" up to {day}"));
        Failure::usage(format!("no date{until} is reconciled yet"))
            .remedy("run tieout day for one, or name a later --as-of")
    })?;
    let is_sql = asked.question.contains(char::is_whitespace);
    let named = match is_sql {
        true => None,
        false => Some(named(&asked.question)?),
    };
    let text = named.map_or(asked.question.as_str(), |named| named.text);
    let (sql, parameters) = parameters::filled(text, named, asked, as_of)?;
    let about = lint(&sql)?;
    Ok(Question {
        named,
        as_of,
        parameters,
        sql,
        about,
    })
}

/// Answers a question from the tables of the installation at `addresses`, whose desk is `desk`.
///
/// # Errors
/// Where a record or a part is not as it was written, or the engine does not understand.
pub async fn answer(desk: &Desk, addresses: &Addresses, question: &Question) -> Result<Answer> {
    let known = catalog::known(desk, Some(question.as_of)).await?;
    let mut tables = Vec::new();
    for table in &question.about.tables {
        tables.push(KnownTable {
            name: table.name.to_owned(),
            columns: columns(table),
            files: files(desk, table, &known).await?,
        });
    }
    let views = question.about.entries_with_names.then(|| View {
        name: ENTRIES_WITH_NAMES.to_owned(),
        sql: entries_with_names(),
    });
    let views = views.into_iter().collect();
    let warehouse = FolderWarehouse::of(addresses, &tables, views)?;
    let answer = warehouse.query(&question.sql).await?;
    Ok(Answer {
        columns: answer.columns,
        rows: answer.rows,
    })
}

/// The files of a table, each proved.
async fn files(desk: &Desk, table: &TableInfo, known: &[Listed]) -> Result<Vec<Name>> {
    let objects = &*desk.ports.objects;
    let mut files = Vec::new();
    if table.name == Parts::INFO.name {
        for listed in known {
            let Some(bytes) = listed.bytes()? else {
                continue;
            };
            let name = listed.name();
            // A day of before this table was written has none.
            if let Some(meta) = objects.head(&name).await? {
                let found = Hash256::from_bytes(meta.sha256);
                if found != sha256(&bytes) {
                    let why = format!("{name}: it does not say what {} says", listed.record);
                    let remedy = "move it away, then run tieout tables parts";
                    return Err(Failure::findings(why).remedy(remedy));
                }
                files.push(name);
            }
        }
        return Ok(files);
    }
    for listed in known {
        for part in listed.parts.iter().filter(|part| part.table == table.name) {
            match table.name == ReceiverNames::INFO.name {
                true => receivers_proved(desk, &listed.record, part).await?,
                false => proved(desk, part).await?,
            }
            files.push(part.name.clone());
        }
    }
    files.sort();
    files.dedup();
    Ok(files)
}

async fn proved(desk: &Desk, part: &Part) -> Result<()> {
    match desk.ports.objects.head(&part.name).await? {
        Some(meta) => part.hold(Hash256::from_bytes(meta.sha256)),
        None => {
            let why = format!("{}: gone, and a record names it", part.name);
            Err(Failure::findings(why).remedy(RESTORE))
        }
    }
}

/// Proves a part of `names`, of which rows may have been forgotten.
async fn receivers_proved(desk: &Desk, record: &Name, part: &Part) -> Result<()> {
    let objects = &*desk.ports.objects;
    match proved(desk, part).await {
        Err(_) if objects.head(&part.name).await?.is_some() => {}
        proved => return proved,
    }
    let register = Register::read(objects).await?;
    if let Some(cut) = records::get::<FrozenCut>(objects, record).await? {
        receivers::prove(objects, &cut, &register).await?;
    }
    Ok(())
}

/// The columns of a table as the engine knows them: money as two.
fn columns(table: &TableInfo) -> Vec<(&'static str, Kind)> {
    let kinds = table
        .columns
        .iter()
        .flat_map(|column: &'static ColumnInfo| {
            let cents = (column.kind == ColumnKind::Money).then_some((column.cents, Kind::Number));
            let kind = match column.kind {
                ColumnKind::Date => Kind::Date,
                ColumnKind::Timestamp => Kind::Moment,
                ColumnKind::Text | ColumnKind::Id => Kind::Text,
                ColumnKind::Key | ColumnKind::Number => Kind::Number,
                ColumnKind::Small => Kind::Small,
                ColumnKind::Flag => Kind::Flag,
                ColumnKind::Money => Kind::Decimal(
                    usize::from(tables::MONEY_DIGITS),
                    usize::from(tables::MONEY_SCALE.unsigned_abs()),
                ),
            };
            cents.into_iter().chain([(column.name, kind)])
        });
    kinds.collect()
}
