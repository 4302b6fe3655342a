//! `tieout query` and `tieout tables`: answers for people, for sheets and for programs.

use super::arguments::{EngineName, Query, TablesCommand};
use super::output::{Output, unprinted};
use super::schema;
use crate::query::{self, Answer, Asked, NAMED, Question};
use crate::tables::{self, Engine};
use crate::terminal;
use comfy_table::{CellAlignment, Table, presets};
use connectors::Addresses;
use connectors_warehouse::Value;
use desk::Desk;
use desk::failure::{Failure, Result, Status};
use jiff::civil::Date;
use serde::Serialize;
use settlement::foreign;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Answered<'a> {
    name: Option<&'static str>,
    question: Option<&'static str>,
    as_of: Date,
    parameters: Vec<Given<'a>>,
    sql: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    columns: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<Vec<Vec<serde_json::Value>>>,
}

#[derive(Serialize)]
struct Given<'a> {
    parameter: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
struct Queries {
    queries: Vec<OfQuery>,
}

#[derive(Serialize)]
struct OfQuery {
    name: &'static str,
    question: &'static str,
    definition: &'static str,
    takes: Vec<Takes>,
}

#[derive(Serialize)]
struct Takes {
    parameter: &'static str,
    default: Option<&'static str>,
}

#[derive(Serialize)]
struct Ddl {
    engine: &'static str,
    statements: Vec<String>,
}

#[derive(Serialize)]
struct ListedRecords {
    listed: u64,
}

/// Shows the questions that have a name.
///
/// # Errors
/// Where stdout cannot be written.
pub fn list(out: &Output) -> Result<Option<Status>> {
    let queries = NAMED.iter().map(|named| OfQuery {
        name: named.name,
        question: named.question(),
        definition: named.definition(),
        takes: takes(named),
    });
    if out.json {
        let queries = queries.collect();
        out.document(schema::QUERIES, &Queries { queries })?;
        return Ok(None);
    }
    for OfQuery {
        name,
        question,
        takes,
        ..
    } in queries
    {
        let takes: Vec<String> = takes
            .iter()
            .map(|one| match one.default {
                Some(default) => format!("{} = {default}", one.parameter),
                None => one.parameter.to_owned(),
            })
            .collect();
        out.text(format!("{name} ({})\n  {question}", takes.join(", ")))?;
    }
    Ok(None)
}

fn takes(named: &query::Named) -> Vec<Takes> {
    let all = named.parameters().into_iter();
    let all = all.map(|one| Takes {
        parameter: one.name,
        default: one.default,
    });
    all.collect()
}

/// Which of several banks a command is for now.
#[derive(Clone, Copy)]
pub struct Among {
    /// How many banks it is for.
    pub of: usize,
    /// Whether this is the first.
    pub first: bool,
}

/// Asks, and shows the answer; where several banks are asked, with the bank in the first column.
///
/// # Errors
/// As the question itself, and where stdout cannot be written.
pub async fn run(
    asked: Query,
    desk: &Desk,
    at: &Addresses,
    Among { of, first }: Among,
    out: &Output,
) -> Result<Option<Status>> {
    let show_sql = asked.sql;
    let csv = asked.csv;
    let question = query::ready(desk, &read(asked)?).await?;
    let answer = match show_sql {
        true => None,
        false => {
            let mut answer = query::answer(desk, at, &question).await?;
            known(&question, &answer, desk, of)?;
            if of > 1 {
                says_bank(&mut answer, &desk.bank.name);
            }
            Some(answer)
        }
    };
    match (&answer, out.json) {
        (_, true) => out.document(schema::QUERY, &document(&question, answer.as_ref()))?,
        (None, false) => out.text(&question.sql)?,
        (Some(answer), false) if csv => {
            sheet(answer, first)?;
            // A sheet has no place for it, and two banks may have closed on different days.
            let bank = match of {
                1 => String::new(),
                _ => format!("bank {}: ", desk.bank.name),
            };
            let day = question.as_of;
            if !out.quiet {
                terminal::say(format_args!("{bank}as known at the close of {day}"));
            }
        }
        (Some(answer), false) => {
            out.text(people(answer))?;
            let rows = answer.rows.len();
            out.remark(format!(
                "{rows} rows, as known at the close of {}",
                question.as_of
            ))?;
        }
    }
    Ok(None)
}

/// An answer without a row about an originator that nobody knows is one to a slip of the pen; where
/// several banks are asked, another may know it.
fn known(question: &Question, answer: &Answer, desk: &Desk, of: usize) -> Result<()> {
    let Some(name) = question.parameters.get("originator") else {
        return Ok(());
    };
    let known = &desk.bank.originators;
    if !answer.rows.is_empty() || known.contains_key(name) || of > 1 {
        return Ok(());
    }
    let name = foreign::line(name);
    let all: Vec<&str> = known.keys().map(String::as_str).collect();
    Err(Failure::usage(format!(
        "parameter originator: the profile has no {name}, and no table names it"
    ))
    .remedy(format!("name one of {}", all.join(", "))))
}

fn read(asked: Query) -> Result<Asked> {
    let mut parameters = BTreeMap::new();
    for given in &asked.param {
        let (name, value) = given.split_once('=').ok_or_else(|| {
            Failure::usage("--param: no NAME=VALUE").remedy("write --param originator=billing")
        })?;
        if parameters
            .insert(name.to_owned(), value.to_owned())
            .is_some()
        {
            let name = foreign::line(name);
            return Err(Failure::usage(format!("--param {name}: is given twice"))
                .remedy("leave one of the two out"));
        }
    }
    Ok(Asked {
        question: asked.question.unwrap_or_default(),
        as_of: asked.as_of,
        from: asked.from,
        to: asked.to,
        parameters,
    })
}

