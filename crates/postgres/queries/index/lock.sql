-- Whether this connection is the one that builds indexes of events. Nobody waits for it: who waits within a statement has a snapshot,
-- and a concurrent build waits for all of those.
select pg_try_advisory_lock(hashtextextended('cairn index keeper', 0))
