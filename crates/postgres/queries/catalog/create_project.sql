-- Makes a project.
with changed as (update cairn.database set catalog_version = catalog_version + 1)
insert into cairn.projects (name, zone, write_key, created_at) values ($1, $2, $3, $4)
returning customer_id
