-- Makes this session the one that applies a partition. False if another one does.
select pg_try_advisory_lock(hashtext('cairn partition'), $1)
