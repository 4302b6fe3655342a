//! One figure of a relation.

use connectors_warehouse::{Value, Warehouse};
use desk::failure::{Failure, Result};

/// One number of a relation over some tables; nothing was ever written to a table that is not
/// there.
pub async fn ask(
    tables: &dyn Warehouse,
    needs: &[&str],
    from: &str,
    what: &str,
    of: &str,
) -> Result<i64> {
    let there = tables.tables().await?;
    if needs
        .iter()
        .any(|need| !there.iter().any(|name| name == need))
    {
        return Ok(0);
    }
    let sql = format!("SELECT {what} AS figure FROM {from} {of}");
    let answer = tables.query(&sql).await?;
    let figure = answer.rows.first().and_then(|row| row.first());
    match figure {
        None | Some(Value::Missing) => Ok(0), // a sum of no rows
        Some(Value::Number(figure)) => Ok(*figure),
        Some(Value::Text(figure)) => Err(Failure::impossible(format!(
            "{sql}: answered {figure}, which is no number"
        ))),
    }
}

/// One number of one table.
pub async fn one(tables: &dyn Warehouse, table: &str, what: &str, of: &str) -> Result<i64> {
    ask(tables, &[table], table, what, of).await
}
