select dashboard, report, width
from tiles
where project = ?1
order by dashboard, place
