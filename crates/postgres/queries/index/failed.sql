-- A build failed: it is tried again after so many seconds, or, after so many tries, not.
update cairn.definition_indexes
set tries = tries + 1, last_error = $3, next_try_at = now() + make_interval(secs => $4),
    state = case when tries + 1 < $5 then 'wanted' else 'failed' end
where customer_id = $1 and name = $2
returning state
