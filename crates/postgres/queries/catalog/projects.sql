-- All projects.
select customer_id, name, zone, write_key, created_at from cairn.projects order by customer_id
