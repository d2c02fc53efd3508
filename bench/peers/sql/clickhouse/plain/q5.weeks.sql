-- Weekly retention from pageview to pageview: a user's weeks counted first.
SELECT cohort, period, count()
FROM (
    SELECT
        min(week) AS cohort,
        arrayJoin(arrayConcat(
            [-1],
            if(argMin(n, week) > 1, [0], []),
            arrayFilter(k -> k BETWEEN 1 AND $periods - 1, arrayMap(w -> toInt64(w) - cohort, groupArray(week)))
        )) AS period
    FROM (
        SELECT user_id, intDiv(day - $first_day, 7) AS week, count() AS n
        FROM $events
        WHERE type = 'pageview'
        GROUP BY user_id, week
    )
    GROUP BY user_id
)
GROUP BY cohort, period
