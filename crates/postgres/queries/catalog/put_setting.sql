-- Creates or replaces a setting.
with changed as (update cairn.database set catalog_version = catalog_version + 1)
insert into cairn.settings (name, value) values ($1, $2)
on conflict (name) do update set value = excluded.value
