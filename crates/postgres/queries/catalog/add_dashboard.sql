-- Makes a dashboard.
insert into cairn.dashboards (customer_id, name, created_at, changed_at) values ($1, $2, $3, $3) returning id
