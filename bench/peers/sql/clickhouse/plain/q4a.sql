-- Users that reached each step of a funnel of three selective definitions.
SELECT countIf(level >= 1), countIf(level >= 2), countIf(level >= 3)
FROM (
    SELECT windowFunnel($window_ms)(time, step = 1, step = 2, step = 3) AS level
    FROM (
        SELECT user_id, time, 1 AS step FROM $events WHERE $step1
        UNION ALL SELECT user_id, time, 2 FROM $events WHERE $step2
        UNION ALL SELECT user_id, time, 3 FROM $events WHERE $step3
    )
    GROUP BY user_id
)
