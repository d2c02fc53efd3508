-- Some persons.
select user_id, handle, properties::text
from cairn.users
where customer_id = $1 and user_id = any ($2::bigint[])
