-- question: What is open, how old is it, and how much is it?
-- parameters: as_of
-- definition: Breaks that somebody has to look at, by the calendar days since the first run that found them. Net is the sum of what they move; gross is the sum of the absolute values, because nets hide.
WITH open AS (
  SELECT kind, leg, amount_cents, first_seen,
    CASE WHEN age_days <= 1 THEN '00-01' WHEN age_days <= 5 THEN '02-05'
      WHEN age_days <= 30 THEN '06-30' WHEN age_days <= 60 THEN '31-60' ELSE '60+' END AS age
  FROM breaks
  WHERE recon_date = DATE '{as_of}' AND status NOT IN ('AUTO_CLEARED', 'RESOLVED')
)
SELECT kind, leg, age, COUNT(*) AS breaks, SUM(amount_cents) AS net_cents,
  SUM(CASE WHEN amount_cents < 0 THEN 0 - amount_cents ELSE amount_cents END) AS gross_cents, MIN(first_seen) AS oldest
FROM open
GROUP BY kind, leg, age
ORDER BY kind, leg, age
