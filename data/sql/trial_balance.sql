-- question: What does each account stand at?
-- parameters: as_of
-- definition: The balances of all keys of an account at the end of the day. Debits are positive; the balances of all accounts sum to zero.
SELECT account,
  SUM(CASE WHEN balance_cents > 0 THEN balance_cents ELSE 0 END) AS debit_cents,
  SUM(CASE WHEN balance_cents < 0 THEN 0 - balance_cents ELSE 0 END) AS credit_cents,
  SUM(balance_cents) AS balance_cents
FROM balances
WHERE ledger_date = DATE '{as_of}'
GROUP BY account
ORDER BY account
