-- Every user id with its person.
select coalesce(i.original_user_id, u.user_id) as id, u.handle, u.properties::text
from cairn.users u
left join cairn.identities i on i.customer_id = u.customer_id and i.user_id = u.user_id
where u.customer_id = $1
order by id
