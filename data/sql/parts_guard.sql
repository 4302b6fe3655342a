-- question: Does every table hold exactly what the records of the jobs name?
-- parameters: from, to, as_of
-- definition: Rows and cents of each table and day as the parts that records name have them, beside what the engine counts. They differ where a part is missing, was added to, or is read twice; ok is 1 on every line. Cents are the sum of a table's first money column that every row has: bank_line_details has none, and counts as zero. The table names is left out: rows of it may be forgotten, and tieout check proves it.
WITH named AS (
  SELECT table_name, partition_date, COUNT(*) AS parts_named, SUM(row_count) AS rows_named, SUM(amount_cents) AS cents_named
  FROM parts
  WHERE sealed_in >= DATE '{from-40}' AND sealed_in <= DATE '{as_of}'
    AND partition_date >= DATE '{from}' AND partition_date <= DATE '{to}'
    AND table_name <> 'names'
  GROUP BY table_name, partition_date
),
found AS (
  SELECT 'payment_events' AS table_name, event_date AS partition_date, COUNT(*) AS rows_found, SUM(amount_cents) AS cents_found
  FROM payment_events WHERE event_date >= DATE '{from}' AND event_date <= DATE '{to}' GROUP BY event_date
  UNION ALL
  SELECT 'ach_entries' AS table_name, cut_date AS partition_date, COUNT(*) AS rows_found, SUM(amount_cents) AS cents_found
  FROM ach_entries WHERE cut_date >= DATE '{from}' AND cut_date <= DATE '{to}' GROUP BY cut_date
  UNION ALL
  SELECT 'ach_returns' AS table_name, received_date AS partition_date, COUNT(*) AS rows_found, SUM(amount_cents) AS cents_found
  FROM ach_returns WHERE received_date >= DATE '{from}' AND received_date <= DATE '{to}' GROUP BY received_date
  UNION ALL
  SELECT 'bank_lines' AS table_name, statement_date AS partition_date, COUNT(*) AS rows_found, SUM(amount_cents) AS cents_found
  FROM bank_lines WHERE statement_date >= DATE '{from}' AND statement_date <= DATE '{to}' GROUP BY statement_date
  UNION ALL
  SELECT 'bank_line_details' AS table_name, statement_date AS partition_date, COUNT(*) AS rows_found, SUM(0) AS cents_found
  FROM bank_line_details WHERE statement_date >= DATE '{from}' AND statement_date <= DATE '{to}' GROUP BY statement_date
  UNION ALL
  SELECT 'bank_balances' AS table_name, statement_date AS partition_date, COUNT(*) AS rows_found, SUM(opening_cents) AS cents_found
  FROM bank_balances WHERE statement_date >= DATE '{from}' AND statement_date <= DATE '{to}' GROUP BY statement_date
  UNION ALL
  SELECT 'allocations' AS table_name, allocation_date AS partition_date, COUNT(*) AS rows_found, SUM(amount_cents) AS cents_found
  FROM allocations WHERE allocation_date >= DATE '{from}' AND allocation_date <= DATE '{to}' GROUP BY allocation_date
  UNION ALL
  SELECT 'journal' AS table_name, ledger_date AS partition_date, COUNT(*) AS rows_found, SUM(amount_cents) AS cents_found
  FROM journal WHERE ledger_date >= DATE '{from}' AND ledger_date <= DATE '{to}' GROUP BY ledger_date
  UNION ALL
  SELECT 'balances' AS table_name, ledger_date AS partition_date, COUNT(*) AS rows_found, SUM(balance_cents) AS cents_found
  FROM balances WHERE ledger_date >= DATE '{from}' AND ledger_date <= DATE '{to}' GROUP BY ledger_date
  UNION ALL
  SELECT 'matches' AS table_name, recon_date AS partition_date, COUNT(*) AS rows_found, SUM(amount_cents) AS cents_found
  FROM matches WHERE recon_date >= DATE '{from}' AND recon_date <= DATE '{to}' GROUP BY recon_date
  UNION ALL
  SELECT 'breaks' AS table_name, recon_date AS partition_date, COUNT(*) AS rows_found, SUM(amount_cents) AS cents_found
  FROM breaks WHERE recon_date >= DATE '{from}' AND recon_date <= DATE '{to}' GROUP BY recon_date
  UNION ALL
  SELECT 'savings' AS table_name, savings_date AS partition_date, COUNT(*) AS rows_found, SUM(amount_cents) AS cents_found
  FROM savings WHERE savings_date >= DATE '{from}' AND savings_date <= DATE '{to}' GROUP BY savings_date
  UNION ALL
  SELECT 'job_runs' AS table_name, run_date AS partition_date, COUNT(*) AS rows_found, SUM(amount_in_cents) AS cents_found
  FROM job_runs WHERE run_date >= DATE '{from}' AND run_date <= DATE '{to}' GROUP BY run_date
)
SELECT n.table_name AS table_name, n.partition_date AS partition_date, n.parts_named AS parts_named,
  n.rows_named AS rows_named, COALESCE(f.rows_found, 0) AS rows_found,
  n.cents_named AS cents_named, COALESCE(f.cents_found, 0) AS cents_found,
  CASE WHEN n.rows_named = COALESCE(f.rows_found, 0) AND n.cents_named = COALESCE(f.cents_found, 0) THEN 1 ELSE 0 END AS ok
FROM named n
LEFT JOIN found f ON f.table_name = n.table_name AND f.partition_date = n.partition_date
ORDER BY table_name, partition_date
