-- The saved reports of a project.
select id, name, kind, state, created_at, changed_at from cairn.reports where customer_id = $1 order by name
