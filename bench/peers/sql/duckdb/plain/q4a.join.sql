-- Users that reached each step of a funnel of three selective definitions, in one pass with elements joined.
WITH
    steps AS (
        SELECT user_no, time, CASE WHEN $joined_step1 THEN 1 WHEN $joined_step2 THEN 2 ELSE 3 END AS step
        FROM events JOIN elements ON elements.id = events.element
        WHERE ($joined_step1) OR ($joined_step2) OR ($joined_step3)
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
