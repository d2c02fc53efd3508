-- Asks for the index of a definition. One that failed is tried anew; one that nobody uses comes back when a question does.
insert into cairn.definition_indexes as d (customer_id, name, predicate, parts, ddl)
values ($1, $2, $3::text::jsonb, $4, $5)
on conflict (customer_id, name) do update
    set defined = true, state = 'wanted', tries = 0, next_try_at = now(),
        used_at = case when d.defined then d.used_at else now() end
    where not d.defined or d.state = 'failed'
