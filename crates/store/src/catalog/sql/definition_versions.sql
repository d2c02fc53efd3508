select version, predicate, created_at
from definition_versions
where project = ?1 and name = ?2
order by version desc