fn document<'a>(question: &'a Question, answer: Option<&'a Answer>) -> Answered<'a> {
    let given = question.parameters.iter();
    let given = given.map(|(parameter, value)| Given { parameter, value });
    let cell = |value: &Value| match value {
        Value::Missing => serde_json::Value::Null,
        Value::Number(number) => (*number).into(),
        Value::Text(text) => text.as_str().into(),
    };
    let rows = answer.map(|answer| {
        let rows = answer.rows.iter();
        rows.map(|row| row.iter().map(cell).collect()).collect()
    });
    Answered {
        name: question.named.map(|named| named.name),
        question: question.named.map(|named| named.question()),
        as_of: question.as_of,
        parameters: given.collect(),
        sql: &question.sql,
        columns: answer.map(|answer| answer.columns.as_slice()),
        rows,
    }
}

/// A table for people. Columns of numbers stand to the right, and cents are dollars.
fn people(answer: &Answer) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let dollars: Vec<bool> = answer
        .columns
        .iter()
        .map(|name| name.ends_with("_cents"))
        .collect();
    table.set_header(
        answer
            .columns
            .iter()
            .map(|name| foreign::line(name).into_owned()),
    );
    for row in &answer.rows {
        table.add_row(
            row.iter()
                .zip(&dollars)
                .map(|(value, dollars)| match value {
                    Value::Missing => String::new(),
                    Value::Number(cents) if *dollars => {
                        settlement::money::SignedCents::new(*cents).to_string()
                    }
                    Value::Number(number) => number.to_string(),
                    Value::Text(text) => foreign::line(text).into_owned(),
                }),
        );
    }
    for at in 0..answer.columns.len() {
        let is_number = |row: &Vec<Value>| matches!(row.get(at), Some(Value::Number(_)));
        let is_text = |row: &Vec<Value>| matches!(row.get(at), Some(Value::Text(_)));
        let numbers = answer.rows.iter().any(is_number) && !answer.rows.iter().any(is_text);
        if let Some(column) = table.column_mut(at).filter(|_| numbers) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string()
}

/// The bank's name as a first column: answers of two banks stand below each other and are never
/// summed.
fn says_bank(answer: &mut Answer, name: &str) {
    answer.columns.insert(0, "bank".to_owned());
    for row in &mut answer.rows {
        row.insert(0, Value::Text(name.to_owned()));
    }
}

/// A sheet: numbers as they are, text so that no sheet computes it.
fn sheet(answer: &Answer, first: bool) -> Result<()> {
    let mut writer = csv::Writer::from_writer(terminal::file());
    let failed = |error: csv::Error| unprinted(&std::io::Error::other(error));
    let gone = |_| Ok(()); // whoever read it
    let header = answer
        .columns
        .iter()
        .map(|name| foreign::cell(name).into_owned());
    if first {
        writer.write_record(header).map_err(failed)?;
    }
    for row in &answer.rows {
        let cells = row.iter().map(|value| match value {
            Value::Missing => String::new(),
            Value::Number(number) => number.to_string(),
            Value::Text(text) => foreign::cell(text).into_owned(),
        });
        if let Err(error) = writer.write_record(cells) {
            return match terminal::is_read() {
                true => Err(failed(error)),
                false => gone(()),
            };
        }
    }
    match writer.flush() {
        Err(error) if terminal::is_read() => Err(unprinted(&error)),
        _ => Ok(()),
    }
}

/// Shows what there is of the tables, how an engine is told of them, or lists their parts.
///
/// # Errors
/// Where a record cannot be read, or stdout cannot be written.
pub async fn tables(
    command: TablesCommand,
    desk: &Desk,
    at: &Addresses,
    out: &Output,
) -> Result<Option<Status>> {
    match command {
        TablesCommand::List { as_of } => {
            let contents = tables::contents(desk, as_of).await?;
            out.show(schema::TABLES, &contents, false)?;
        }
        TablesCommand::Ddl { engine, location } => {
            let engine = match engine {
                EngineName::Athena => Engine::Athena,
                EngineName::Duckdb => Engine::DuckDb,
            };
            let location = match (location, engine) {
                (Some(location), _) => location,
                (None, Engine::DuckDb) => at
                    .folder("objects", at.objects.as_ref(), "objects")?
                    .display()
                    .to_string(),
                (None, Engine::Athena) => {
                    return Err(Failure::usage("--location: Athena needs one")
                        .remedy("name the place of the tables, s3://bucket/prefix"));
                }
            };
            let contents = tables::contents(desk, None).await?;
            let statements = tables::ddl(engine, &location, &contents)?;
            if out.json {
                let engine = engine.as_str();
                out.document(schema::DDL, &Ddl { engine, statements })?;
            } else {
                out.text(format!("{};", statements.join(";\n\n")))?;
            }
        }
        TablesCommand::Parts => {
            let listed = tables::list_all(desk).await?;
            match out.json {
                true => out.document(schema::TABLES_PARTS, &ListedRecords { listed })?,
                false => out.remark(format!("{listed} records have their parts listed"))?,
            }
        }
    }
    Ok(None)
}
