-- Indexes to be dropped: of no definition, given up, or left by a build that failed.
select c.relname::text
from pg_index i join pg_class c on c.oid = i.indexrelid
left join cairn.definition_indexes d on d.name = c.relname::text and d.defined and d.state = 'valid' and i.indisvalid
where i.indrelid = 'cairn.events'::regclass and starts_with(c.relname::text, 'cairn_def_') and d.name is null
order by 1
