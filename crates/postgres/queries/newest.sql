-- The events received last, newest first: of the last hours, or of all.
select e.event_id, e.original_user_id, e.time, e.type, e.data::text, e.received_at, u.handle
from cairn.events e
join cairn.users u on u.customer_id = e.customer_id and u.user_id = e.user_id
where e.customer_id = $1
    and ($3::bigint is null or e.received_at >= (extract(epoch from now()) * 1000)::bigint - $3 * 3600000)
order by e.received_at desc, e.time desc, e.event_id desc
limit $2
