-- question: What did payments cost, what would the card processor have taken, and what was saved?
-- parameters: from, to
-- definition: Costs in millionths of a dollar, by the month on which payments are counted. A return or a change is a row of its own, with no amount. Bank: the shares of the fees for file, batch and entry. Baseline: what the card processor of the price list would take. More than one price list: prices changed inside the month.
SELECT SUBSTR(CAST(savings_date AS VARCHAR), 1, 7) AS month,
  direction, sec, "window",
  COUNT(*) AS payments, SUM(amount_cents) AS amount_cents,
  SUM(bank_file_micros + bank_batch_micros + bank_item_micros) AS bank_micros,
  SUM(same_day_micros) AS same_day_micros, SUM(return_micros) AS return_micros,
  SUM(aws_micros) AS aws_micros, SUM(total_micros) AS total_micros,
  SUM(baseline_micros) AS baseline_micros, SUM(saved_micros) AS saved_micros,
  MIN(price_list) AS price_list, COUNT(DISTINCT price_list) AS price_lists
FROM savings
WHERE savings_date >= DATE '{from}' AND savings_date <= DATE '{to}'
GROUP BY SUBSTR(CAST(savings_date AS VARCHAR), 1, 7), direction, sec, "window"
ORDER BY month, direction, sec, "window"
