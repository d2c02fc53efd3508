-- Pageviews and their users by country, users grouped first.
SELECT country::VARCHAR, sum(n), count(*)
FROM (SELECT country, user_no, count(*) AS n FROM events WHERE type = 'pageview' GROUP BY country, user_no)
GROUP BY country
