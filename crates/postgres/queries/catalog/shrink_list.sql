-- Leaves fewer people in a list.
update cairn.lists set size = $3, people = $4 where customer_id = $1 and name = $2
