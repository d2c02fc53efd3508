delete from former_keys
where project = ?1 and key = ?2
