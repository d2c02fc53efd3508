-- Pageviews and their users by country, users grouped first.
SELECT country, sum(n), count()
FROM (SELECT country, user_id, count() AS n FROM $events WHERE type = 'pageview' GROUP BY country, user_id)
GROUP BY country
