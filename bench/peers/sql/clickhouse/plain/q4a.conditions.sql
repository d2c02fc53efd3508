-- Users that reached each step of a funnel of three selective definitions, in one pass.
SELECT countIf(level >= 1), countIf(level >= 2), countIf(level >= 3)
FROM (
    SELECT windowFunnel($window_ms)(time, $step1, $step2, $step3) AS level
    FROM $events
    WHERE ($step1) OR ($step2) OR ($step3)
    GROUP BY user_id
)
