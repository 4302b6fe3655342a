-- question: Why do payments come back?
-- parameters: from, to
-- definition: Returns, changes, dishonored and contested returns by the month in which they came. Late: after the window of its code. Unmatched: no payment was found for it.
SELECT SUBSTR(CAST(received_date AS VARCHAR), 1, 7) AS month,
  kind, code, direction, COUNT(*) AS returns, SUM(amount_cents) AS amount_cents,
  SUM(CASE WHEN late THEN 1 ELSE 0 END) AS late,
  SUM(CASE WHEN payment_key IS NULL THEN 1 ELSE 0 END) AS unmatched
FROM ach_returns
WHERE received_date >= DATE '{from}' AND received_date <= DATE '{to}'
GROUP BY SUBSTR(CAST(received_date AS VARCHAR), 1, 7), kind, code, direction
ORDER BY month, kind, code, direction
