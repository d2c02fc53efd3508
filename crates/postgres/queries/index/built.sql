-- An index is there.
update cairn.definition_indexes
set state = 'valid', tries = 0, last_error = null, built_at = now(), size_bytes = pg_relation_size(('cairn.' || $2::text)::regclass)
where customer_id = $1 and name = $2::text
