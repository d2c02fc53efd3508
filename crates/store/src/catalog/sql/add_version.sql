insert into definition_versions (project, name, version, predicate, created_at)
select ?1, ?2, coalesce(max(version), 0) + 1, ?3, ?4
from definition_versions
where project = ?1 and name = ?2
