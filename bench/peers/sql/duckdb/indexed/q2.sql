-- The events of a definition by day, of users with an enterprise code, from a table of its events alone.
SELECT (time - $from_ms) // $day_ms AS nth, count(*)
FROM made_q1 JOIN users USING (user_no)
WHERE enterprise_code IS NOT NULL
GROUP BY nth
