-- question: Who was paid how much?
-- parameters: from, to, as_of, nec_cents = 200000, k_cents = 2000000, k_count = 200
-- definition: Credits by originator and receiving account, by the day of their cut, with what settled and what came back. The name is empty where it was forgotten. Over: net of at least the first threshold (NEC); net over the second and more payments than the third (K). Thresholds are parameters because they change by year and form; the answer is candidates by account, not forms: tax numbers, exemptions and state thresholds are outside.
WITH steps AS (
  SELECT payment_key, trace,
    SUM(CASE WHEN event = 'settled' THEN 1 WHEN event = 'settlement_undone' THEN -1 ELSE 0 END) AS settled,
    SUM(CASE WHEN event = 'returned' THEN 1 ELSE 0 END) AS returned
  FROM payment_events
  WHERE event_date >= DATE '{from}' AND event_date <= DATE '{as_of}'
    AND event IN ('settled', 'settlement_undone', 'returned')
  GROUP BY payment_key, trace
),
kept AS (
  SELECT cut_date, trace, payment_key, individual_name
  FROM names
  WHERE cut_date >= DATE '{from}' AND cut_date <= DATE '{to}'
),
paid AS (
  SELECT e.originator AS originator, e.account_token AS account_token,
    MIN(e.account_last4) AS last4,
    COALESCE(MIN(NULLIF(COALESCE(k.individual_name, e.individual_name), '')), '') AS name,
    COUNT(*) AS payments,
    SUM(CASE WHEN s.returned > 0 THEN 1 ELSE 0 END) AS returned,
    SUM(CASE WHEN s.settled > 0 THEN e.amount_cents ELSE 0 END) AS paid_cents,
    SUM(CASE WHEN s.settled > 0 AND s.returned > 0 THEN e.amount_cents ELSE 0 END) AS returned_cents
  FROM ach_entries e
  JOIN steps s ON s.payment_key = e.payment_key AND s.trace = e.trace
  LEFT JOIN kept k ON k.cut_date = e.cut_date AND k.trace = e.trace AND k.payment_key = e.payment_key
  WHERE e.cut_date >= DATE '{from}' AND e.cut_date <= DATE '{to}'
    AND e.direction = 'credit' AND e.amount_cents > 0
  GROUP BY e.originator, e.account_token
)
SELECT originator, account_token, last4, name, payments, returned, paid_cents, returned_cents,
  paid_cents - returned_cents AS net_cents,
  CASE WHEN paid_cents - returned_cents >= {nec_cents} THEN 1 ELSE 0 END AS over_nec,
  CASE WHEN paid_cents - returned_cents > {k_cents} AND payments - returned > {k_count} THEN 1 ELSE 0 END AS over_k
FROM paid
ORDER BY originator, account_token
