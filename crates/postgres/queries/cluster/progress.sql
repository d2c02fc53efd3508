-- How far moves and splits of shards have come, in bytes; of what is done or not begun, too.
select coalesce(sum(least(target_shard_size, source_shard_size)), 0)::bigint, coalesce(sum(source_shard_size), 0)::bigint
from get_rebalance_progress()
