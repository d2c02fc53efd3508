-- Some events, by event id, original user id and person.
select e.event_id, e.original_user_id, e.time, e.type, e.data::text, e.received_at, u.handle
from unnest($2::bigint[], $3::bigint[], $4::bigint[]) as k (event_id, original_user_id, user_id)
join cairn.events e on e.customer_id = $1 and e.user_id = k.user_id
    and e.event_id = k.event_id and e.original_user_id = k.original_user_id
join cairn.users u on u.customer_id = e.customer_id and u.user_id = e.user_id
where e.user_id = any ($4)
