-- Weekly retention from pageview to pageview: a user's weeks as bits.
WITH
    users AS (
        SELECT
            (min(time) - $from_ms) // $week_ms AS cohort,
            (min(time, 2)[2] - $from_ms) // $week_ms AS second,
            bit_or(1 << ((time - $from_ms) // $week_ms)::INTEGER) AS weeks
        FROM events
        WHERE type = 'pageview'
        GROUP BY user_no
    )
SELECT cohort, period, count(*)
FROM users, range(-1, $periods) AS periods(period)
WHERE CASE period WHEN -1 THEN true WHEN 0 THEN second = cohort ELSE (weeks >> (cohort + period)::INTEGER) & 1 = 1 END
GROUP BY cohort, period
