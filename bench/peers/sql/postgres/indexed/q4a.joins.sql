-- Users that reached each step of a funnel each step from its covering partial index: by joins.
WITH
    first AS MATERIALIZED (SELECT user_no, time FROM events WHERE $step1),
    second AS MATERIALIZED (
        SELECT user_no, later.time, max(first.time) AS start
        FROM first JOIN (SELECT user_no, time FROM events WHERE $step2) AS later USING (user_no)
        WHERE later.time > first.time AND later.time <= first.time + $window_ms
        GROUP BY user_no, later.time
    ),
    third AS (
        SELECT user_no
        FROM second JOIN (SELECT user_no, time FROM events WHERE $step3) AS later USING (user_no)
        WHERE later.time > second.time AND later.time <= second.start + $window_ms
    )
SELECT
    (SELECT count(DISTINCT user_no) FROM first),
    (SELECT count(DISTINCT user_no) FROM second),
    (SELECT count(DISTINCT user_no) FROM third)
