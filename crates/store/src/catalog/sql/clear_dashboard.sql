delete from tiles
where project = ?1 and dashboard = ?2
