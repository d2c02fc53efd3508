-- The persons that user ids belong to.
select coalesce(i.user_id, id)
from unnest($2::bigint[]) id
left join cairn.identities i on i.customer_id = $1 and i.original_user_id = id
