-- The shards of the events, each with what it and those beside it (of the same users, of all tables) take; nothing where a machine does not say.
with ours as (
    select s.shardid, s.logicalrelid, s.shardminvalue::int as low, s.shardmaxvalue::int as high
    from pg_dist_shard s
    join pg_dist_partition t using (logicalrelid)
    where t.colocationid = (select colocationid from pg_dist_partition where logicalrelid = 'cairn.events'::regclass)
),
sizes as (select shard_id, max(size) as bytes from citus_shard_sizes() group by 1)
select
    max(o.shardid) filter (where o.logicalrelid = 'cairn.events'::regclass), o.low, o.high, n.nodeid,
    case when bool_and(z.bytes is not null) then sum(z.bytes)::bigint end
from ours o
join pg_dist_placement p on p.shardid = o.shardid and p.shardstate = 1
join pg_dist_node n on n.groupid = p.groupid and n.noderole = 'primary'
left join sizes z on z.shard_id = o.shardid
group by 2, 3, 4
order by 2
