insert into reports (project, name, kind, state, created_at, changed_at)
values (?1, ?2, ?3, ?4, ?5, ?5)
returning id
