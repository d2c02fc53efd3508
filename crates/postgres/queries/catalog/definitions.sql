-- The definitions of a project.
select name, predicate, created_at from cairn.definitions where customer_id = $1 order by name
