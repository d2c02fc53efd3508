select name, predicate, created_at
from definitions
where project = ?1
order by name
