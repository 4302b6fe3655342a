//! What could make a difference, by brute force: every entry and every pair of entries of a batch
//! is tried, every fee of the contract, every return and every other batch.
//!
//! The rules call a difference ambiguous where more than one thing may be its cause. That is a
//! right answer to a lost entry only if it is so, and this counts anew.

use super::ask::ask;
use connectors_warehouse::Warehouse;
use desk::failure::Result;
use settlement::bank::netted::NettedTerms;

/// Causes of a difference of `off` cents on a side, positive where more came than was expected.
pub async fn of(tables: &dyn Warehouse, fees: &[NettedTerms], side: &str, off: i64) -> Result<i64> {
    let (batch, direction) = side.split_once('/').unwrap_or((side, ""));
    let signed = "CASE WHEN direction = 'debit' THEN amount_cents ELSE -amount_cents END";
    let entries = format!(
        "(SELECT trace, {signed} AS cents, -({off}) - ({signed}) AS rest FROM ach_entries \
         WHERE batch = '{batch}' AND direction = '{direction}')"
    );
    let of_entries = &["ach_entries"];
    let one = format!("{entries} AS one");
    let one = ask(tables, of_entries, &one, "COUNT(*)", "WHERE rest = 0").await?;
    let two = format!("{entries} AS a INNER JOIN {entries} AS b ON a.rest = b.cents");
    let two = format!("(SELECT a.trace AS one, b.trace AS other FROM {two}) AS two");
    let two = ask(tables, of_entries, &two, "COUNT(*)", "WHERE one < other").await?;
    let batches = format!(
        "(SELECT batch, direction, SUM({signed}) AS cents FROM ach_entries \
         GROUP BY batch, direction) AS batches"
    );
    let equal = format!("WHERE cents = {off} AND batch <> '{batch}'");
    let batches = ask(tables, of_entries, &batches, "COUNT(*)", &equal).await?;
    let returned = format!(
        "WHERE kind = 'return' AND amount_cents = CASE WHEN direction = 'debit' \
         THEN -({off}) ELSE {off} END"
    );
    let returns = ask(
        tables,
        &["ach_returns"],
        "ach_returns",
        "COUNT(*)",
        &returned,
    )
    .await?;
    let kept = fees
        .iter()
        .filter(|fee| fee.fee().cents.get().checked_add_signed(off) == Some(0));
    let fees = i64::try_from(kept.count()).expect("the fees of a contract");
    let all = [one, two, batches, returns, fees];
    let sum = all.iter().try_fold(0i64, |sum, n| sum.checked_add(*n));
    sum.ok_or_else(|| desk::failure::too_large("causes"))
}
