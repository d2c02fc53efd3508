-- Lets others build.
select pg_advisory_unlock(hashtextextended('cairn index keeper', 0))
