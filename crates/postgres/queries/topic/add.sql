-- Gives each partition of a topic a number that no log has.
insert into cairn.topic_partitions (topic_id, topic_partition, partition)
select $1, p, nextval(pg_get_serial_sequence('cairn.logs', 'partition'))
from generate_series(0, $2::int - 1) p
order by p
