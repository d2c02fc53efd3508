-- The events of a definition by day, from a table of its events alone.
SELECT (time - $from_ms) // $day_ms AS nth, count(*) FROM $made GROUP BY nth
