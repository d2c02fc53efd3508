-- Removes all but so many of the newest versions of a definition.
delete from cairn.definition_versions
where customer_id = $1 and name = $2
    and version <= (select max(version) - $3 from cairn.definition_versions where customer_id = $1 and name = $2)
