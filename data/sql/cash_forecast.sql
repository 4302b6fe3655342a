-- question: What will come in and go out on the next days?
-- parameters: as_of
-- definition: Entries in transit: sent, and neither settled nor returned nor rejected by the date. Payments that no cut has taken yet are in no table and not here. In: debits, which bring money; out: credits. Overdue: the day on which they should have settled has passed; they are in breaks MISSING_AT_BANK or inside the bank's tolerance. Cumulative: the net of all days up to this one.
WITH steps AS (
  SELECT payment_key, trace,
    SUM(CASE WHEN event = 'settled' THEN 1 WHEN event = 'settlement_undone' THEN -1 ELSE 0 END) AS settled,
    SUM(CASE WHEN event IN ('returned', 'rejected') THEN 1 ELSE 0 END) AS ended
  FROM payment_events
  WHERE event_date >= DATE '{as_of-90}' AND event_date <= DATE '{as_of}'
    AND event IN ('settled', 'settlement_undone', 'returned', 'rejected')
  GROUP BY payment_key, trace
),
transit AS (
  SELECT 1 AS one, e.settles_on AS settles_on, COUNT(*) AS entries,
    SUM(CASE WHEN e.direction = 'debit' THEN e.amount_cents ELSE 0 END) AS in_cents,
    SUM(CASE WHEN e.direction = 'credit' THEN e.amount_cents ELSE 0 END) AS out_cents
  FROM ach_entries e
  LEFT JOIN steps s ON s.payment_key = e.payment_key AND s.trace = e.trace
  WHERE e.cut_date >= DATE '{as_of-90}' AND e.cut_date <= DATE '{as_of}'
    AND COALESCE(s.settled, 0) <= 0 AND COALESCE(s.ended, 0) = 0
  GROUP BY e.settles_on
)
SELECT a.settles_on AS settles_on, CASE WHEN a.settles_on < DATE '{as_of}' THEN 1 ELSE 0 END AS overdue,
  MAX(a.entries) AS entries, MAX(a.in_cents) AS in_cents, MAX(a.out_cents) AS out_cents,
  MAX(a.in_cents - a.out_cents) AS net_cents,
  SUM(CASE WHEN b.settles_on <= a.settles_on THEN b.in_cents - b.out_cents ELSE 0 END) AS cumulative_cents
FROM transit a
JOIN transit b ON b.one = a.one
GROUP BY a.settles_on
ORDER BY settles_on
