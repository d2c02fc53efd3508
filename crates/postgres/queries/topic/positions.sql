-- The next offset of each partition of a topic.
select coalesce(p.next_offset, 0)
from cairn.topic_partitions t
left join cairn.positions p using (partition)
where t.topic_id = $1
order by t.topic_partition
