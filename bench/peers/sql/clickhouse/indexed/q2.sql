-- The events of a definition by day, of users with an enterprise code, from a table of its events alone.
SELECT day - $first_day AS nth, count()
FROM made_q1
WHERE user_id IN (SELECT user_id FROM users WHERE enterprise_code <> '')
GROUP BY nth
