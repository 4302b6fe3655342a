-- question: How many breaks were found, and what became of them?
-- parameters: from, to
-- definition: Breaks by the month in which a run first found them, as the last run that tells of each has it. A break that cleared by itself says by what in its explanation. Gross is the sum of the absolute amounts of what was found.
WITH last AS (
  SELECT break_id, MAX(recon_date) AS told
  FROM breaks
  WHERE recon_date >= DATE '{from}' AND recon_date <= DATE '{to}'
    AND first_seen >= DATE '{from}' AND first_seen <= DATE '{to}'
  GROUP BY break_id
)
SELECT SUBSTR(CAST(b.first_seen AS VARCHAR), 1, 7) AS month, b.kind AS kind,
  COUNT(*) AS found,
  SUM(CASE WHEN b.status = 'AUTO_CLEARED' THEN 1 ELSE 0 END) AS auto_cleared,
  SUM(CASE WHEN b.status = 'RESOLVED' THEN 1 ELSE 0 END) AS resolved,
  SUM(CASE WHEN b.status IN ('AUTO_CLEARED', 'RESOLVED') THEN 0 ELSE 1 END) AS still_open,
  SUM(CASE WHEN b.amount_cents < 0 THEN 0 - b.amount_cents ELSE b.amount_cents END) AS gross_cents,
  MAX(CASE WHEN b.status IN ('AUTO_CLEARED', 'RESOLVED') THEN 0 ELSE b.age_days END) AS oldest_days
FROM breaks b
JOIN last l ON l.break_id = b.break_id AND l.told = b.recon_date
WHERE b.recon_date >= DATE '{from}' AND b.recon_date <= DATE '{to}'
GROUP BY SUBSTR(CAST(b.first_seen AS VARCHAR), 1, 7), b.kind
ORDER BY month, kind
