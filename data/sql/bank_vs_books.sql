-- question: Does cash in the books equal cash at the bank?
-- parameters: as_of
-- definition: The last closing balance that the bank has stated by the date, and account 1010 at its end. Outstanding: what has been sent and not settled, in (1110) and out (2110). The difference is what the books have and the bank's last statement has not yet; where the bank has stated the day itself it is zero, or a break.
WITH statements AS (
  SELECT account, statement_date, MAX(COALESCE(nth, 0)) AS nth
  FROM bank_balances
  WHERE statement_date >= DATE '{as_of-40}' AND statement_date <= DATE '{as_of}'
  GROUP BY account, statement_date
),
newest AS (
  SELECT account, MAX(statement_date) AS statement_date
  FROM statements
  GROUP BY account
),
bank AS (
  SELECT 1 AS one, b.account AS account, b.statement_date AS statement_date, b.closing_cents AS closing_cents
  FROM bank_balances b
  JOIN newest n ON n.account = b.account AND n.statement_date = b.statement_date
  JOIN statements s ON s.account = b.account AND s.statement_date = b.statement_date
  WHERE b.statement_date >= DATE '{as_of-40}' AND b.statement_date <= DATE '{as_of}'
    AND s.nth = COALESCE(b.nth, 0)
),
books AS (
  SELECT 1 AS one, SUM(CASE WHEN account = '1010' THEN balance_cents ELSE 0 END) AS cash,
    SUM(CASE WHEN account = '1110' THEN balance_cents ELSE 0 END) AS outstanding_in,
    SUM(CASE WHEN account = '2110' THEN 0 - balance_cents ELSE 0 END) AS outstanding_out
  FROM balances
  WHERE ledger_date = DATE '{as_of}'
)
SELECT k.account AS account_last4, k.statement_date AS statement_date, k.closing_cents AS bank_closing_cents,
  o.cash AS books_1010_cents, o.outstanding_in AS outstanding_in, o.outstanding_out AS outstanding_out,
  o.cash - k.closing_cents AS difference_cents
FROM bank k
JOIN books o ON o.one = k.one
ORDER BY account_last4
