//! What is taken, and what is refused with what to write instead.

use super::*;

const DAY: &str = "DATE '2026-11-24'";

fn takes(sql: &str) -> Vec<&'static str> {
    let found = lint(&sql.replace("DAY", DAY)).unwrap_or_else(|e| panic!("{sql}: {e}"));
    found.tables.iter().map(|table| table.name).collect()
}

#[test]
fn a_question_with_days_is_taken_and_says_its_tables() {
    for sql in [
        "SELECT COUNT(*) AS n FROM journal WHERE ledger_date = DAY",
        "SELECT COUNT(*) AS n FROM journal WHERE DAY <= ledger_date AND account = '1010';",
        "SELECT j.key FROM journal AS j WHERE (j.ledger_date BETWEEN DAY AND DAY)",
        "select key from JOURNAL where LEDGER_DATE in (DAY, DAY)",
        "SELECT DISTINCT key, 100 * line_no - 15 * amount_cents AS x FROM journal WHERE \
         ledger_date = DAY AND 1000 * (line_no + 1) > 5 AND line_no <> 91000010000001 \
         ORDER BY key LIMIT 5 OFFSET 2",
        "WITH a AS (SELECT key FROM journal WHERE ledger_date = DAY) SELECT key FROM a",
        "SELECT a.key FROM (SELECT key FROM journal WHERE ledger_date > DAY) AS a",
        "SELECT CAST(SUM(amount_cents) AS BIGINT) AS cents FROM journal WHERE ledger_date = DAY",
    ] {
        assert_eq!(takes(sql), ["journal"], "{sql}");
    }
    let both = "SELECT b.key FROM balances b LEFT JOIN (SELECT key FROM breaks WHERE \
                recon_date = DAY) x ON x.key = b.key WHERE b.ledger_date = DAY";
    assert_eq!(takes(both), ["balances", "breaks"]);
    assert_eq!(takes("SELECT 1 AS one"), Vec::<&str>::new());
    let view = "SELECT v.individual_name FROM v_ach_entries v WHERE v.cut_date = DAY";
    assert_eq!(takes(view), ["ach_entries", "names"]);
    let about = |sql: &str| lint(&sql.replace("DAY", DAY)).unwrap();
    assert!(about(view).entries_with_names && !about(both).entries_with_names);
}

/// Clauses that engines differ in or pass over, and figures that may leave 64 bits.
const ODD: &[&str] = &[
    "FROM journal SELECT key WHERE ledger_date = DAY",
    "FROM journal WHERE ledger_date = DAY",
    "SELECT DISTINCT ON (key) key FROM journal WHERE ledger_date = DAY",
    "SELECT TOP 3 key FROM journal WHERE ledger_date = DAY",
    "SELECT * EXCLUDE (key) FROM journal WHERE ledger_date = DAY",
    "SELECT journal.* EXCEPT (key) FROM journal WHERE ledger_date = DAY",
    "SELECT key FROM journal WHERE ledger_date = DAY QUALIFY 1 = 1",
    "SELECT key FROM journal WHERE ledger_date = DAY GROUP BY ALL",
    "SELECT key FROM journal WHERE ledger_date = DAY GROUP BY key WITH ROLLUP",
    "SELECT key FROM journal WHERE ledger_date = DAY LIMIT 1, 2",
    "SELECT key FROM journal WHERE ledger_date = DAY FETCH FIRST 1 ROWS ONLY",
    "SELECT key FROM journal TABLESAMPLE (1) WHERE ledger_date = DAY",
    "SELECT key FROM journal FOR SYSTEM_TIME AS OF DAY WHERE ledger_date = DAY",
    "SELECT SUM(amount_cents) FILTER (WHERE 1 = 1) FROM journal WHERE ledger_date = DAY",
    "SELECT MIN(key ORDER BY key) FROM journal WHERE ledger_date = DAY",
    "SELECT MAX(key) IGNORE NULLS FROM journal WHERE ledger_date = DAY",
    "SELECT amount_cents * amount_cents FROM journal WHERE ledger_date = DAY",
    "SELECT amount_cents * 10001 FROM journal WHERE ledger_date = DAY",
    "SELECT 100 * (100 * amount_cents) FROM journal WHERE ledger_date = DAY",
    "SELECT 2 * (1 + 2 * amount_cents) FROM journal WHERE ledger_date = DAY",
    "SELECT amount_cents + 9223372036854775807 FROM journal WHERE ledger_date = DAY",
    "SELECT amount_cents - -1000000000000001 FROM journal WHERE ledger_date = DAY",
    "SELECT CAST(99999999999999999999 AS BIGINT) + 1 FROM journal WHERE ledger_date = DAY",
];

