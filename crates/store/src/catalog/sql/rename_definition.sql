update definitions
set name = ?3
where project = ?1 and name = ?2
