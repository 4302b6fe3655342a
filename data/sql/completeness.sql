-- question: Is anything missing between what was claimed, sent and settled?
-- parameters: from, to
-- definition: Per day: payments that a cut claimed and their cents; of these, how many have no entry under that payment on that day; and payments that settled although no allocation names their batch. Both last figures are zero, or something is missing.
WITH claimed AS (
  SELECT event_date, payment_key, amount_cents
  FROM payment_events
  WHERE event_date >= DATE '{from}' AND event_date <= DATE '{to}' AND event = 'claimed'
),
sent AS (
  SELECT cut_date, payment_key
  FROM ach_entries
  WHERE cut_date >= DATE '{from}' AND cut_date <= DATE '{to}'
  GROUP BY cut_date, payment_key
),
claims AS (
  SELECT c.event_date AS on_date, COUNT(*) AS claimed, SUM(c.amount_cents) AS claimed_cents,
    SUM(CASE WHEN s.payment_key IS NULL THEN 1 ELSE 0 END) AS without_entry
  FROM claimed c
  LEFT JOIN sent s ON s.cut_date = c.event_date AND s.payment_key = c.payment_key
  GROUP BY c.event_date
),
named AS (
  SELECT batch, direction
  FROM (
    SELECT SUBSTR(item_id, 1, 14) AS batch, SUBSTR(item_id, 16) AS direction
    FROM allocations
    WHERE allocation_date >= DATE '{from-100}' AND allocation_date <= DATE '{to}' AND item = 'expectation'
  ) AS sides
  GROUP BY batch, direction
),
settled AS (
  SELECT event_date, batch, direction
  FROM payment_events
  WHERE event_date >= DATE '{from}' AND event_date <= DATE '{to}' AND event = 'settled'
),
settles AS (
  SELECT p.event_date AS on_date, SUM(CASE WHEN n.batch IS NULL THEN 1 ELSE 0 END) AS settled_without_line
  FROM settled p
  LEFT JOIN named n ON n.batch = p.batch AND n.direction = p.direction
  GROUP BY p.event_date
),
days AS (
  SELECT on_date, claimed, claimed_cents, without_entry, 0 AS settled_without_line FROM claims
  UNION ALL
  SELECT on_date, 0 AS claimed, 0 AS claimed_cents, 0 AS without_entry, settled_without_line FROM settles
)
SELECT on_date, SUM(claimed) AS claimed, SUM(claimed_cents) AS claimed_cents,
  SUM(without_entry) AS without_entry, SUM(settled_without_line) AS settled_without_line
FROM days
GROUP BY on_date
ORDER BY on_date
