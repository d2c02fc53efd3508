-- Definitions that a project no longer has.
update cairn.definition_indexes set defined = false
where customer_id = $1 and defined and name <> all ($2)
