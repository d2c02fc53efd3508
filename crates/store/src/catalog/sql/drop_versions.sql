delete from definition_versions
where project = ?1 and name = ?2
    and version <= (select max(version) - ?3 from definition_versions where project = ?1 and name = ?2)
