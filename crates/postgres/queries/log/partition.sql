-- The partition of a log.
select partition from cairn.logs where log_id = $1
