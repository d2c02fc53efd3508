-- Keeps a project's write key as a former one.
with changed as (update cairn.database set catalog_version = catalog_version + 1)
insert into cairn.former_keys (key, customer_id, replaced_at)
select write_key, customer_id, $2::bigint from cairn.projects where customer_id = $1
