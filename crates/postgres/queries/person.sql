-- A person's handle.
select handle from cairn.users where customer_id = $1 and user_id = $2
