-- The job's number; nothing, or 0, where every machine has its share.
select coalesce(citus_rebalance_start(shard_transfer_mode := 'force_logical'), 0)
