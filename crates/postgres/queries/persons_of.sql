-- The persons that user ids belong to, of those that are identified.
select original_user_id, user_id
from cairn.identities
where customer_id = $1 and original_user_id = any ($2::bigint[])
