-- Users that reached each step of a funnel of three selective definitions: the latest start that each event can
-- continue.
WITH
    steps AS (
        SELECT user_no, time, 1 AS step FROM events WHERE $step1
        UNION ALL SELECT user_no, time, 2 FROM events WHERE $step2
        UNION ALL SELECT user_no, time, 3 FROM events WHERE $step3
    ),
    starts AS (
        SELECT *, max(CASE WHEN step = 1 THEN time END)
            OVER (PARTITION BY user_no ORDER BY time ROWS UNBOUNDED PRECEDING) AS first
        FROM steps
    ),
    seconds AS (
        SELECT *, max(CASE WHEN step = 2 AND time - first <= $window_ms THEN first END)
            OVER (PARTITION BY user_no ORDER BY time ROWS UNBOUNDED PRECEDING) AS second
        FROM starts
    )
SELECT
    count(DISTINCT user_no) FILTER (WHERE step = 1),
    count(DISTINCT user_no) FILTER (WHERE step = 2 AND time - first <= $window_ms),
    count(DISTINCT user_no) FILTER (WHERE step = 3 AND time - second <= $window_ms)
FROM seconds
