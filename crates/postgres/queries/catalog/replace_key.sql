-- Gives a project another write key.
with changed as (update cairn.database set catalog_version = catalog_version + 1)
update cairn.projects set write_key = $2 where customer_id = $1
