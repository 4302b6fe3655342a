-- question: What do we owe an originator, and why?
-- parameters: originator, from, to
-- definition: The movements of the originator's accounts, available (2010) and held (2020), and of what it owes for returns (1130), by what was posted, between the balance before the first day and the balance of the last. Credits raise what we owe: a change is credits less debits.
SELECT account, 0 AS part, 'closing of the day before' AS posting, 0 AS debit_cents, 0 AS credit_cents,
  0 - SUM(balance_cents) AS change_cents, 0 AS journals
FROM balances
WHERE ledger_date = DATE '{opening}' AND key = '{originator}' AND account IN ('1130', '2010', '2020')
GROUP BY account
UNION ALL
SELECT account, 1 AS part, posting,
  SUM(CASE WHEN side = 'D' THEN amount_cents ELSE 0 END) AS debit_cents,
  SUM(CASE WHEN side = 'C' THEN amount_cents ELSE 0 END) AS credit_cents,
  SUM(CASE WHEN side = 'C' THEN amount_cents ELSE 0 - amount_cents END) AS change_cents,
  COUNT(DISTINCT journal_id) AS journals
FROM journal
WHERE ledger_date >= DATE '{from}' AND ledger_date <= DATE '{to}'
  AND key = '{originator}' AND account IN ('1130', '2010', '2020')
GROUP BY account, posting
UNION ALL
SELECT account, 2 AS part, 'closing' AS posting, 0 AS debit_cents, 0 AS credit_cents,
  0 - SUM(balance_cents) AS change_cents, 0 AS journals
FROM balances
WHERE ledger_date = DATE '{closing}' AND key = '{originator}' AND account IN ('1130', '2010', '2020')
GROUP BY account
ORDER BY account, part, posting
