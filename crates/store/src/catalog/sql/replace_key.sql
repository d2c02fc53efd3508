update projects
set write_key = ?2
where id = ?1
