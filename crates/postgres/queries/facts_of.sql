-- What messages other than events said of some user ids.
select original_user_id, kind, name, time, received_at, value::text
from cairn.facts
where customer_id = $1 and original_user_id = any ($2::bigint[])
