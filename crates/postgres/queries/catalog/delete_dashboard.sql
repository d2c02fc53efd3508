-- Removes a dashboard with its tiles.
delete from cairn.dashboards where customer_id = $1 and id = $2
