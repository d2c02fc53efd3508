delete from dashboards
where project = ?1 and id = ?2
