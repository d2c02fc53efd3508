-- Weekly retention from pageview to pageview: a user's weeks counted first.
WITH
    weeks AS (
        SELECT user_no, (time - $from_ms) // $week_ms AS week, count(*) AS n
        FROM events
        WHERE type = 'pageview'
        GROUP BY user_no, week
    ),
    cohorts AS (SELECT user_no, min(week) AS cohort FROM weeks GROUP BY user_no)
SELECT cohort, -1, count(*) FROM cohorts GROUP BY cohort
UNION ALL
SELECT cohort, week - cohort AS period, count(*)
FROM weeks JOIN cohorts USING (user_no)
WHERE period < $periods AND (period > 0 OR n > 1)
GROUP BY cohort, period
