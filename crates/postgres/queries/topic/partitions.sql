-- The numbers of a topic's partitions.
select partition from cairn.topic_partitions where topic_id = $1 order by topic_partition
