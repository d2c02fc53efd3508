-- How many events of some user ids are in the answers.
select count(*)
from (select distinct unnest($2::bigint[]) as id) k
left join cairn.identities i on i.customer_id = $1 and i.original_user_id = k.id
join cairn.events e on e.customer_id = $1 and e.user_id = coalesce(i.user_id, k.id) and e.original_user_id = k.id
