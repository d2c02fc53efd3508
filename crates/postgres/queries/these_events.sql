-- Some events, by event id and original user id.
select e.event_id, e.original_user_id, e.time, e.type, e.data::text, e.received_at, u.handle
from unnest($2::bigint[], $3::bigint[]) as k (event_id, original_user_id)
left join cairn.identities i on i.customer_id = $1 and i.original_user_id = k.original_user_id
join cairn.events e on e.customer_id = $1 and e.user_id = coalesce(i.user_id, k.original_user_id)
    and e.event_id = k.event_id and e.original_user_id = k.original_user_id
join cairn.users u on u.customer_id = e.customer_id and u.user_id = e.user_id
