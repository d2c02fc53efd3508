-- Persons whose properties satisfy a condition.
select u.user_id, {columns}
from cairn.users u
where u.customer_id = $1 and ({any})
