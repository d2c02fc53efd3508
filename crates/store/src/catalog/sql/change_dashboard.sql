update dashboards
set name = ?3, changed_at = ?4
where project = ?1 and id = ?2
