-- Removes all tiles of a dashboard.
delete from cairn.tiles where customer_id = $1 and dashboard = $2
