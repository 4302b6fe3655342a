//! L0 and L5 in SQL, side of a batch by side: what ought to be left of it, from the entries, the
//! events and what was allocated, held against the journal and against where its payments stand.
//!
//! Nothing here asks the jobs what is left or where a payment is: both are derived anew.

use super::ask::ask;
use connectors_warehouse::Warehouse;
use desk::failure::Result;

/// An amount as it moves our account.
const SIGNED: &str = "CASE WHEN direction = 'debit' THEN amount_cents ELSE -amount_cents END";

/// How many settlements of each payment stand: those that the bank took back do not.
const STANDING: &str = "(SELECT payment_key, SUM(CASE WHEN event = 'settled' THEN 1 ELSE -1 END) \
     AS standing FROM payment_events WHERE event IN ('settled', 'settlement_undone') \
     GROUP BY payment_key)";

/// What came to each side and left it: `money` is what the bank has not moved, `payments` what
/// the payments on their way come to. An entry comes with its cut and leaves with an upload that
/// failed, or with a rejection where no settlement stands; money leaves with an allocation, a
/// payment when it settles.
fn sides() -> String {
    let side = "batch || '/' || direction AS side";
    format!(
        "SELECT {side}, {SIGNED} AS money, {SIGNED} AS payments FROM ach_entries \
         UNION ALL SELECT {side}, -({SIGNED}) AS money, -({SIGNED}) AS payments \
         FROM payment_events WHERE event = 'upload_failed' \
         UNION ALL SELECT {side}, -({SIGNED}) AS money, -({SIGNED}) AS payments \
         FROM (SELECT DISTINCT e.payment_key AS payment_key, e.batch AS batch, \
         e.direction AS direction, e.amount_cents AS amount_cents, s.standing AS standing \
         FROM payment_events AS e LEFT JOIN {STANDING} AS s ON e.payment_key = s.payment_key \
         WHERE e.event = 'rejected') AS rejected WHERE standing IS NULL OR standing = 0 \
         UNION ALL SELECT {side}, 0 AS money, \
         CASE WHEN event = 'settled' THEN -({SIGNED}) ELSE {SIGNED} END AS payments \
         FROM payment_events WHERE event IN ('settled', 'settlement_undone') \
         UNION ALL SELECT item_id AS side, amount_cents AS money, 0 AS payments \
         FROM allocations WHERE item = 'expectation' AND item_id NOT LIKE 'return/%' \
         AND item_id NOT LIKE 'funding/%'"
    )
}

/// What the journal holds in transit, under the side's name and with the other sign.
const BOOKS: &str = "SELECT key || CASE WHEN account = '1110' THEN '/debit' ELSE '/credit' END \
     AS side, CASE WHEN side = 'D' THEN -amount_cents ELSE amount_cents END AS money, \
     0 AS payments FROM journal WHERE account IN ('1110', '2110')";

/// L0: sides of which nothing is left while payments of theirs are on their way, or of which more
/// is left than these come to: payments that say they settled and whose money never came.
pub async fn standing_apart(tables: &dyn Warehouse) -> Result<i64> {
    let wrong = "WHERE (money = 0 AND payments <> 0) OR ABS(payments) < ABS(money)";
    count(tables, &sides(), wrong).await
}

/// L5: sides whose balance in transit is not what the bank has not moved of them.
pub async fn booked_apart(tables: &dyn Warehouse) -> Result<i64> {
    let both = format!("{} UNION ALL {BOOKS}", sides());
    count(tables, &both, "WHERE money <> 0").await
}

async fn count(tables: &dyn Warehouse, rows: &str, wrong: &str) -> Result<i64> {
    let sums = format!(
        "(SELECT side, SUM(money) AS money, SUM(payments) AS payments FROM ({rows}) AS rows \
         GROUP BY side) AS sides"
    );
    ask(
        tables,
        &["ach_entries", "allocations"],
        &sums,
        "COUNT(*)",
        wrong,
    )
    .await
}
