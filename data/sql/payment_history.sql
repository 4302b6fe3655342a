-- question: What happened to one payment, from its first day on?
-- parameters: payment, from = as_of-400, as_of
-- definition: The payment's events, its entries, the answers to it and its costs, in the order of their days and of what they are. Seq: the version after an event; the line in its file of an answer. Ref: the batch, the file, the return.
SELECT event_date AS on_date, 1 AS kind, CAST(version AS BIGINT) AS seq, 'event' AS what, event AS name, detail AS detail,
  amount_cents, trace AS trace, batch AS ref
FROM payment_events
WHERE event_date >= DATE '{from}' AND event_date <= DATE '{as_of}' AND payment_id = '{payment}'
UNION ALL
SELECT cut_date AS on_date, 2 AS kind, CAST(0 AS BIGINT) AS seq, 'entry' AS what, sec AS name, file AS detail,
  amount_cents, trace AS trace, batch AS ref
FROM ach_entries
WHERE cut_date >= DATE '{from}' AND cut_date <= DATE '{as_of}' AND payment_id = '{payment}'
UNION ALL
SELECT received_date AS on_date, 3 AS kind, line AS seq, kind AS what, code AS name, file AS detail,
  amount_cents, original_trace AS trace, return_id AS ref
FROM ach_returns
WHERE received_date >= DATE '{from}' AND received_date <= DATE '{as_of}' AND payment_id = '{payment}'
UNION ALL
SELECT savings_date AS on_date, 4 AS kind, total_micros AS seq, 'cost in millionths' AS what, "window" AS name, price_list AS detail,
  amount_cents, CAST(NULL AS BIGINT) AS trace, CAST(NULL AS VARCHAR) AS ref
FROM savings
WHERE savings_date >= DATE '{from}' AND savings_date <= DATE '{as_of}' AND payment_id = '{payment}'
ORDER BY on_date, kind, seq, name
