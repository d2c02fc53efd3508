-- The events of a definition by day, from a table of its events alone.
SELECT day - $first_day AS nth, count() FROM $made GROUP BY nth
