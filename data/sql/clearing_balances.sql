-- question: What explains the balance of each clearing and suspense account, and how old is it?
-- parameters: as_of
-- definition: Every balance under every key of accounts 1110, 1150, 1900, 2110, 2120, 2130 and 2900 at the end of the day, with the calendar days since it last was zero. A break is named where one has the same key; several are counted, and the first by name stands for them.
WITH why AS (
  SELECT key, COUNT(*) AS breaks, MIN(kind) AS break_kind, MIN(break_id) AS break_id
  FROM breaks
  WHERE recon_date = DATE '{as_of}' AND status NOT IN ('AUTO_CLEARED', 'RESOLVED')
  GROUP BY key
)
SELECT b.account AS account, b.key AS key, b.balance_cents AS balance_cents, b.since AS since,
  b.age_days AS days, COALESCE(w.breaks, 0) AS breaks, w.break_kind AS break_kind, w.break_id AS break_id
FROM balances b
LEFT JOIN why w ON w.key = b.key
WHERE b.ledger_date = DATE '{as_of}' AND b.balance_cents <> 0
  AND b.account IN ('1110', '1150', '1900', '2110', '2120', '2130', '2900')
ORDER BY account, key
