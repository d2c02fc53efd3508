-- Removes a former key.
with changed as (update cairn.database set catalog_version = catalog_version + 1)
delete from cairn.former_keys where customer_id = $1 and key = $2
