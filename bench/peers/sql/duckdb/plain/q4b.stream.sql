-- Users that reached each step of a funnel of any pageview, click and submit: running maxima over the table's own
-- order, of a key that grows with user and time.
WITH
    keys AS (
        SELECT user_no, type, (user_no::BIGINT << 34) + (time - $from_ms) AS key
        FROM events
        WHERE type IN ('pageview', 'click', 'submit')
    ),
    starts AS (
        SELECT *, max(CASE WHEN type = 'pageview' THEN key END) OVER (ROWS UNBOUNDED PRECEDING) AS first FROM keys
    ),
    seconds AS (
        SELECT *, max(CASE WHEN type = 'click' AND key - first <= $window_ms THEN first END)
            OVER (ROWS UNBOUNDED PRECEDING) AS second
        FROM starts
    ),
    levels AS (
        SELECT max(CASE
            WHEN type = 'pageview' THEN 1
            WHEN type = 'click' AND key - first <= $window_ms THEN 2
            WHEN type = 'submit' AND key - second <= $window_ms THEN 3
        END) AS level
        FROM seconds
        GROUP BY user_no
    )
SELECT count(*) FILTER (WHERE level >= 1), count(*) FILTER (WHERE level >= 2), count(*) FILTER (WHERE level >= 3)
FROM levels
