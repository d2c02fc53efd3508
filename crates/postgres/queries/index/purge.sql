-- Forgets definitions that no project has, once their indexes are gone.
delete from cairn.definition_indexes where not defined
