select citus_add_node($1, $2)
