-- All that messages other than events said of users.
select original_user_id, kind, name, time, received_at, value::text
from cairn.facts
where customer_id = $1
