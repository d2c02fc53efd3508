-- Puts a report on a dashboard.
insert into cairn.tiles (customer_id, dashboard, place, report, width) values ($1, $2, $3, $4, $5)
