-- The events of a definition by day, of users with an enterprise code.
SELECT (time - $from_ms) / $day_ms AS nth, count(*)
FROM events JOIN users USING (user_no)
WHERE $definition AND enterprise_code IS NOT NULL
GROUP BY nth