/// Conditions and clauses that the engine here answers otherwise than others, or not at all.
const OTHERWISE: &[(&str, &str)] = &[
    (
        "SELECT a.key FROM journal a LEFT JOIN journal b ON a.key = b.key AND a.line < b.line",
        "ON",
    ),
    (
        "SELECT a.key FROM journal a LEFT JOIN journal b ON a.key = b.key AND b.side = 'C'",
        "ON",
    ),
    (
        "SELECT a.key FROM journal a JOIN journal b ON a.key = b.key OR a.side = b.side",
        "ON",
    ),
    (
        "SELECT a.key FROM journal a JOIN journal b ON a.key = a.side",
        "ON",
    ),
    (
        "SELECT a.key FROM journal a JOIN journal b ON key = b.key",
        "ON",
    ),
    (
        "SELECT a.key FROM journal a JOIN journal b ON a.key BETWEEN b.key AND b.side",
        "ON",
    ),
    (
        "SELECT a.key FROM journal a JOIN journal b ON a.line_no = b.line_no + 1",
        "ON",
    ),
    (
        "SELECT a.key FROM journal a JOIN journal b USING (key)",
        "JOIN",
    ),
    ("SELECT a.key FROM journal a NATURAL JOIN journal b", "JOIN"),
    (
        "SELECT a.key FROM journal a RIGHT JOIN journal b ON a.key = b.key",
        "JOIN",
    ),
    (
        "SELECT a.key FROM journal a FULL JOIN journal b ON a.key = b.key",
        "JOIN",
    ),
    ("SELECT a.key FROM journal a, journal b", "comma"),
    (
        "SELECT * FROM journal a JOIN journal b ON a.key = b.key",
        "several tables",
    ),
    (
        "SELECT a.key, b.key FROM journal a JOIN journal b ON a.key = b.key",
        "one name",
    ),
];

/// The same of a single table.
const ALONE: &[(&str, &str)] = &[
    (
        "SELECT COUNT(*) FROM journal WHERE ledger_date = DAY",
        "no name",
    ),
    (
        "SELECT SUM(DISTINCT line_no) AS s FROM journal WHERE ledger_date = DAY",
        "DISTINCT",
    ),
    (
        "SELECT SUM(line_no) AS s FROM journal WHERE ledger_date = DAY HAVING SUM(line_no) > 1",
        "HAVING",
    ),
    (
        "SELECT key FROM journal WHERE ledger_date = DAY LIMIT 3",
        "LIMIT",
    ),
    (
        "SELECT SUBSTR(key, -2) AS k FROM journal WHERE ledger_date = DAY",
        "SUBSTR",
    ),
    (
        "SELECT SUBSTR(key, 0, 2) AS k FROM journal WHERE ledger_date = DAY",
        "SUBSTR",
    ),
    (
        "SELECT key FROM journal WHERE ledger_date = DAY AND key LIKE 'a!%' ESCAPE '!'",
        "ESCAPE",
    ),
    (
        "SELECT key FROM journal WHERE ledger_date = DAY AND key IN ('a', NULL)",
        "NULL",
    ),
    (
        "SELECT key FROM journal WHERE ledger_date = DAY AND EXISTS (SELECT 1 AS one)",
        "EXISTS",
    ),
    (
        "SELECT key FROM journal WHERE ledger_date = DAY AND key = (SELECT 'a' AS a)",
        "figure",
    ),
    (
        "SELECT key FROM journal WHERE ledger_date = DAY AND key NOT IN (SELECT 'a' AS a)",
        "NOT IN",
    ),
    (
        "SELECT key FROM journal WHERE ledger_date = DAY EXCEPT SELECT 'a' AS key",
        "EXCEPT",
    ),
    (
        "SELECT key FROM journal WHERE ledger_date = DAY UNION ALL SELECT 'a' AS other",
        "UNION",
    ),
    (
        "SELECT SUM(line_no * 10000) * 10000 AS x FROM journal WHERE ledger_date = DAY",
        "product",
    ),
    (
        "WITH t AS (SELECT SUM(line_no * 10000) AS s FROM journal WHERE ledger_date = DAY) \
      SELECT s * 10000 AS x FROM t",
        "products",
    ),
    (
        "SELECT SUM(line_no + 10000000) AS x FROM journal WHERE ledger_date = DAY",
        "million",
    ),
];

#[test]
fn what_the_engine_answers_otherwise_than_others_is_refused_in_our_words() {
    let joined = OTHERWISE.iter().map(|(sql, says)| {
        let days = "WHERE a.ledger_date = DAY AND b.ledger_date = DAY";
        (format!("{sql} {days}"), *says)
    });
    let alone = ALONE.iter().map(|(sql, says)| ((*sql).to_owned(), *says));
    for (sql, says) in joined.chain(alone) {
        let failure = lint(&sql.replace("DAY", DAY)).expect_err(&sql);
        assert!(failure.message.contains(says), "{sql}: {failure}");
        assert!(!failure.remedy.is_empty(), "{sql}");
    }
}

