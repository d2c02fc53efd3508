-- This session counts as a server that shares a topic's partitions, until it ends.
select pg_advisory_lock_shared(hashtext('cairn sharing'), 0)
