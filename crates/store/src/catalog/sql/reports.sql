select id, name, kind, state, created_at, changed_at
from reports
where project = ?1
order by name
