-- Average, exact median and p90 (nearest rank), and sum of a number by week.
SELECT
    (time - $from_ms) // $week_ms AS week,
    avg(amount),
    quantile_disc(amount, 0.5),
    quantile_disc(amount, 0.9),
    sum(amount)
FROM events
WHERE amount IS NOT NULL
GROUP BY week
