-- The events of a definition by day, of users with an enterprise code, elements and users joined.
SELECT (time - $from_ms) // $day_ms AS nth, count(*)
FROM events JOIN elements ON elements.id = events.element JOIN users USING (user_no)
WHERE $joined_definition AND users.enterprise_code IS NOT NULL
GROUP BY nth
