-- question: What does the bank charge, and is its bill right?
-- parameters: from, to
-- definition: Computed: the bank's fees of every payment and return from the price list, in millionths of a dollar. Accrued: what the books took of it, on account 2130. Billed: what the bank took for it. By the month of the books. What is billed in a month may be of the month before.
WITH computed AS (
  SELECT SUBSTR(CAST(savings_date AS VARCHAR), 1, 7) AS month,
    SUM(bank_file_micros + bank_batch_micros + bank_item_micros + same_day_micros + return_micros) AS computed_micros
  FROM savings
  WHERE savings_date >= DATE '{from}' AND savings_date <= DATE '{to}'
  GROUP BY SUBSTR(CAST(savings_date AS VARCHAR), 1, 7)
),
booked AS (
  SELECT SUBSTR(CAST(ledger_date AS VARCHAR), 1, 7) AS month,
    SUM(CASE WHEN side = 'C' THEN amount_cents ELSE 0 END) AS accrued_cents,
    SUM(CASE WHEN side = 'D' THEN amount_cents ELSE 0 END) AS billed_cents
  FROM journal
  WHERE ledger_date >= DATE '{from}' AND ledger_date <= DATE '{to}' AND account = '2130'
  GROUP BY SUBSTR(CAST(ledger_date AS VARCHAR), 1, 7)
)
SELECT c.month AS month, c.computed_micros AS computed_micros,
  COALESCE(b.accrued_cents, 0) AS accrued_cents, COALESCE(b.billed_cents, 0) AS billed_cents,
  COALESCE(b.billed_cents, 0) - COALESCE(b.accrued_cents, 0) AS billed_less_accrued_cents
FROM computed c
LEFT JOIN booked b ON b.month = c.month
ORDER BY month
