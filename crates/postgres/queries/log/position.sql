-- The next offset of a partition.
select coalesce((select next_offset from cairn.positions where partition = $1), 0)
