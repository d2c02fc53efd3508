-- The most frequent pairs of successive paths within sessions: a session's paths as an array.
SELECT pair.1, pair.2, count() AS n
FROM (
    SELECT
        arrayMap(event -> event.2, arraySort(event -> event.1, groupArray((time, path)))) AS paths,
        arrayJoin(arrayZip(arrayPopBack(paths), arrayPopFront(paths))) AS pair
    FROM $events
    WHERE type = 'pageview'
    GROUP BY user_id, session_id
)
GROUP BY pair
ORDER BY n DESC, pair
LIMIT $top
