-- Users that reached each step of a funnel, from a table of its steps alone.
SELECT countIf(level >= 1), countIf(level >= 2), countIf(level >= 3)
FROM (
    SELECT windowFunnel($window_ms)(time, step = 1, step = 2, step = 3) AS level FROM made_q4a GROUP BY user_id
)
