-- Average, exact median and p90 (nearest rank), and sum of a number by week.
SELECT
    (time - $from_ms) / $week_ms AS week,
    avg(amount),
    percentile_disc(0.5) WITHIN GROUP (ORDER BY amount),
    percentile_disc(0.9) WITHIN GROUP (ORDER BY amount),
    sum(amount)
FROM events
WHERE amount IS NOT NULL
GROUP BY week
