-- question: Did every job of every day add up?
-- parameters: from, to
-- definition: One line of each job's tally. Recomputed: whether records and cents in are records and cents out, from the figures themselves and not from what the job says of them.
SELECT run_date, job, part, records_in, records_out, amount_in_cents, amount_out_cents,
  CASE WHEN tied_out THEN 1 ELSE 0 END AS tied_out,
  CASE WHEN records_in = records_out AND amount_in_cents = amount_out_cents THEN 1 ELSE 0 END AS recomputed,
  detail
FROM job_runs
WHERE run_date >= DATE '{from}' AND run_date <= DATE '{to}'
ORDER BY run_date, job, part
