select people from lists where project = ?1 and name = ?2
