-- Every user id with its person.
select coalesce(b.original_user_id, u.user_id) as id, u.handle, u.properties::text
from cairn.users u
left join cairn.members b on b.customer_id = u.customer_id and b.user_id = u.user_id
where u.customer_id = $1
order by id
