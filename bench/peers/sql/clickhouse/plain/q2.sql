-- The events of a definition by day, of users with an enterprise code.
SELECT day - $first_day AS nth, count()
FROM $events
WHERE $definition AND user_id IN (SELECT user_id FROM users WHERE enterprise_code <> '')
GROUP BY nth
