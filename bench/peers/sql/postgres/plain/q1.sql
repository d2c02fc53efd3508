-- The events of a definition by day.
SELECT (time - $from_ms) / $day_ms AS nth, count(*)
FROM events
WHERE $definition
GROUP BY nth
