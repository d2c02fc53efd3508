-- Weekly retention from pageview to pageview: a user's weeks as bits.
SELECT cohort, period, count()
FROM (
    SELECT
        intDiv(first - $from_ms, $week_ms) AS cohort,
        arrayJoin(arrayConcat(
            [-1],
            if(second > 0 AND intDiv(second - $from_ms, $week_ms) = cohort, [0], []),
            arrayFilter(k -> bitTest(weeks, cohort + k), range(1, $periods))
        )) AS period
    FROM (
        SELECT
            groupArraySorted(2)(time) AS firsts,
            firsts[1] AS first,
            firsts[2] AS second,
            groupBitOr(bitShiftLeft(toUInt32(1), intDiv(day - $first_day, 7))) AS weeks
        FROM $events
        WHERE type = 'pageview'
        GROUP BY user_id
    )
)
GROUP BY cohort, period
