-- question: What settled on each day, what came back, and what is still waited for?
-- parameters: from, to, as_of
-- definition: Entries by the day on which they should settle. Settled: a line of the bank was allocated to the entry's batch and not taken back; a date that has passed settles nothing. Waiting: sent, and neither settled nor returned nor rejected.
WITH steps AS (
  SELECT payment_key, trace,
    SUM(CASE WHEN event = 'settled' THEN 1 WHEN event = 'settlement_undone' THEN -1 ELSE 0 END) AS settled,
    SUM(CASE WHEN event = 'returned' THEN 1 ELSE 0 END) AS returned,
    SUM(CASE WHEN event = 'rejected' THEN 1 ELSE 0 END) AS rejected
  FROM payment_events
  WHERE event_date >= DATE '{from-30}' AND event_date <= DATE '{as_of}'
    AND event IN ('settled', 'settlement_undone', 'returned', 'rejected')
  GROUP BY payment_key, trace
)
SELECT e.settles_on AS settles_on, e.direction AS direction,
  COUNT(*) AS entries,
  SUM(e.amount_cents) AS amount_cents,
  SUM(CASE WHEN COALESCE(s.settled, 0) > 0 THEN 1 ELSE 0 END) AS settled_entries,
  SUM(CASE WHEN COALESCE(s.settled, 0) > 0 THEN e.amount_cents ELSE 0 END) AS settled_cents,
  SUM(CASE WHEN COALESCE(s.returned, 0) > 0 THEN 1 ELSE 0 END) AS returned_entries,
  SUM(CASE WHEN COALESCE(s.returned, 0) > 0 THEN e.amount_cents ELSE 0 END) AS returned_cents,
  SUM(CASE WHEN COALESCE(s.settled, 0) > 0 OR COALESCE(s.returned, 0) > 0 OR COALESCE(s.rejected, 0) > 0
    THEN 0 ELSE e.amount_cents END) AS waiting_cents
FROM ach_entries e
LEFT JOIN steps s ON s.payment_key = e.payment_key AND s.trace = e.trace
WHERE e.cut_date >= DATE '{from-30}' AND e.cut_date <= DATE '{to}'
  AND e.settles_on >= DATE '{from}' AND e.settles_on <= DATE '{to}'
GROUP BY e.settles_on, e.direction
ORDER BY settles_on, direction
