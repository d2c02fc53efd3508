select key, replaced_at
from former_keys
where project = ?1
order by replaced_at desc, key
