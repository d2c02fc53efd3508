-- The events of a definition by day, of users with an enterprise code.
SELECT (time - $from_ms) // $day_ms AS nth, count(*)
FROM events
WHERE $definition AND user_no IN (SELECT user_no FROM users WHERE enterprise_code IS NOT NULL)
GROUP BY nth
