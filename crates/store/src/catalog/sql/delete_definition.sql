delete from definitions
where project = ?1 and name = ?2
