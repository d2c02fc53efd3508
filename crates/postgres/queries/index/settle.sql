-- Brings what is noted to what is there. Only who may build asks, so nothing is being built: what says so was broken off.
with there as (
    select c.relname::text as name
    from pg_index i join pg_class c on c.oid = i.indexrelid
    where i.indrelid = 'cairn.events'::regclass and starts_with(c.relname::text, 'cairn_def_') and i.indisvalid
)
update cairn.definition_indexes d
set state = case
        when t.name is not null then 'valid'
        when d.state = 'building' and d.tries + 1 >= $1 then 'failed'
        else 'wanted' end,
    tries = d.tries + case when d.state = 'building' and t.name is null then 1 else 0 end,
    last_error = case when d.state = 'building' and t.name is null then 'the build was broken off' else d.last_error end,
    built_at = case when t.name is not null then coalesce(d.built_at, now()) end
from cairn.definition_indexes o left join there t on t.name = o.name
where o.customer_id = d.customer_id and o.name = d.name
    and (d.state = 'building' or d.state = 'valid' and t.name is null or d.state = 'wanted' and t.name is not null)
