-- Gives a definition another name; its versions follow.
with changed as (update cairn.database set catalog_version = catalog_version + 1)
update cairn.definitions set name = $3 where customer_id = $1 and name = $2
