select id, name, zone, write_key, created_at
from projects
order by id
