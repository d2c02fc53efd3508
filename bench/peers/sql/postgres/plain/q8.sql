-- The most frequent pairs of successive paths within sessions. Words are numbered in the order of their bytes.
SELECT $first_word, $next_word, n
FROM (
    SELECT path, next, count(*) AS n
    FROM (
        SELECT path, lead(path) OVER (PARTITION BY user_no, session_id ORDER BY time) AS next
        FROM events
        WHERE type = $pageview
    ) AS followed
    WHERE next IS NOT NULL
    GROUP BY path, next
    ORDER BY n DESC, path, next
    LIMIT $top
) AS pairs
