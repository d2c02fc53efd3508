-- The most frequent pairs of successive paths within sessions: by a window.
SELECT path, next, count() AS n
FROM (
    SELECT
        path,
        leadInFrame(path, 1, '') OVER (
            PARTITION BY user_id, session_id ORDER BY time ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) AS next
    FROM $events
    WHERE type = 'pageview'
)
WHERE next <> ''
GROUP BY path, next
ORDER BY n DESC, path, next
LIMIT $top
