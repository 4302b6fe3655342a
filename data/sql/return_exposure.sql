-- question: How much may still be taken back, from whom, and until when?
-- parameters: as_of
-- definition: Debits that settled and have not come back, by originator and day of settlement, while a return as unauthorized may still come; the last day is the one on which such a return may settle.
WITH steps AS (
  SELECT payment_key, trace,
    SUM(CASE WHEN event = 'settled' THEN 1 WHEN event = 'settlement_undone' THEN -1 ELSE 0 END) AS settled,
    SUM(CASE WHEN event = 'returned' THEN 1 ELSE 0 END) AS returned
  FROM payment_events
  WHERE event_date >= DATE '{as_of-100}' AND event_date <= DATE '{as_of}'
    AND event IN ('settled', 'settlement_undone', 'returned')
  GROUP BY payment_key, trace
)
SELECT e.originator AS originator, e.settles_on AS settles_on, COUNT(*) AS entries,
  SUM(e.amount_cents) AS open_cents, MAX(e.last_return_day) AS last_day
FROM ach_entries e
JOIN steps s ON s.payment_key = e.payment_key AND s.trace = e.trace
WHERE e.cut_date >= DATE '{as_of-100}' AND e.cut_date <= DATE '{as_of}'
  AND e.direction = 'debit' AND e.amount_cents > 0
  AND s.settled > 0 AND s.returned = 0 AND e.last_return_day >= DATE '{as_of}'
GROUP BY e.originator, e.settles_on
ORDER BY originator, settles_on
