-- The lists of people of a project.
select name, size, created_at from cairn.lists where customer_id = $1 order by name
