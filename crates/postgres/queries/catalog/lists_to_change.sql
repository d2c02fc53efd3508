-- The lists of a project with their people, which nobody else changes until the transaction ends.
select name, people from cairn.lists where customer_id = $1 order by name for update
