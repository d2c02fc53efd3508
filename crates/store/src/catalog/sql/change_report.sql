update reports
set name = ?3, state = ?4, changed_at = ?5
where project = ?1 and id = ?2