#[test]
fn clauses_and_figures_that_engines_differ_in_are_refused() {
    for sql in ODD {
        let failure = lint(&sql.replace("DAY", DAY)).expect_err(sql);
        assert!(!failure.remedy.is_empty(), "{sql}: {failure}");
    }
}

#[test]
fn what_is_not_taken_is_refused_with_what_to_write() {
    for sql in [
        "",
        "SELEC",
        "SELECT COUNT(*) FROM journal",
        "SELECT COUNT(*) FROM journal WHERE account = '1010'",
        "SELECT COUNT(*) FROM journal WHERE ledger_date = DAY OR account = '1010'",
        "SELECT COUNT(*) FROM journal WHERE NOT ledger_date = DAY",
        "SELECT COUNT(*) FROM journal WHERE ledger_date <> DAY",
        "SELECT COUNT(*) FROM journal WHERE ledger_date = '2026-11-24'",
        "SELECT COUNT(*) FROM journal WHERE ledger_date = DATE '2026-13-24'",
        "SELECT COUNT(*) FROM journal WHERE ledger_date = effective_date",
        "SELECT 1 FROM journal WHERE ledger_date = (SELECT MAX(ledger_date) FROM journal)",
        "SELECT COUNT(*) FROM journal a, journal b WHERE a.ledger_date = DAY",
        "SELECT COUNT(*) FROM journal a, breaks b WHERE ledger_date = DAY AND recon_date = DAY",
        "SELECT 1 FROM journal WHERE ledger_date = DAY UNION ALL SELECT 1 FROM breaks",
        "SELECT 1 WHERE EXISTS (SELECT 1 FROM journal)",
        "SELECT AVG(amount_cents) FROM journal WHERE ledger_date = DAY",
        "SELECT amount_cents / 2 FROM journal WHERE ledger_date = DAY",
        "SELECT amount_cents % 2 FROM journal WHERE ledger_date = DAY",
        "SELECT CAST(amount_cents AS DOUBLE) FROM journal WHERE ledger_date = DAY",
        "SELECT RANDOM() FROM journal WHERE ledger_date = DAY",
        "SELECT TRY_CAST(key AS BIGINT) FROM journal WHERE ledger_date = DAY",
        "SELECT EXTRACT(YEAR FROM ledger_date) FROM journal WHERE ledger_date = DAY",
        "SELECT FLOOR(amount_cents) FROM journal WHERE ledger_date = DAY",
        "SELECT TIMESTAMP '2026-11-24 00:00:00' FROM journal WHERE ledger_date = DAY",
        "SELECT key FROM journal WHERE ledger_date = DAY + INTERVAL '1' DAY",
        "SELECT SUM(amount_cents) OVER (ORDER BY key) FROM journal WHERE ledger_date = DAY",
        "SELECT key FROM journal WHERE ledger_date = DAY AND key ~ 'x'",
        "SELECT amount_cents & 1 FROM journal WHERE ledger_date = DAY",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_parquet('x') WHERE ledger_date = DAY",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM x.journal WHERE ledger_date = DAY",
        "SELECT * FROM nothing",
        "WITH journal AS (SELECT 1 AS one) SELECT * FROM journal",
        "WITH v_ach_entries AS (SELECT 1 AS one) SELECT * FROM v_ach_entries",
        "SELECT trace FROM v_ach_entries",
        "SELECT trace FROM v_ach_entries WHERE trace = 1",
        "WITH RECURSIVE a AS (SELECT 1 UNION ALL SELECT 1 FROM breaks) SELECT * FROM a",
        "SELECT * FROM journal CROSS JOIN breaks WHERE ledger_date = DAY AND recon_date = DAY",
        "SELECT * INTO x FROM journal WHERE ledger_date = DAY",
        "SELECT * FROM journal WHERE ledger_date = DAY FOR UPDATE",
        "SELECT 1; SELECT 2",
        "DROP TABLE journal",
        "DELETE FROM journal WHERE ledger_date = DAY",
        "INSERT INTO journal SELECT * FROM journal WHERE ledger_date = DAY",
        "CREATE TABLE x AS SELECT 1",
        "EXPLAIN SELECT 1",
        "SHOW TABLES",
    ] {
        let failure = lint(&sql.replace("DAY", DAY)).expect_err(sql);
        assert!(
            !failure.remedy.is_empty() && !failure.message.contains('\n'),
            "{failure}"
        );
    }
    let deep = format!("SELECT {}1{}", "(".repeat(5_000), ")".repeat(5_000));
    assert!(lint(&deep).is_err());
    assert!(lint(&"x".repeat(LONGEST + 1)).is_err());
    // What nests without parentheses, each at the left of the next.
    for (first, next) in [("1", "+1"), ("1", " OR 1"), ("1", " UNION ALL SELECT 1")] {
        let chain = format!("SELECT {first}{}", next.repeat(4_000));
        let refused = lint(&chain).expect_err(next);
        assert!(refused.message.contains("operators"), "{refused}");
    }
}
