-- The machines, the coordinator first, each with the number of its shards of the events.
select n.nodeid, n.groupid = 0, n.nodename::text, n.nodeport, n.isactive, n.shouldhaveshards, count(s.shardid)
from pg_dist_node n
left join pg_dist_placement p on p.groupid = n.groupid
left join pg_dist_shard s on s.shardid = p.shardid and s.logicalrelid = 'cairn.events'::regclass
where n.noderole = 'primary'
group by 1, 2, 3, 4, 5, 6
order by 2 desc, 3, 4
