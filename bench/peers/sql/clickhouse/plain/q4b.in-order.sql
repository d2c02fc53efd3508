-- Users that reached each step of a funnel of any pageview, click and submit, users in the table's order.
SELECT countIf(level >= 1), countIf(level >= 2), countIf(level >= 3)
FROM (
    SELECT windowFunnel($window_ms)(time, type = 'pageview', type = 'click', type = 'submit') AS level
    FROM events
    GROUP BY user_id
)
SETTINGS optimize_aggregation_in_order = 1
