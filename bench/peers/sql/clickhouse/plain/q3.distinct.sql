-- Pageviews and their users by country.
SELECT country, count(), uniqExact(user_id)
FROM $events
WHERE type = 'pageview'
GROUP BY country
