-- The user ids that belong to some handles.
select user_id, original_user_id
from cairn.members
where customer_id = $1 and user_id = any ($2::bigint[])
order by user_id, original_user_id
