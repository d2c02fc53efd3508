-- The versions of a definition, newest first.
select version, predicate, created_at from cairn.definition_versions where customer_id = $1 and name = $2 order by version desc
