-- The events of a definition by day.
SELECT day - $first_day AS nth, count()
FROM $events
WHERE $definition
GROUP BY nth
