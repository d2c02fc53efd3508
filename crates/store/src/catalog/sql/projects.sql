select id, name, zone, write_key, created_at, retention_days, masks
from projects
order by id
