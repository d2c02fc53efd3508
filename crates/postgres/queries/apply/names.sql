-- Notes names of properties.
insert into cairn.names
select $1, $2::text::"char", new.name from unnest($3::text[]) as new (name)
where not exists (
    select from cairn.names n where n.customer_id = $1 and n.kind = $2::text::"char" and n.name = new.name)
order by new.name
on conflict do nothing
