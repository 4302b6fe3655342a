-- question: Is an originator near the limits of the network for returned debits?
-- parameters: as_of
-- definition: Debits with an amount whose cut lies within the 60 days up to the date, and of these the ones returned by then, however late the return came. Unauthorized R05 R07 R10 R11 R29 R51, over 0.5 %; administrative R02 R03 R04, over 3 %; overall any code, over 15 %. Credits and RCK entries never count. A row of all classes is the originator's, as the rules count; the others are its detail. Room: a thousand times the further unauthorized returns up to the limit; below zero it is passed.
WITH back AS (
  SELECT payment_key, original_trace,
    MAX(CASE WHEN code IN ('R05', 'R07', 'R10', 'R11', 'R29', 'R51') THEN 1 ELSE 0 END) AS unauthorized,
    MAX(CASE WHEN code IN ('R02', 'R03', 'R04') THEN 1 ELSE 0 END) AS administrative
  FROM ach_returns
  WHERE received_date >= DATE '{as_of-60}' AND received_date <= DATE '{as_of}'
    AND kind = 'return' AND payment_key IS NOT NULL
  GROUP BY payment_key, original_trace
),
debits AS (
  SELECT e.originator AS originator, e.sec AS sec, COUNT(*) AS debit_entries,
    SUM(COALESCE(b.unauthorized, 0)) AS unauthorized,
    SUM(COALESCE(b.administrative, 0)) AS administrative,
    SUM(CASE WHEN b.unauthorized IS NULL THEN 0 ELSE 1 END) AS overall
  FROM ach_entries e
  LEFT JOIN back b ON b.payment_key = e.payment_key AND b.original_trace = e.trace
  WHERE e.cut_date >= DATE '{as_of-60}' AND e.cut_date <= DATE '{as_of}'
    AND e.direction = 'debit' AND e.amount_cents > 0 AND e.sec <> 'RCK'
  GROUP BY e.originator, e.sec
),
rates AS (
  SELECT originator, sec, debit_entries, unauthorized, administrative, overall FROM debits
  UNION ALL
  SELECT originator, 'all' AS sec, SUM(debit_entries) AS debit_entries,
    SUM(unauthorized) AS unauthorized, SUM(administrative) AS administrative, SUM(overall) AS overall
  FROM debits
  GROUP BY originator
)
SELECT originator, sec, debit_entries, unauthorized, administrative, overall,
  CASE WHEN 1000 * unauthorized > 5 * debit_entries THEN 1 ELSE 0 END AS over_unauthorized,
  CASE WHEN 100 * administrative > 3 * debit_entries THEN 1 ELSE 0 END AS over_administrative,
  CASE WHEN 100 * overall > 15 * debit_entries THEN 1 ELSE 0 END AS over_overall,
  5 * debit_entries - 1000 * unauthorized AS unauthorized_room_x1000
FROM rates
ORDER BY originator, sec
