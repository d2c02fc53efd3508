insert into former_keys (key, project, replaced_at)
select write_key, id, ?2
from projects
where id = ?1
