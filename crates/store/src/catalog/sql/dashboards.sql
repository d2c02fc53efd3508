select id, name, created_at, changed_at
from dashboards
where project = ?1
order by name
