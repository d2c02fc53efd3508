-- Changes a project.
with changed as (update cairn.database set catalog_version = catalog_version + 1)
update cairn.projects set name = $2, zone = $3, retention_days = $4, masks = $5 where customer_id = $1
