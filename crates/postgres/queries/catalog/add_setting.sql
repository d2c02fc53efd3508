-- Creates a setting unless there is one.
with changed as (update cairn.database set catalog_version = catalog_version + 1)
insert into cairn.settings (name, value) values ($1, $2)
on conflict (name) do nothing
