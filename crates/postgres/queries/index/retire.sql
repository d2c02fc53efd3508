-- Gives up indexes that no question has used for so many seconds.
update cairn.definition_indexes set state = 'retired', built_at = null, size_bytes = null
where state in ('wanted', 'valid', 'failed') and used_at < now() - make_interval(secs => $1)
returning name
