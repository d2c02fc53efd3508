-- Removes a definition.
with changed as (update cairn.database set catalog_version = catalog_version + 1)
delete from cairn.definitions where customer_id = $1 and name = $2
