//! The tables asked in SQL: an engine that shares no code with the jobs adds up what they wrote,
//! as a finance team would: figures that must agree with each other, and with the jobs' own.

use super::{NotZero, Summary};
use crate::desk::Desk;
use crate::failure::{Failure, Result};
use crate::record;
use crate::savings::Saved;
use settlement::journal::Account;

/// A figure that stands in two places.
struct Twice {
    what: &'static str,
    one: i64,
    other: i64,
}

/// How many figures were asked for, and those that differ between their two places.
pub async fn differences(desk: &Desk, summary: &Summary) -> Result<(usize, Vec<String>)> {
    let all = [
        Twice {
            what: "payments in entries, each in one",
            one: ask(desk, "ach_entries", "COUNT(DISTINCT payment_key)", "").await?,
            other: ask(desk, "ach_entries", "COUNT(*)", "").await?,
        },
        Twice {
            what: "cents of the journal, debits and credits",
            one: ask(desk, "journal", "SUM(amount_cents)", "WHERE side = 'D'").await?,
            other: ask(desk, "journal", "SUM(amount_cents)", "WHERE side = 'C'").await?,
        },
        Twice {
            what: "cents of the bank's lines and of cash in the journal",
            one: ask(desk, "bank_lines", "SUM(amount_cents)", "").await?,
            other: balance(desk, &[Account::BankFbo]).await?,
        },
        Twice {
            what: "cents on the clearing accounts",
            one: balance(desk, &clearing_accounts()).await?,
            other: sum(summary.clearing_not_zero.iter().map(|n: &NotZero| n.cents)),
        },
        Twice {
            what: "millionths of a dollar that the payments cost",
            one: ask(desk, "savings", "SUM(total_micros)", "").await?,
            other: costs(desk).await?,
        },
        Twice {
            what: "breaks, by kind and key",
            one: ask(desk, "breaks", "COUNT(DISTINCT kind || ' ' || key)", "").await?,
            other: i64::try_from(summary.breaks.found.len()).unwrap_or(i64::MAX),
        },
    ];
    let differ = all.iter().filter(|twice| twice.one != twice.other);
    let said = differ.map(|twice| {
        let Twice { what, one, other } = twice;
        format!("{what}: by SQL over the tables {one}, and {other} where it must be the same")
    });
    Ok((all.len(), said.collect()))
}

fn clearing_accounts() -> Vec<Account> {
    Account::all()
        .filter(|account| account.is_clearing())
        .collect()
}

/// Debits less credits of accounts, all days together.
async fn balance(desk: &Desk, accounts: &[Account]) -> Result<i64> {
    let numbers: Vec<_> = accounts
        .iter()
        .map(|a| format!("'{}'", a.number()))
        .collect();
    let signed = "SUM(CASE WHEN side = 'D' THEN amount_cents ELSE -amount_cents END)";
    let of = format!("WHERE account IN ({})", numbers.join(", "));
    ask(desk, "journal", signed, &of).await
}

/// What the savings jobs carried from day to day.
async fn costs(desk: &Desk) -> Result<i64> {
    let all = record::all::<Saved>(&*desk.ports.objects, "saved/").await?;
    let too_large = || crate::failure::too_large("costs");
    let mut sum = 0i64;
    for (_, saved) in all {
        let day = saved.day.cost.total().ok_or_else(too_large)?;
        sum = sum.checked_add(day.get()).ok_or_else(too_large)?;
    }
    Ok(sum)
}

fn sum(all: impl Iterator<Item = i64>) -> i64 {
    all.fold(0, i64::saturating_add)
}

/// One number of one table; nothing was ever written to a table that is not there.
async fn ask(desk: &Desk, table: &str, what: &str, of: &str) -> Result<i64> {
    let warehouse = &*desk.ports.warehouse;
    if !warehouse.tables().await?.iter().any(|name| name == table) {
        return Ok(0);
    }
    let sql = format!("SELECT {what} AS figure FROM {table} {of}");
    let answer = warehouse.query(&sql).await?;
    let figure = answer.rows.first().and_then(|row| row.first());
    let figure = figure.map_or("", String::as_str);
    if figure.is_empty() {
        return Ok(0); // a sum of no rows
    }
    let wrong = |_| Failure::findings(format!("{sql}: answered {figure}, which is no number"));
    figure.parse().map_err(wrong)
}
