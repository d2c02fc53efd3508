-- Pageviews and their users by country, users grouped first: so both processes take part.
SELECT (SELECT word FROM countries WHERE id = country), sum(n), count(*)
FROM (SELECT country, user_no, count(*) AS n FROM events WHERE type = $pageview GROUP BY country, user_no) AS groups
GROUP BY country
