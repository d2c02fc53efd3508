-- The user ids that belong to a handle.
select original_user_id
from cairn.members
where customer_id = $1 and user_id = cairn.canonical_user($2::text)
order by original_user_id
