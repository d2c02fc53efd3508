-- The dashboards of a project.
select id, name, created_at, changed_at from cairn.dashboards where customer_id = $1 order by name
