-- All projects.
select customer_id, name, zone, write_key, created_at, retention_days, masks from cairn.projects order by customer_id
