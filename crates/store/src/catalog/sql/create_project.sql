insert into projects (name, zone, write_key, created_at)
values (?1, ?2, ?3, ?4)
returning id
