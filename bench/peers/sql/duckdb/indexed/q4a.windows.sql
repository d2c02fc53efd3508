-- Users that reached each step of a funnel, from a table of its steps alone.
WITH
    starts AS (
        SELECT *, max(CASE WHEN step = 1 THEN time END)
            OVER (PARTITION BY user_no ORDER BY time ROWS UNBOUNDED PRECEDING) AS first
        FROM made_q4a
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
