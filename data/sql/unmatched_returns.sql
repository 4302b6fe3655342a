-- question: Which returns belong to no payment, and is somebody on them?
-- parameters: from, as_of
-- definition: Answers of the bank for which no payment was found, with the break that names the answer, where there is one.
WITH open AS (
  SELECT left_id, MIN(break_id) AS break_id, MIN(status) AS status, MAX(age_days) AS days
  FROM breaks
  WHERE recon_date = DATE '{as_of}' AND leg = 'L2' AND left_id IS NOT NULL
  GROUP BY left_id
)
SELECT r.received_date AS received_date, r.kind AS kind, r.code AS code, r.original_trace AS original_trace,
  r.original_rdfi AS original_rdfi, r.company_id AS company_id, r.direction AS direction,
  r.amount_cents AS amount_cents, r.file AS file, r.line AS line,
  o.days AS days, o.break_id AS break_id, o.status AS status
FROM ach_returns r
LEFT JOIN open o ON o.left_id = r.return_id
WHERE r.received_date >= DATE '{from}' AND r.received_date <= DATE '{as_of}' AND r.payment_key IS NULL
ORDER BY received_date, file, line
