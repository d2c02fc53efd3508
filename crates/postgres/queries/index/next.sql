-- The index to be built next, as long as there are fewer than so many: the one that was asked for first.
update cairn.definition_indexes d set state = 'building'
from (
    select customer_id, name from cairn.definition_indexes
    where state = 'wanted' and defined and next_try_at <= now()
        and (select count(*) from cairn.definition_indexes where state = 'valid') < $1
    order by next_try_at, made_at, name
    limit 1) n
where d.customer_id = n.customer_id and d.name = n.name
returning d.customer_id, d.name, d.ddl, d.tries
