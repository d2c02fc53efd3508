-- How many servers share a topic's partitions, and the numbers of those that nobody has.
with held as materialized (
    select classid::bigint as class, objid::bigint as number
    from pg_locks
    where locktype = 'advisory' and objsubid = 2 and granted
        and database = (select oid from pg_database where datname = current_database())
)
select (select count(*) from held where class = hashtext('cairn sharing')::bigint & 4294967295),
    array(
        select t.partition
        from cairn.topic_partitions t
        where t.topic_id = $1 and not exists (
            select from held
            where class = hashtext('cairn partition')::bigint & 4294967295 and number = t.partition)
        order by t.topic_partition)
