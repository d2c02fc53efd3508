-- Notes that what has just come was covered, if it was.
select cairn.cover_late($1, $2, $3, $4)
