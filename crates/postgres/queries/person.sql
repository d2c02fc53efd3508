-- The handle of the person that a user id belongs to.
select u.handle
from cairn.identities i
join cairn.users u on u.customer_id = i.customer_id and u.user_id = i.user_id
where i.customer_id = $1 and i.original_user_id = $2
