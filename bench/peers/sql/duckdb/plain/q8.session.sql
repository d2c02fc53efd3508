-- The most frequent pairs of successive paths within sessions.
SELECT path::VARCHAR AS first, next::VARCHAR AS second, count(*) AS n
FROM (
    SELECT path, lead(path) OVER (PARTITION BY user_no, session_id ORDER BY time) AS next
    FROM events
    WHERE type = 'pageview'
)
WHERE next IS NOT NULL
GROUP BY path, next
ORDER BY n DESC, first, second
LIMIT $top
