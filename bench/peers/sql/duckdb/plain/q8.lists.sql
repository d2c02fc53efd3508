-- The most frequent pairs of successive paths within sessions: a session's paths as a list.
WITH
    sessions AS (
        SELECT list(path ORDER BY time) AS paths FROM events WHERE type = 'pageview' GROUP BY user_no, session_id
    ),
    pairs AS (SELECT unnest(paths[:-2]) AS path, unnest(paths[2:]) AS next FROM sessions WHERE len(paths) > 1)
SELECT path::VARCHAR AS first, next::VARCHAR AS second, count(*) AS n
FROM pairs
GROUP BY path, next
ORDER BY n DESC, first, second
LIMIT $top
