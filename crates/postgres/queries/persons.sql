-- All persons, each with the value that a list is in the order of.
select user_id, handle, (properties -> $2::text)::text
from cairn.users
where customer_id = $1
