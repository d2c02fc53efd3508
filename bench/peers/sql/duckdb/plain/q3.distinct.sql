-- Pageviews and their users by country.
SELECT country::VARCHAR, count(*), count(DISTINCT user_no)
FROM events
WHERE type = 'pageview'
GROUP BY country
