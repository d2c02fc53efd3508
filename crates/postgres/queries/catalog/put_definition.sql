-- Creates or replaces a definition.
with changed as (update cairn.database set catalog_version = catalog_version + 1)
insert into cairn.definitions (customer_id, name, predicate, created_at) values ($1, $2, $3, $4)
on conflict (customer_id, name) do update set predicate = excluded.predicate, created_at = excluded.created_at
