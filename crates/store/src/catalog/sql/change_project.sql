update projects
set name = ?2, zone = ?3, retention_days = ?4, masks = ?5
where id = ?1
