-- Creates or replaces a list.
insert into cairn.lists (customer_id, name, size, people, created_at) values ($1, $2, $3, $4, $5)
on conflict (customer_id, name) do update
set size = excluded.size, people = excluded.people, created_at = excluded.created_at
