-- Users that reached each step of a funnel of any pageview, click and submit: each event joined with the last before.
WITH
    views AS (SELECT user_no, time FROM events WHERE type = 'pageview'),
    clicks AS (SELECT user_no, time FROM events WHERE type = 'click'),
    submits AS (SELECT user_no, time FROM events WHERE type = 'submit'),
    clicked AS (
        SELECT clicks.user_no, clicks.time, views.time AS start
        FROM clicks ASOF JOIN views ON clicks.user_no = views.user_no AND clicks.time > views.time
        WHERE clicks.time - views.time <= $window_ms
    ),
    submitted AS (
        SELECT submits.user_no
        FROM submits ASOF JOIN clicked ON submits.user_no = clicked.user_no AND submits.time > clicked.time
        WHERE submits.time - clicked.start <= $window_ms
    )
SELECT
    (SELECT count(DISTINCT user_no) FROM views),
    (SELECT count(DISTINCT user_no) FROM clicked),
    (SELECT count(DISTINCT user_no) FROM submitted)
