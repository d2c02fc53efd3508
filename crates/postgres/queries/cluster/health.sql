-- Which machines the coordinator reaches.
select n.nodeid, bool_and(h.result)
from citus_check_cluster_node_health() h
join pg_dist_node n on n.nodename::text = h.to_nodename and n.nodeport = h.to_nodeport
group by 1
