-- Up to when user ids are erased.
select original_user_id, at from cairn.erasures where customer_id = $1
