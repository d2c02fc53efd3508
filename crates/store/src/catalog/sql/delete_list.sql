delete from lists where project = ?1 and name = ?2
