-- Removes a list.
delete from cairn.lists where customer_id = $1 and name = $2
