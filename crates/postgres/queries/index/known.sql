-- The definitions of a project, whether each has a valid index, its share of all events, how many events it holds (below 0 where that
-- is not known), and whether its use is to be noted again.
select d.name, d.parts, i.indexrelid is not null, (greatest(c.reltuples, 0) / greatest(t.reltuples, 1))::float8,
    (case when t.reltuples > 0 then c.reltuples else -1 end)::float8,
    d.used_at < now() - interval '1 hour'
from cairn.definition_indexes d
join pg_class t on t.oid = 'cairn.events'::regclass
left join pg_class c on c.relname = d.name::name and c.relnamespace = t.relnamespace
left join pg_index i on i.indexrelid = c.oid and i.indrelid = t.oid and i.indisvalid
where d.customer_id = $1 and d.defined
