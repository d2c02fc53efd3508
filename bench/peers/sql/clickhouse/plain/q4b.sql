-- Users that reached each step of a funnel of any pageview, click and submit.
SELECT countIf(level >= 1), countIf(level >= 2), countIf(level >= 3)
FROM (
    SELECT windowFunnel($window_ms)(time, type = 'pageview', type = 'click', type = 'submit') AS level
    FROM $events
    WHERE type IN ('pageview', 'click', 'submit')
    GROUP BY user_id
)
