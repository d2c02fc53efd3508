-- Saves a report.
insert into cairn.reports (customer_id, name, kind, state, created_at, changed_at) values ($1, $2, $3, $4, $5, $5)
returning id
