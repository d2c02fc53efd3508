-- Adds the newest version of a definition.
insert into cairn.definition_versions (customer_id, name, version, predicate, created_at)
select $1::bigint, $2::text, coalesce(max(version), 0) + 1, $3::text, $4::bigint from cairn.definition_versions where customer_id = $1 and name = $2
