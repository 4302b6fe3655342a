//! The tables asked in SQL: an engine that shares no code with the jobs adds up what they wrote,
//! as a finance team would: figures that must agree with each other, and with the jobs' own.

mod ask;
pub mod causes;
mod sides;

use crate::demo::summary::document::{NotZero, Summary};
use crate::records;
use crate::records::saved::Saved;
use ask::one;
use connectors_warehouse::Warehouse;
use desk::Desk;
use desk::failure::Result;
use desk::names;
use jiff::civil::Date;
use settlement::fees::{Fees, Usage};
use settlement::journal::Account;

/// A figure that stands in two places.
struct Twice {
    what: &'static str,
    one: i64,
    other: i64,
}

/// How many figures were asked for, and those that differ between their two places.
pub async fn differences(
    desk: &Desk,
    tables: &dyn Warehouse,
    summary: &Summary,
) -> Result<(usize, Vec<String>)> {
    let mut all = proofs(desk, tables).await?;
    all.extend([
        Twice {
            what: "payments in entries, each in one",
            one: one(tables, "ach_entries", "COUNT(DISTINCT payment_key)", "").await?,
            other: one(tables, "ach_entries", "COUNT(*)", "").await?,
        },
        Twice {
            what: "cents of the journal, debits and credits",
            one: one(tables, "journal", "SUM(amount_cents)", "WHERE side = 'D'").await?,
            other: one(tables, "journal", "SUM(amount_cents)", "WHERE side = 'C'").await?,
        },
        Twice {
            what: "cents of the bank's lines and of cash in the journal",
            one: one(tables, "bank_lines", "SUM(amount_cents)", "").await?,
            other: booked(tables).await?,
        },
        Twice {
            what: "cents in suspense, and of receipts that were not allocated",
            one: balance(tables, &SUSPENSE).await?,
            other: -not_allocated(tables).await?,
        },
        Twice {
            what: "cents of the shares of allocations, which sum to nothing",
            one: one(tables, "allocations", "SUM(amount_cents)", "").await?,
            other: 0,
        },
        Twice {
            what: "cents on the clearing accounts",
            one: balance(tables, &clearing_accounts()).await?,
            other: sum(summary.clearing_not_zero.iter().map(|n: &NotZero| n.cents))?,
        },
        Twice {
            what: "millionths of a dollar that the payments cost",
            one: one(tables, "savings", "SUM(total_micros)", "").await?,
            other: costs(desk).await?,
        },
        Twice {
            what: "breaks, by kind and key",
            one: one(tables, "breaks", "COUNT(DISTINCT kind || ' ' || key)", "").await?,
            other: i64::try_from(summary.breaks.found.len()).expect("breaks in memory"),
        },
    ]);
    let differ = all.iter().filter(|twice| twice.one != twice.other);
    let said = differ.map(|twice| {
        let Twice { what, one, other } = twice;
        format!("{what}: by SQL over the tables {one}, and {other} where it must be the same")
    });
    Ok((all.len(), said.collect()))
}

/// What legs L0, L5 and L6 prove, derived anew.
async fn proofs(desk: &Desk, tables: &dyn Warehouse) -> Result<Vec<Twice>> {
    Ok(vec![
        Twice {
            what: "sides of batches whose payments stand apart from their money",
            one: sides::standing_apart(tables).await?,
            other: 0,
        },
        Twice {
            what: "sides of batches whose money in transit is not what has not come",
            one: sides::booked_apart(tables).await?,
            other: 0,
        },
        Twice {
            what: "cents of cash in the journal, and of the bank's last closing balance",
            one: balance(tables, &[Account::BankFbo]).await?,
            other: closing(tables).await?,
        },
        Twice {
            what: "cents of the bank's fees in the journal, and of what it was used for",
            one: one(tables, "journal", "SUM(amount_cents)", ACCRUED).await?,
            other: used(desk, tables).await?,
        },
    ])
}

const SUSPENSE: [Account; 2] = [Account::SuspenseDebits, Account::SuspenseReceipts];

