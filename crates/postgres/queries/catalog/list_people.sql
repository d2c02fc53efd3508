-- Who is in a list.
select people from cairn.lists where customer_id = $1 and name = $2
