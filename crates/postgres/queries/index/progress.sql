-- The definitions of a project and how far their indexes are.
select d.name, d.predicate::text, d.state, d.tries, d.last_error,
    coalesce(pg_relation_size(to_regclass('cairn.' || d.name)), d.size_bytes), p.phase,
    case when p.blocks_total > 0 then p.blocks_done::float8 / p.blocks_total end
from cairn.definition_indexes d
left join (pg_stat_progress_create_index p join pg_class c on c.oid = p.index_relid
    and p.datname = current_database()) on c.relname = d.name::name
where d.customer_id = $1 and d.defined
order by d.made_at, d.name
