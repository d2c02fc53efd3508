select citus_split_shard_by_split_points($1, array[$2::int::text], array[$3::int, $4::int], 'force_logical')
