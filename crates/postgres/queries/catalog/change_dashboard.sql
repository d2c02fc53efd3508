-- Changes a dashboard, but for its tiles.
update cairn.dashboards set name = $3, changed_at = $4 where customer_id = $1 and id = $2