/// What the bank's lines moved, less what was allocated of them and what a bill took: derived from
/// the lines and not from what the jobs say is left.
async fn not_allocated(tables: &dyn Warehouse) -> Result<i64> {
    let moved = one(tables, "bank_lines", "SUM(amount_cents)", "").await?;
    let shares = "WHERE item = 'receipt'";
    let allocated = one(tables, "allocations", "SUM(amount_cents)", shares).await?;
    let bills = "WHERE posting = 'bank_fee_taken' AND account = '1010'";
    let billed = one(tables, "journal", "SUM(amount_cents)", bills).await?;
    let left = moved
        .checked_sub(allocated)
        .and_then(|left| left.checked_add(billed));
    left.ok_or_else(|| desk::failure::too_large("receipts"))
}

/// The balance with which the last statement closes.
async fn closing(tables: &dyn Warehouse) -> Result<i64> {
    let last = "ORDER BY statement_date DESC, file DESC LIMIT 1";
    one(tables, "bank_balances", "closing_cents", last).await
}

const ACCRUED: &str = "WHERE posting = 'bank_fee_accrued' AND side = 'D'";

/// What the bank did for us, counted from what was sent and what came back, at its prices. A return
/// that is told again is billed once.
async fn used(desk: &Desk, tables: &dyn Warehouse) -> Result<i64> {
    let entries = |what, of| one(tables, "ach_entries", what, of);
    let each = "COUNT(DISTINCT CONCAT(original_trace, ' ', code))";
    let answers = |of| one(tables, "ach_returns", each, of);
    let count = |n: i64| u64::try_from(n).expect("a count");
    let usage = Usage {
        files: count(entries("COUNT(DISTINCT file)", "").await?),
        batches: count(entries("COUNT(DISTINCT batch)", "").await?),
        items: count(entries("COUNT(*)", "").await?),
        same_day: count(entries("COUNT(*)", "WHERE \"window\" <> 'standard'").await?),
        returns: count(answers("WHERE kind = 'return'").await?),
        changes: count(answers("WHERE kind = 'noc'").await?),
    };
    let cents = usage
        .cost(&desk.bank.prices)
        .and_then(|cost| Fees::default().accrue(Date::MAX, cost));
    let cents = cents.and_then(|cents| i64::try_from(cents.get()).ok());
    cents.ok_or_else(|| desk::failure::too_large("the bank's fees"))
}

/// Cash of the bank's lines in the journal: not the opening balance, which is of no line.
async fn booked(tables: &dyn Warehouse) -> Result<i64> {
    let signed = "SUM(CASE WHEN side = 'D' THEN amount_cents ELSE -amount_cents END)";
    let of = "WHERE account = '1010' AND posting NOT IN ('opening', 'opening_overdrawn')";
    one(tables, "journal", signed, of).await
}

fn clearing_accounts() -> Vec<Account> {
    Account::all()
        .filter(|account| account.is_clearing())
        .collect()
}

/// Debits less credits of accounts, all days together.
async fn balance(tables: &dyn Warehouse, accounts: &[Account]) -> Result<i64> {
    let numbers: Vec<_> = accounts
        .iter()
        .map(|a| format!("'{}'", a.number()))
        .collect();
    let signed = "SUM(CASE WHEN side = 'D' THEN amount_cents ELSE -amount_cents END)";
    let of = format!("WHERE account IN ({})", numbers.join(", "));
    one(tables, "journal", signed, &of).await
}

/// What the savings jobs carried from day to day.
async fn costs(desk: &Desk) -> Result<i64> {
    let all = records::all::<Saved>(&*desk.ports.objects, names::SAVED_PREFIX).await?;
    let too_large = || desk::failure::too_large("costs");
    let mut sum = 0i64;
    for saved in all {
        let day = saved.day.cost.total().ok_or_else(too_large)?;
        sum = sum.checked_add(day.get()).ok_or_else(too_large)?;
    }
    Ok(sum)
}

fn sum(mut all: impl Iterator<Item = i64>) -> Result<i64> {
    let sum = all.try_fold(0, i64::checked_add);
    sum.ok_or_else(|| desk::failure::too_large("the clearing accounts"))
}

#[cfg(test)]
mod tests;
