delete from reports
where project = ?1 and id = ?2
