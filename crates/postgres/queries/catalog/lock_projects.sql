-- Servers that begin at once make one first project.
select pg_advisory_xact_lock(hashtextextended('cairn first project', 0))
