select citus_move_shard_placement($1, $2::int, $3::int, 'force_logical')
