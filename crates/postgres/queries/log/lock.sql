-- Makes this session the only one that writes what is in a log. False if another one is.
select pg_try_advisory_lock(hashtextextended('cairn log ' || $1::bigint, 0))
