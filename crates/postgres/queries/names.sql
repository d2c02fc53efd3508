-- The names of properties, and whether they are of users.
select kind = 'u', name from cairn.names where customer_id = $1 order by kind, name
