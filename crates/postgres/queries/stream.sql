-- A page of one person's events, newest first.
select original_user_id, event_id, time, type, data::text, received_at
from cairn.events
where customer_id = $1 and user_id = $2 and time >= $3 and time < $4
    and (time, event_id, original_user_id) < ($5, $6, $7)
    and ($8 or ((data -> 'bot') = 'true') is not true)
order by time desc, event_id desc, original_user_id desc
limit $9
