-- The events of a definition by day, elements joined.
SELECT (time - $from_ms) // $day_ms AS nth, count(*)
FROM events JOIN elements ON elements.id = events.element
WHERE $joined_definition
GROUP BY nth
