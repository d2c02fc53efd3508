-- The next offset of each partition.
select partition, next_offset from cairn.positions order by partition
