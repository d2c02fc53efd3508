select name, size, created_at from lists where project = ?1 order by name
