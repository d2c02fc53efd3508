-- How many events of some persons are of some of their user ids.
select count(*)
from cairn.events
where customer_id = $1 and user_id = any ($2::bigint[]) and original_user_id = any ($3::bigint[])
